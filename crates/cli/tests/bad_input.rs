//! Whatever is wrong has a message of its own: what, where, what to do. Nothing is written, and memory stays bounded.
#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

mod common;

use common::{FAST, command, dosewave, names, noise, one_with_dose, pair, patched, said};
use std::path::Path;

const USAGE: i32 = 2;
const UNREADABLE: i32 = 3;

/// Where fields of an EDF header of two signals and one of annotations stand.
mod edf {
    pub(crate) const RECORDS: usize = 236;
    pub(crate) const SIGNALS: usize = 252;
    const N: usize = 3;
    const START: usize = 256;
    pub(crate) const DIGITAL_MIN: usize = START + N * (16 + 80 + 8 + 8 + 8);
    pub(crate) const FILTERS: usize = DIGITAL_MIN + N * 16;
    pub(crate) const SAMPLES: usize = FILTERS + N * 80;
}

/// Runs and checks what holds of every refusal; the words must all be in the message.
fn refused(folder: &Path, arguments: &[&str], code: i32, words: &[&str]) {
    let arguments: Vec<&str> = arguments.iter().chain(&FAST).copied().collect();
    let before = names(folder);
    let said = dosewave(folder, &arguments);
    assert_eq!(said.code, code, "{arguments:?}: {}", said.err);
    assert_eq!(said.out, "", "{arguments:?}");
    for word in words {
        assert!(said.err.contains(word), "{arguments:?} does not say '{word}': {}", said.err);
    }
    assert!(!said.err.contains("panicked") && said.err.len() < 1500, "{}", said.err);
    assert_eq!(names(folder), before, "{arguments:?} left something behind");
}

fn before_is(folder: &Path, file: &str, words: &[&str]) {
    refused(folder, &["compare", file, "post.edf", "-o", "out"], UNREADABLE, words);
}

#[test]
fn files_that_are_no_recordings() {
    let folder = pair();
    let path = folder.path();
    std::fs::write(path.join("empty.edf"), "").unwrap();
    std::fs::write(path.join("text.edf"), "subject,session\n".repeat(40)).unwrap();
    std::fs::write(path.join("data.xyz"), "abc").unwrap();
    before_is(path, "nowhere.edf", &["nowhere.edf", "no such file", "check the path"]);
    before_is(path, ".", &["a folder, not a recording; name a file in it"]);
    before_is(path, "empty.edf", &["empty.edf", "the file is empty", "it reads EDF"]);
    before_is(path, "text.edf", &["text.edf", "the name says EDF", "subject,session"]);
    before_is(path, "data.xyz", &["data.xyz", "\"abc\"", "it reads EDF"]);
}

#[test]
fn a_wrong_ending_does_not_matter_when_the_content_is_known() {
    let folder = pair();
    std::fs::rename(folder.path().join("pre.edf"), folder.path().join("pre.vhdr")).unwrap();
    let said = dosewave(folder.path(), &["info", "pre.vhdr"]);
    assert_eq!((said.code, said.err.as_str()), (0, ""));
    assert!(said.out.contains("format       EDF+C"), "{}", said.out);
}

#[test]
fn a_header_cut_anywhere_says_where() {
    let folder = pair();
    let whole = std::fs::read(folder.path().join("pre.edf")).unwrap();
    for n in (8..edf::SAMPLES).step_by(61) {
        std::fs::write(folder.path().join("cut.edf"), &whole[..n]).unwrap();
        before_is(folder.path(), "cut.edf", &["cut.edf: EDF", "at byte", "truncated"]);
    }
}

#[test]
fn headers_that_lie_are_named_by_field() {
    let folder = pair();
    let path = folder.path();
    patched(path, "pre.edf", "zero.edf", edf::SIGNALS, "0   ");
    before_is(path, "zero.edf", &["zero.edf", "number of signals at byte 252", "at least one"]);
    patched(path, "pre.edf", "flat.edf", edf::DIGITAL_MIN, "32767   ");
    before_is(path, "flat.edf", &["flat.edf", "digital minimum and maximum of 'Fz'", "32767 and 32767"]);
}

