//! `dosewave simulate`

use super::{configuration, say};
use crate::args::{Shared, Simulate, Treatment};
use anyhow::Result;
use dosewave::io;
use dosewave::study::simulate::{Arm, SimulationParams, expected_session, simulate_recording};
use dosewave::study::write_text;
use serde_json::json;
use std::process::ExitCode;

pub(crate) fn run(args: &Simulate, shared: &Shared) -> Result<ExitCode> {
    let config = configuration(shared)?;
    let params = SimulationParams::default();
    let subject = u64::from(args.subject);
    let arm = match args.treatment {
        Treatment::Ketamine => Arm::Ketamine,
        Treatment::Placebo => Arm::Placebo,
    };
    let recording = simulate_recording(&params, config.seed, subject, arm)?;
    io::write(&recording, &args.out)?;
    let (before, after) = params.states(config.seed, subject, arm);
    let expected = expected_session(&params, &config, config.seed, subject, arm)?;
    let truth = json!({
        "simulation": params,
        "seed": config.seed,
        "subject": subject,
        "treatment": arm,
        "sources_before": before,
        "sources_after": after,
        "expected_changes": {
            "low_gamma_db": expected.low_gamma_db,
            "high_gamma_db": expected.high_gamma_db,
            "alpha_db": expected.alpha_db,
            "aperiodic_exponent": expected.exponent,
            "wpli2_debiased.low_gamma_frontal-parietal": expected.wpli2,
        },
    });
    let beside = args.out.with_extension("truth.json");
    write_text(&beside, &(serde_json::to_string_pretty(&truth)? + "\n"))?;
    say(shared, &format!("wrote {} and {}", args.out.display(), beside.display()));
    Ok(ExitCode::SUCCESS)
}
