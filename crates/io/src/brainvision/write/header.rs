//! The text of the header file.

use super::field;
use dosewave_eeg::{Channel, Hz, Recording};
use std::f64::consts::PI;

pub(super) fn text(recording: &Recording, stem: &str, resolutions: &[f64]) -> String {
    let channels = recording.channels();
    let mut lines = vec![
        "Brain Vision Data Exchange Header File Version 1.0".to_owned(),
        "; Written by dosewave".into(),
        String::new(),
        "[Common Infos]".into(),
        "Codepage=UTF-8".into(),
        format!("DataFile={stem}.eeg"),
        format!("MarkerFile={stem}.vmrk"),
        "DataFormat=BINARY".into(),
        "DataOrientation=MULTIPLEXED".into(),
        "DataType=TIMEDOMAIN".into(),
        format!("NumberOfChannels={}", channels.len()),
        format!("DataPoints={}", recording.header().n_times()),
        "; Microseconds".into(),
        format!("SamplingInterval={}", interval_us(recording.sfreq())),
        String::new(),
        "[Binary Infos]".into(),
        "BinaryFormat=IEEE_FLOAT_32".into(),
        String::new(),
        "[Channel Infos]".into(),
        "; Ch<number>=<name>,<reference>,<resolution>,<unit>".into(),
    ];
    let numbered = || (1..).zip(channels.iter());
    let entries = numbered().zip(resolutions);
    lines.extend(entries.map(|((i, c), r)| format!("Ch{i}={},,{r},{}", field(&c.name), field(&c.unit))));
    if channels.iter().any(|c| c.position.is_some()) {
        lines.extend([String::new(), "[Coordinates]".into(), "; Ch<number>=<radius>,<theta>,<phi>".into()]);
        lines.extend(numbered().map(|(i, c)| format!("Ch{i}={}", coordinates(c.position))));
    }
    lines.extend([String::new(), "[Comment]".into(), String::new()]);
    lines.extend(filters(channels));
    lines.extend(impedances(channels));
    lines.push(String::new());
    lines.join("\r\n")
}

/// The microseconds between samples from which a reader gets the very rate, where there are such.
fn interval_us(sfreq: Hz) -> f64 {
    let us = 1e6 / sfreq.0;
    let exact = [us, us.next_up(), us.next_down()].into_iter().find(|us| 1e6 / us == sfreq.0);
    exact.unwrap_or(us)
}

/// Radius 1, theta from the vertex (negative to the left) and phi from the right ear, in degrees; a radius of 0 for
/// unknown.
fn coordinates(position: Option<[f64; 3]>) -> String {
    let Some([x, y, z]) = position.filter(|p| p.iter().any(|v| *v != 0.0)) else { return "0,0,0".into() };
    let side = if x < 0.0 { -1.0 } else { 1.0 };
    let theta = side * x.hypot(y).atan2(z) * 180.0 / PI;
    let phi = (side * y).atan2(side * x) * 180.0 / PI;
    format!("1,{theta},{phi}")
}

/// The table of impedances as the recorder writes it; nothing where none is known.
fn impedances(channels: &[Channel]) -> Vec<String> {
    let known = channels.iter().filter_map(|c| Some((c, c.impedance_kohm?)));
    let rows: Vec<String> =
        known.map(|(c, kohm)| format!("{}: {kohm}", c.name.replace(['\r', '\n'], " "))).collect();
    let heading = (!rows.is_empty()).then(|| ["", "Impedance [kOhm] at 00:00:00 :"].map(str::to_owned));
    heading.into_iter().flatten().chain(rows).collect()
}

/// The edges of the filters that were applied, as the table of software filters; columns stand at least two blanks
/// apart.
fn filters(channels: &[Channel]) -> Vec<String> {
    let mut lines =
        vec!["S o f t w a r e  F i l t e r s".to_owned(), "==============================".into()];
    if channels.iter().all(|c| c.high_pass.is_none() && c.low_pass.is_none()) {
        lines.push("Disabled".into());
        return lines;
    }
    let edge = |edge: Option<Hz>| edge.map_or("Off".to_owned(), |f| f.0.to_string());
    lines.push("#     Low Cutoff [Hz]   High Cutoff [Hz]   Notch [Hz]".into());
    lines.extend(
        (1..)
            .zip(channels)
            .map(|(i, c)| format!("{i:<4}  {:<16}  {:<17}  Off", edge(c.high_pass), edge(c.low_pass))),
    );
    lines
}