#[test]
fn huge_claims_cost_nothing() {
    let folder = pair();
    let path = folder.path();
    patched(path, "pre.edf", "channels.edf", edf::SIGNALS, "9999");
    patched(path, "pre.edf", "samples.edf", edf::SAMPLES, "99999999");
    dosewave::io::write(&noise(5.0, 1), path.join("bv.vhdr")).unwrap();
    let header = std::fs::read_to_string(path.join("bv.vhdr")).unwrap();
    let many = header.replace("NumberOfChannels=2", "NumberOfChannels=1000000000");
    std::fs::write(path.join("many.vhdr"), many).unwrap();
    for (file, word) in [
        ("channels.edf", "the number of channels is 9999, the limit is 4096"),
        ("samples.edf", "the first data record at byte 1024 is"),
        ("many.vhdr", "the number of channels is 1000000000"),
    ] {
        // 600 MB of address space: the program, its threads, and no room for what is claimed
        let program = env!("CARGO_BIN_EXE_dosewave");
        let line = format!("ulimit -v 600000; exec {program} compare {file} post.edf -o out -j 1");
        let mut shell = std::process::Command::new("sh");
        let said = said(shell.arg("-c").arg(line).current_dir(path).output().unwrap());
        assert!([USAGE, UNREADABLE].contains(&said.code), "{file}: {said:?}");
        assert!(said.err.contains(word) && !said.err.contains("memory allocation"), "{file}: {}", said.err);
        assert_eq!(names(&path.join("out")), [""; 0]);
    }
}

#[test]
fn a_record_count_that_lies_is_read_as_far_as_the_file_goes_and_noted() {
    let folder = pair();
    let path = folder.path();
    for (count, word) in [("-1      ", "-1"), ("99999999", "truncated: the header claims 99999999 records")] {
        patched(path, "pre.edf", "count.edf", edf::RECORDS, count);
        let arguments: Vec<&str> =
            ["compare", "count.edf", "post.edf", "-o", "out", "-q"].into_iter().chain(FAST).collect();
        let said = dosewave(path, &arguments);
        assert_eq!(said.code, 0, "{}", said.err);
        let results = std::fs::read_to_string(path.join("out/results.json")).unwrap();
        assert!(results.contains(word), "{count}: no note");
        let page = std::fs::read_to_string(path.join("out/report.html")).unwrap();
        assert!(page.contains(word), "{count}: not in the report");
    }
}

#[test]
fn brainvision_files_that_are_missing_or_broken() {
    let folder = pair();
    let path = folder.path();
    dosewave::io::write(&noise(5.0, 1), path.join("bv.vhdr")).unwrap();
    let data = std::fs::read(path.join("bv.eeg")).unwrap();
    let mut broken = data.clone();
    broken[8 * 123 + 4..8 * 123 + 8].copy_from_slice(&f32::NAN.to_le_bytes());
    std::fs::write(path.join("bv.eeg"), broken).unwrap();
    before_is(path, "bv.vhdr", &["bv.eeg", "sample 123 of channel 'Pz' at byte 988 is NaN"]);
    std::fs::remove_file(path.join("bv.eeg")).unwrap();
    before_is(path, "bv.vhdr", &["bv.vhdr", "data file 'bv.eeg' is missing; copy it"]);
    std::fs::write(path.join("bv.eeg"), &data).unwrap();
    std::fs::remove_file(path.join("bv.vmrk")).unwrap();
    before_is(path, "bv.vhdr", &["bv.vhdr", "marker file 'bv.vmrk' is missing; copy it"]);
    before_is(path, "bv.eeg", &["bv.eeg", "open its header 'bv.vhdr' instead"]);
}

