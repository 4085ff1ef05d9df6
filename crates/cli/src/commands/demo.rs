//! `dosewave demo`

use super::{configuration, execution, output, say, say_notes};
use crate::args::{Demo, Shared};
use crate::print;
use anyhow::{Context, Result, bail};
use dosewave::io;
use dosewave::study::simulate::{
    Arm, Expected, SimulationParams, expected_session, simulate_recording, truth_rows,
};
use dosewave::study::{self, Config, Study, TruthRow, write_text};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

const ARMS: [Arm; 2] = [Arm::Ketamine, Arm::Placebo];

pub(crate) fn run(args: &Demo, shared: &Shared) -> Result<ExitCode> {
    if shared.config.is_some() {
        bail!("demo brings its own configuration; change single options with --set");
    }
    output::check_folder(&args.out)?;
    let params = SimulationParams::default();
    let seed = configuration(shared)?.seed;
    let n_subjects = u64::from(args.subjects);
    let study_file = args.out.join("study.toml");
    say(
        shared,
        &format!(
            "simulating {n_subjects} subjects × 2 sessions into {}",
            args.out.join("recordings").display()
        ),
    );
    simulate(&args.out, &params, seed, n_subjects)?;
    write_text(&study_file, &study_toml(&params, seed))?;
    say(shared, "analysing");
    let study = Study::from_toml(&study_file, &shared.set)?;
    let mut results = study::run(&study.sessions, &study.config, &execution(shared))?;
    "Simulated ketamine crossover".clone_into(&mut results.title);
    let [ketamine, placebo] = truth(&params, &study.config, seed, n_subjects)?;
    results.truth = truth_rows(&ketamine, &placebo, &results.contrasts);
    output::write_all(&results, &args.out)?;
    say_notes(shared, &results);
    let covered = results.truth.iter().filter(|row| row.covered).count();
    print::out(&format!(
        "{}\n{covered} of {} planted changes lie within the 95 % interval of their estimate\nreport: {}\n",
        table(&results.truth),
        results.truth.len(),
        args.out.join("report.html").display()
    ))?;
    Ok(output::exit_code(&results.sessions))
}

/// Writes the recordings and their table.
fn simulate(out: &Path, params: &SimulationParams, seed: u64, n_subjects: u64) -> Result<()> {
    let folder = out.join("recordings");
    std::fs::create_dir_all(&folder)
        .with_context(|| format!("{}: cannot make the folder", folder.display()))?;
    let mut table = "subject\tsession\ttreatment\tfile\tdose_at\n".to_owned();
    for subject in 0..n_subjects {
        // every second subject gets placebo first
        let order = if subject % 2 == 0 { ARMS } else { [ARMS[1], ARMS[0]] };
        for (session, arm) in (1..).zip(order) {
            let (name, arm_name) = (format!("sub-{:02}", subject + 1), arm.name());
            let file = format!("{name}_ses-{session}_eeg.edf");
            io::write(&simulate_recording(params, seed, subject, arm)?, folder.join(&file))?;
            let _ = writeln!(table, "{name}\tses-{session}\t{arm_name}\t{file}\t{arm_name} infusion");
        }
    }
    Ok(write_text(&folder.join("sessions.tsv"), &table)?)
}

fn study_toml(params: &SimulationParams, seed: u64) -> String {
    format!(
        "# the study that `dosewave demo` analyses; run it again with: dosewave run study.toml\n\
         seed = {seed}\n\n\
         [sessions]\ntable = \"recordings/sessions.tsv\"\n\n\
         [windows]\nbaseline = [\"-{} s\", \"0 s\"]\npost = [[\"{} s\", \"{} s\"]]\n\n\
         [dosing]\ndrug = \"ketamine (simulated)\"\n",
        params.baseline_s,
        params.infusion_s,
        params.infusion_s + params.post_s
    )
}

/// What was planted in each subject, per arm.
fn truth(
    params: &SimulationParams,
    config: &Config,
    seed: u64,
    n_subjects: u64,
) -> Result<[Vec<Expected>; 2]> {
    let of = |arm| -> Result<Vec<Expected>> {
        (0..n_subjects).map(|subject| Ok(expected_session(params, config, seed, subject, arm)?)).collect()
    };
    Ok([of(Arm::Ketamine)?, of(Arm::Placebo)?])
}

fn table(rows: &[TruthRow]) -> String {
    let mut text = format!(
        "{:<58} {:>8} {:>9} {:>20}\n",
        "ketamine - placebo, post - baseline", "truth", "estimate", "95 % interval"
    );
    for row in rows {
        let what = row.what.trim_end_matches(", ketamine - placebo");
        let interval = format!("[{:+.3}, {:+.3}]", row.ci_low, row.ci_high);
        let mark = if row.covered { "" } else { "  outside" };
        let unit =
            if row.unit == dosewave::eeg::Unit::One { String::new() } else { format!(", {}", row.unit) };
        let _ = writeln!(
            text,
            "{:<58} {:>+8.3} {:>+9.3} {interval:>20}{mark}",
            format!("{what}{unit}"),
            row.truth,
            row.estimate
        );
    }
    text
}
