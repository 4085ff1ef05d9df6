//! `dosewave info`

use crate::args::Info;
use crate::{exit, print};
use anyhow::{Error, Result};
use dosewave::eeg::{Annotation, Channel, ChannelKind, Header};
use dosewave::io::{self, Limits};
use serde_json::{Value, json};
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;

pub(crate) fn run(args: &Info) -> Result<ExitCode> {
    let mut found = Vec::new();
    let mut last_error = None;
    for file in &args.files {
        match io::open(file, &Limits::default()) {
            Ok(reader) => found.push((file.as_path(), reader.header().clone())),
            Err(error) => {
                let error = Error::from(error);
                eprintln!("dosewave: {}", exit::chain(&error));
                last_error = Some(exit::code(&error));
            }
        }
    }
    if args.json {
        let all: Result<Vec<Value>> = found.iter().map(|(file, header)| as_json(file, header)).collect();
        print::json(&all?)?;
    } else {
        for (i, (file, header)) in found.iter().enumerate() {
            print::out(&format!("{}{}", if i > 0 { "\n" } else { "" }, as_text(file, header)))?;
        }
    }
    Ok(match last_error {
        None => ExitCode::SUCCESS,
        Some(code) if found.is_empty() => ExitCode::from(code),
        Some(_) => ExitCode::from(exit::SOME_FAILED),
    })
}

fn as_json(file: &Path, header: &Header) -> Result<Value> {
    let mut value = json!({ "file": file.display().to_string() });
    if let (Some(object), Value::Object(fields)) = (value.as_object_mut(), serde_json::to_value(header)?) {
        object.insert("duration_s".into(), json!(header.end().0));
        object.insert("recorded_s".into(), json!(header.recorded().0));
        object.insert("n_times".into(), json!(header.n_times()));
        object.extend(fields);
    }
    Ok(value)
}

fn as_text(file: &Path, header: &Header) -> String {
    let mut text = String::new();
    let _ = writeln!(text, "{}", file.display());
    let _ = writeln!(text, "  format       {}", header.format);
    let _ = writeln!(text, "  channels     {} at {}: {}", header.n_channels(), header.sfreq, names(header));
    channels(&mut text, header);
    let _ = writeln!(
        text,
        "  start        {}",
        header.start.map_or_else(|| "not recorded".into(), |t| t.to_string())
    );
    let _ = writeln!(text, "  length       {} ({} samples)", clock(header.recorded().0), header.n_times());
    if header.runs.len() > 1 {
        let _ = writeln!(
            text,
            "  runs         {} with pauses between them, {} in all",
            header.runs.len(),
            clock(header.end().0)
        );
        for run in &header.runs {
            let _ = writeln!(text, "    {:>12.3} s – {:.3} s", run.onset.0, run.end(header.sfreq).0);
        }
    }
    if let Some(low_pass) = header.low_pass() {
        let _ = writeln!(text, "  low-pass     {low_pass} (recorded)");
    }
    for signal in &header.other_signals {
        let _ = writeln!(
            text,
            "  other rate   {} at {} ({} samples{}{})",
            signal.name,
            signal.sfreq,
            signal.n_samples,
            if signal.unit.is_empty() { "" } else { ", " },
            signal.unit
        );
    }
    annotations(&mut text, header);
    for note in &header.notes {
        let _ = writeln!(text, "  note         {note}");
    }
    text
}

/// Kinds and units, where they are not those of every EEG channel, and impedances.
fn channels(text: &mut String, header: &Header) {
    let is_plain = |c: &&Channel| c.kind == ChannelKind::Eeg && c.is_voltage() && c.recorded_unit.is_none();
    for channel in header.channels.iter().filter(|c| !is_plain(c)).take(20) {
        let kind = format!("{:?}", channel.kind).to_uppercase();
        let recorded =
            channel.recorded_unit.as_ref().map_or(String::new(), |unit| format!(", recorded in {unit}"));
        let _ = writeln!(text, "    {:<12} {kind}, {}{recorded}", channel.name, channel.unit);
    }
    let others = header.channels.iter().filter(|c| !is_plain(c)).count().saturating_sub(20);
    if others > 0 {
        let _ = writeln!(text, "    … {others} more that are no plain EEG; --json lists all");
    }
    let known = || header.channels.iter().filter_map(|c| Some((c, c.impedance_kohm?)));
    if let Some((worst, kohm)) = known().max_by(|a, b| a.1.total_cmp(&b.1)) {
        let n = known().count();
        let _ = writeln!(text, "  impedances   {n} recorded, the highest {kohm} kΩ at {}", worst.name);
    }
}

/// The annotations one by one; many of them by label first.
fn annotations(text: &mut String, header: &Header) {
    const SHOWN: usize = 20;
    let all = &header.annotations;
    if all.is_empty() {
        return;
    }
    let _ = writeln!(text, "  annotations  {}", all.len());
    if all.len() > SHOWN {
        let mut labels: Vec<(&str, usize, &Annotation)> = Vec::new();
        for a in all {
            match labels.iter_mut().find(|(label, ..)| *label == a.label) {
                Some((_, n, _)) => *n += 1,
                None => labels.push((&a.label, 1, a)),
            }
            if labels.len() > SHOWN {
                break;
            }
        }
        if labels.len() <= SHOWN {
            for (label, n, first) in labels {
                let _ = writeln!(text, "    {n:>6} × {label}, first at {:.3} s", first.onset.0);
            }
            return;
        }
    }
    for a in all.iter().take(SHOWN) {
        let length = if a.duration.0 > 0.0 { format!(" for {:.3} s", a.duration.0) } else { String::new() };
        let _ = writeln!(text, "    {:>12.3} s  {}{length}", a.onset.0, a.label);
    }
    if all.len() > SHOWN {
        let _ = writeln!(text, "    … {} more; --json lists all", all.len() - SHOWN);
    }
}

fn names(header: &Header) -> String {
    let names = header.ch_names();
    match names.len() {
        0..=40 => names.join(" "),
        n => {
            format!("{} … {}", names.get(..20).unwrap_or_default().join(" "), names.get(n - 1).unwrap_or(&""))
        }
    }
}

fn clock(seconds: f64) -> String {
    let whole = seconds.floor();
    let (h, m, s) =
        ((whole / 3600.0).floor(), (whole / 60.0).floor() % 60.0, seconds - (whole / 60.0).floor() * 60.0);
    if h > 0.0 { format!("{h}:{m:02}:{s:06.3} h") } else { format!("{m}:{s:06.3} min") }
}
