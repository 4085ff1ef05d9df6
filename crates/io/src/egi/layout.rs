//! Channels of a folder: names, positions, calibrations and filters from its XML files.

use super::mff::FORMAT;
use super::texts;
use crate::bytes::microvolts_per;
use crate::xml::Element;
use crate::{Result, Source};
use dosewave_eeg::{Channel, ChannelKind, Hz, Note};
use std::collections::BTreeMap;

/// Electrodes of the signal file whose description is `info`, and what their numbers are multiplied by.
pub(crate) fn electrodes(
    source: &dyn Source,
    info: Option<&Element>,
    n_channels: usize,
    notes: &mut Vec<Note>,
) -> Result<(Vec<Channel>, Vec<f64>)> {
    let names = texts::read(source, "sensorLayout.xml")?.map(|layout| sensors(&layout)).unwrap_or_default();
    let places = texts::read(source, "coordinates.xml")?;
    let places = places.and_then(|c| c.child("sensorLayout").map(sensors)).unwrap_or_default();
    let gains = info.map(calibrations).unwrap_or_default();
    let (high_pass, low_pass) = info.map_or((None, None), filters);
    let mut all = (Vec::new(), Vec::new());
    for number in 1..=n_channels {
        let name = names.get(&number).map(|s| s.name.clone()).filter(|name| !name.is_empty());
        let name = name.unwrap_or_else(|| format!("E{number}"));
        let position = places.get(&number).and_then(|s| s.position);
        // the net's sensors are electrodes, whatever their names remind of
        let channel =
            Channel { kind: ChannelKind::Eeg, position, high_pass, low_pass, ..Channel::from_name(&name) };
        all.0.push(channel);
        all.1.push(gains.get(&number).copied().unwrap_or(1.0));
    }
    if !gains.is_empty() {
        let text = format!("the gains measured for {} channels are applied", gains.len());
        notes.push(Note::info(FORMAT, text));
    }
    Ok(all)
}

struct Sensor {
    name: String,
    /// Metres.
    position: Option<[f64; 3]>,
}

/// Sensors by their number. Positions are centimetres: x right, y front, z up.
fn sensors(layout: &Element) -> BTreeMap<usize, Sensor> {
    let sensor = |s: &Element| {
        let axis = |key: &str| s.number_at::<f64>(&[key]).filter(|v| v.is_finite()).map(|v| v / 100.0);
        let position = axis("x").zip(axis("y")).zip(axis("z")).map(|((x, y), z)| [x, y, z]);
        let name = s.text_at(&["name"]).unwrap_or_default().to_owned();
        Some((s.number_at(&["number"])?, Sensor { name, position: position.filter(|p| *p != [0.0; 3]) }))
    };
    layout.all("sensors").flat_map(|sensors| sensors.all("sensor")).filter_map(sensor).collect()
}

/// The measured gains (`GCAL`) by channel.
fn calibrations(info: &Element) -> BTreeMap<usize, f64> {
    let all = info.all("calibrations").flat_map(|c| c.all("calibration"));
    let gains = all.filter(|c| c.text_at(&["type"]) == Some("GCAL")).flat_map(|c| c.all("channels"));
    let gain = |ch: &Element| {
        let number = ch.attribute("n")?.parse().ok()?;
        Some((number, ch.text.parse().ok().filter(|gain: &f64| gain.is_finite())?))
    };
    gains.flat_map(|channels| channels.all("ch")).filter_map(gain).collect()
}

/// The narrowest pass band of all filters that were applied.
fn filters(info: &Element) -> (Option<Hz>, Option<Hz>) {
    let (mut high_pass, mut low_pass): (Option<f64>, Option<f64>) = (None, None);
    for filter in info.all("filters").flat_map(|filters| filters.all("filter")) {
        let edge = filter.number_at::<f64>(&["cutoffFrequency"]).filter(|f| f.is_finite() && *f > 0.0);
        match (filter.text_at(&["type"]).unwrap_or_default().to_ascii_lowercase().as_str(), edge) {
            ("highpass", Some(edge)) => high_pass = Some(high_pass.map_or(edge, |known| known.max(edge))),
            ("lowpass", Some(edge)) => low_pass = Some(low_pass.map_or(edge, |known| known.min(edge))),
            _ => {}
        }
    }
    (high_pass.map(Hz), low_pass.map(Hz))
}

/// Channels of the box for body signals, in the order of its set.
pub(crate) fn body_signals(source: &dyn Source, n_channels: usize) -> Result<(Vec<Channel>, Vec<f64>)> {
    let set = texts::read(source, "pnsSet.xml")?;
    let described: Vec<&Element> =
        set.iter().flat_map(|set| set.all("sensors")).flat_map(|s| s.all("sensor")).collect();
    let mut all = (Vec::new(), Vec::new());
    for i in 0..n_channels {
        let sensor = described.get(i).copied();
        let text = |key: &str| sensor.and_then(|s| s.text_at(&[key])).unwrap_or_default();
        let name = if text("name").is_empty() { format!("PNS{}", i + 1) } else { text("name").to_owned() };
        let mut channel = Channel::from_name(&name);
        // an electrode of the box is none on the scalp
        if channel.kind == ChannelKind::Eeg {
            channel.kind = ChannelKind::Misc;
        }
        channel.position = None;
        let unit = text("unit");
        let factor = if unit.is_empty() { Some(1.0) } else { microvolts_per(unit) };
        match factor {
            Some(factor) => channel.recorded_unit = (factor != 1.0).then(|| unit.to_owned()),
            None => unit.clone_into(&mut channel.unit),
        }
        let edge = |key: &str| sensor?.number_at::<f64>(&[key]).filter(|f| f.is_finite() && *f > 0.0).map(Hz);
        (channel.high_pass, channel.low_pass) = (edge("highpass"), edge("lowpass"));
        all.0.push(channel);
        all.1.push(factor.unwrap_or(1.0));
    }
    Ok(all)
}
