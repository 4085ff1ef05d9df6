//! `electrodes.tsv` and `coordsystem.json`: places in metres, x right, y front, z up.

use super::Odd;
use crate::bids::{FORMAT, Table};
use dosewave_eeg::{Channel, ChannelKind, Header, Note};
use serde_json::{Map, Value};
use std::collections::HashMap;

/// Distances from the origin that the median electrode of a head can have, metres.
const HEAD_M: std::ops::Range<f64> = 0.03..0.3;

/// How the axes of a system lie.
#[derive(Clone, Copy, PartialEq)]
enum Axes {
    /// x right, y front, z up: ours.
    Ras,
    /// x front, y left, z up.
    Als,
}

/// Axes by the standard's name of the system.
fn axes(system: &str) -> Option<Axes> {
    match system.to_ascii_lowercase().as_str() {
        "captrak"
        | "elektaneuromag"
        | "neuromagelektamegin"
        | "chietiitab"
        | "acpc"
        | "scanras"
        | "individual" => Some(Axes::Ras),
        "ctf" | "4dbti" | "kityokogawa" | "eeglab" | "eeglab-hj" | "eeglabhj" => Some(Axes::Als),
        name if name.starts_with("mni") || name.starts_with("fsaverage") || name == "talairach" => {
            Some(Axes::Ras)
        }
        _ => None,
    }
}

fn metres_per(unit: &str) -> Option<f64> {
    match unit {
        "m" => Some(1.0),
        "cm" => Some(1e-2),
        "mm" => Some(1e-3),
        _ => None,
    }
}

pub(super) fn apply(
    table: &Table,
    coordsystem: &Map<String, Value>,
    header: &mut Header,
    notes: &mut Vec<Note>,
) {
    let said = |key: &str| coordsystem.get(key).and_then(Value::as_str).unwrap_or("n/a");
    let (system, unit) = (said("EEGCoordinateSystem"), said("EEGCoordinateUnits"));
    let file = table.file.as_str();
    let mut warn = |text: String| notes.push(Note::warning(FORMAT, format!("{file}: {text}")));
    let Some(metres) = metres_per(unit) else {
        warn(format!(
            "places of electrodes in '{unit}' (EEGCoordinateUnits) are not used; m, cm and mm are known"
        ));
        return;
    };
    let axes = axes(system).unwrap_or_else(|| {
        warn(format!("the axes of the coordinate system '{system}' are taken for x right, y front, z up"));
        Axes::Ras
    });
    let mut odd = Odd::new();
    let places = places(table, axes, metres, &mut odd);
    let mut radii: Vec<f64> = places.values().map(|[x, y, z]| (x * x + y * y + z * z).sqrt()).collect();
    radii.sort_by(f64::total_cmp);
    match radii.get(radii.len() / 2) {
        Some(radius) if HEAD_M.contains(radius) => place(&places, header),
        Some(radius) => warn(format!(
            "the middle electrode is {radius} m from the origin, which no head is with places in '{unit}'; places not used"
        )),
        None => {}
    }
    odd.warn(notes, file, "place that is not three numbers");
}

/// Places by name, ours.
fn places(table: &Table, axes: Axes, metres: f64, odd: &mut Odd) -> HashMap<String, [f64; 3]> {
    let mut places = HashMap::new();
    for row in 0..table.rows.len() {
        let Some(name) = table.field(row, "name") else { continue };
        let fields = ["x", "y", "z"].map(|column| table.field(row, column));
        if fields.iter().all(Option::is_none) {
            continue;
        }
        let numbers = fields.map(|f| f.and_then(|f| f.parse::<f64>().ok()).filter(|v| v.abs() < 1e6));
        let [Some(x), Some(y), Some(z)] = numbers else {
            odd.add(name.to_owned());
            continue;
        };
        let ours = if axes == Axes::Als { [-y, x, z] } else { [x, y, z] };
        // a place of all zeros is no electrode's
        if ours.iter().any(|v| *v != 0.0) {
            places.entry(name.to_lowercase()).or_insert(ours.map(|v| v * metres));
        }
    }
    places
}

/// Channels get the places; built-in ones, whose centre is another, are not mixed with them.
fn place(places: &HashMap<String, [f64; 3]>, header: &mut Header) {
    let mut channels: Vec<Channel> = header.channels.to_vec();
    let of = |channel: &Channel| {
        places
            .get(&channel.name.to_lowercase())
            .or_else(|| places.get(&channel.label().to_lowercase()))
            .copied()
    };
    if !channels.iter().any(|channel| channel.kind == ChannelKind::Eeg && of(channel).is_some()) {
        return;
    }
    for channel in &mut channels {
        channel.position = (channel.kind == ChannelKind::Eeg).then(|| of(channel)).flatten();
    }
    header.channels = channels.into();
}

#[cfg(test)]
mod tests {
    use super::*;
    use dosewave_eeg::{Hz, Recording};

    fn positions(table: &str, system: &str, unit: &str) -> (Vec<Option<[f64; 3]>>, Vec<String>) {
        let data = ndarray::Array2::zeros((3, 10));
        let mut header = Recording::new(data, Hz(100.0), &["Cz", "C3", "EOG"]).unwrap().header().clone();
        let system = serde_json::json!({"EEGCoordinateSystem": system, "EEGCoordinateUnits": unit});
        let mut notes = Vec::new();
        let table = Table::parse("electrodes.tsv", table.as_bytes()).unwrap();
        apply(&table, system.as_object().unwrap(), &mut header, &mut notes);
        (header.channels.iter().map(|c| c.position).collect(), notes.into_iter().map(|n| n.text).collect())
    }

    fn close(a: Option<[f64; 3]>, b: [f64; 3]) -> bool {
        a.is_some_and(|a| a.iter().zip(b).all(|(a, b)| (a - b).abs() < 1e-12))
    }

    #[test]
    fn units_and_axes_become_ours() {
        let table = "name\tx\ty\tz\nCz\t1\t-2\t90\nEOG\t50\t80\t10\nC3\tn/a\tn/a\tn/a\n";
        let (found, notes) = positions(table, "CapTrak", "mm");
        assert!(
            close(found[0], [0.001, -0.002, 0.09]) && found[1].is_none() && found[2].is_none(),
            "{found:?}"
        );
        assert_eq!(notes, Vec::<String>::new());
        let (found, _) = positions(table, "CTF", "mm");
        assert!(close(found[0], [0.002, 0.001, 0.09]), "{found:?}");
        let (found, notes) = positions("name\tx\ty\tz\ncz\t0\t0\t9\n", "Other", "cm");
        assert!(close(found[0], [0.0, 0.0, 0.09]) && notes[0].contains("'Other'"), "{notes:?}");
    }

    #[test]
    fn places_that_cannot_be_are_not_used() {
        let built_in = Channel::from_name("Cz").position;
        for (table, unit, expected) in [
            ("name\tx\ty\tz\nCz\t0\t0\t9\n", "n/a", "places of electrodes in 'n/a'"),
            ("name\tx\ty\tz\nCz\t0\t0\t90\n", "m", "90 m from the origin"),
            ("name\tx\ty\tz\nCz\t0\t0\tup\n", "m", "not three numbers: Cz"),
        ] {
            let (found, notes) = positions(table, "CapTrak", unit);
            assert!(found[0] == built_in && notes.iter().any(|n| n.contains(expected)), "{notes:?}");
        }
    }
}