#[test]
fn doses_that_do_not_fit_the_recording() {
    let folder = pair();
    let path = folder.path();
    one_with_dose(path);
    for (at, words) in [
        ("100", &["the dose at 100 s", "outside the recording, which spans 0 to 60 s"][..]),
        ("-5", &["the dose at -5 s", "outside the recording"]),
        ("0", &["no baseline: the dose is at 0 s", "windows.baseline"]),
        ("propofol", &["no annotation is called 'propofol'", "'ketamine infusion'"]),
        ("1:xx", &["no annotation is called '1:xx'", "'ketamine infusion'"]),
        ("59.5", &["windows.post", "s"]),
    ] {
        refused(path, &["compare", "one.edf", "--dose-at", at, "-o", "out"], USAGE, words);
    }
    refused(path, &["compare", "one.edf", "-o", "out"], USAGE, &["<POST>"]);
    refused(path, &["compare", "one.edf", "post.edf", "--dose-at", "3"], USAGE, &["--dose-at"]);
}

#[test]
fn bands_that_the_recording_cannot_show() {
    let folder = pair();
    let path = folder.path();
    // asked for by the user: refused, with the option's name
    let settings =
        ["compare", "pre.edf", "post.edf", "-o", "out", "--set", "markers.low_gamma.band=[30,130]"];
    refused(
        path,
        &settings,
        USAGE,
        &["markers.low_gamma", "130 Hz reaches above 125 Hz", "half the sampling"],
    );
    // a default that the recorder's low-pass forbids: missing, with the reason in its row
    patched(path, "pre.edf", "slow.edf", edf::FILTERS, "HP:0.1Hz LP:30Hz");
    let arguments: Vec<&str> =
        ["compare", "slow.edf", "post.edf", "-o", "out", "-q"].into_iter().chain(FAST).collect();
    assert_eq!(dosewave(path, &arguments).code, 0);
    let table = std::fs::read_to_string(path.join("out/contrasts.tsv")).unwrap();
    let columns: Vec<&str> = table.lines().next().unwrap().split('\t').collect();
    let column = |name| columns.iter().position(|c| *c == name).unwrap();
    let rows: Vec<Vec<&str>> = table.lines().map(|line| line.split('\t').collect()).collect();
    let of = |marker| {
        rows.iter().find(|r| r[column("marker")] == marker && r[column("site")] == "global").unwrap()
    };
    let gamma = of("low_gamma");
    assert_eq!(gamma[column("change")], "");
    assert!(gamma[column("note")].contains("above 24 Hz, 0.8 × the recorded low-pass of 30 Hz"), "{gamma:?}");
    assert_ne!(of("alpha")[column("change")], "");
}

#[test]
fn epochs_that_are_all_rejected_name_the_channel_and_the_limit() {
    let folder = pair();
    let path = folder.path();
    let low = ["compare", "pre.edf", "post.edf", "-o", "out", "--set", "rejection.peak_to_peak_uv=1"];
    refused(
        path,
        &low,
        USAGE,
        &["window 'baseline'", "all 30 epochs were rejected", "exceeds 1 µV", "raise the limit"],
    );
    let flat = noise(0.0, 1);
    dosewave::io::write(&flat, path.join("flat.edf")).unwrap();
    let flat = ["compare", "flat.edf", "post.edf", "-o", "out"];
    refused(path, &flat, USAGE, &["all 30 epochs were rejected", "stays below 0.1 µV"]);
}

#[test]
fn options_that_are_wrong_are_named_with_what_is_meant() {
    let folder = pair();
    let path = folder.path();
    std::fs::write(path.join("typo.toml"), "[epochs]\nlenght = 2\n").unwrap();
    std::fs::write(path.join("broken.toml"), "epochs = [\n").unwrap();
    std::fs::write(path.join("file"), "").unwrap();
    for (extra, words) in [
        (
            ["--set", "epochs.lenght=3"],
            &["epochs.lenght: no such option", "did you mean 'epochs.length'"][..],
        ),
        (["--set", "epochs.length=-1"], &["epochs.length: -1", "above 0"]),
        (["--set", "epochs.length=abc"], &["epochs.length", "\"abc\""]),
        (["--config", "typo.toml"], &["typo.toml", "epochs.lenght", "did you mean"]),
        (["--config", "broken.toml"], &["broken.toml", "not valid TOML", "line 1"]),
        (["--config", "nowhere.toml"], &["nowhere.toml: cannot read the configuration"]),
        (["-o", "file"], &["--out file: file is a file, not a folder"]),
        (["-o", "file/out"], &["--out file/out: file is a file, not a folder"]),
        (["-j", "0"], &["invalid value '0'", "threads"]),
    ] {
        let mut arguments = vec!["compare", "pre.edf", "post.edf"];
        arguments.extend(extra);
        refused(path, &arguments, USAGE, words);
    }
    refused(path, &["markers", "pre.edf", "-m", "nonsense"], USAGE, &["no marker 'nonsense'; known: delta"]);
    refused(path, &["markers", "pre.edf", "--window", "5:2"], USAGE, &["the start must come before the end"]);
    refused(path, &["markers", "pre.edf", "--window", "90:95"], USAGE, &["90:95", "spans 0 to 60 s"]);
    refused(path, &["report", "nowhere"], USAGE, &["nowhere: cannot read results"]);
    refused(path, &["run", "pre.edf"], USAGE, &["pre.edf: not a text file", "TOML"]);
    refused(path, &["run", "typo.toml"], USAGE, &["sessions.table: missing"]);
    refused(path, &["convert", "pre.edf", "x.xyz"], USAGE, &["unknown ending '.xyz'; use .edf"]);
    refused(path, &["convert", "pre.edf", "./pre.edf"], USAGE, &["the same file"]);
    refused(path, &["convert", "pre.edf", "no/x.edf"], USAGE, &["there is no folder 'no'; make it first"]);
}

#[test]
fn a_study_goes_on_when_a_session_fails() {
    let folder = pair();
    let path = folder.path();
    one_with_dose(path);
    std::fs::write(path.join("study.toml"), "[sessions]\ntable = \"sessions.tsv\"\n").unwrap();
    let table = |files: [&str; 2]| {
        let rows: String = (1..)
            .zip(files)
            .map(|(i, file)| format!("sub-{i}\tses-1\tketamine\t{file}\tketamine infusion\n"))
            .collect();
        std::fs::write(
            path.join("sessions.tsv"),
            format!("subject\tsession\ttreatment\tfile\tdose_at\n{rows}"),
        )
        .unwrap();
    };
    let arguments: Vec<&str> = ["run", "study.toml", "-o", "out", "-q"].into_iter().chain(FAST).collect();
    table(["one.edf", "nowhere.edf"]);
    let some = dosewave(path, &arguments);
    assert_eq!(some.code, 1, "{}", some.err);
    assert!(
        some.err.contains("sub-2 ses-1: ") && some.err.contains("nowhere.edf: no such file"),
        "{}",
        some.err
    );
    assert!(std::fs::read_to_string(path.join("out/contrasts.tsv")).unwrap().contains("sub-1\tses-1"));
    table(["no.edf", "nowhere.edf"]);
    let none = dosewave(path, &arguments);
    assert_eq!(none.code, UNREADABLE, "{}", none.err);
    assert!(none.err.contains("no session could be analysed"), "{}", none.err);
}

#[test]
fn a_reader_that_goes_away_ends_the_command_quietly() {
    let folder = pair();
    for arguments in
        [&["config", "--default"][..], &["config", "--schema"], &["markers", "pre.edf"], &["list", "markers"]]
    {
        let mut child = command(folder.path())
            .args(arguments)
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped())
            .spawn()
            .unwrap();
        drop(child.stdout.take());
        let said = said(child.wait_with_output().unwrap());
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}");
    }
}
