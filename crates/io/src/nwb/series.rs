//! One `ElectricalSeries`.

use super::electrodes::Electrodes;
use super::times::{self, Times};
use super::{FORMAT, Typed, numbers};
use crate::h5::{Dataset, H5, Kind};
use crate::{Limits, Result};
use dosewave_eeg::{Channel, Note};

/// More than any recording has.
const MAX_SAMPLES: u64 = 1 << 44;

/// A series: its channels, when its samples were taken, and what makes volts of its numbers.
pub(crate) struct Series {
    pub(crate) path: String,
    pub(crate) dataset: Dataset,
    pub(crate) n_times: u64,
    pub(crate) times: Times,
    pub(crate) channels: Vec<Channel>,
    /// µV per stored unit, per channel.
    pub(crate) factors: Vec<f64>,
    /// µV (or the recorded unit) of a stored 0.
    pub(crate) offset: f64,
}

impl Series {
    /// The last part of its path.
    pub(crate) fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or(&self.path)
    }

    /// The group it stands in, without what a module of processing names within it.
    pub(crate) fn section(&self) -> &str {
        self.path.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether its samples were taken when those of `other` were.
    pub(crate) fn is_beside(&self, other: &Self) -> bool {
        self.n_times == other.n_times && self.times == other.times && self.section() == other.section()
    }
}

/// Opens a series; `None` with a note where it has no samples in time.
pub(crate) fn open(
    h5: &mut H5,
    typed: &Typed,
    electrodes: &Electrodes,
    (limits, notes): (&Limits, &mut Vec<Note>),
) -> Result<Option<Series>> {
    let path = &typed.path;
    let Some(data) = h5.child(&typed.object, "data")? else {
        notes.push(Note::warning(FORMAT, format!("'{path}' has no data and is left out")));
        return Ok(None);
    };
    let dataset = h5.dataset(&data)?;
    let (n_times, n_channels) = match dataset.dims.as_slice() {
        [n] => (*n, 1),
        [n, channels] => (*n, *channels),
        dims => {
            let text = format!(
                "'{path}' has dimensions {dims:?} and is left out; read are [time] and [time, channel]"
            );
            notes.push(Note::warning(FORMAT, text));
            return Ok(None);
        }
    };
    if n_times == 0 || n_channels == 0 {
        notes.push(Note::info(FORMAT, format!("'{path}' holds no sample")));
        return Ok(None);
    }
    let Kind::Number(..) = dataset.datatype.kind else {
        return Err(h5.wrong(&data, path, "of another type".into(), "numbers"));
    };
    if n_times > MAX_SAMPLES {
        return Err(h5.wrong(&data, path, format!("of {n_times} samples"), "fewer; the file is damaged"));
    }
    limits.check_channels(h5.name(), n_channels)?;
    let unit = h5.text_attribute(&data, "unit")?.unwrap_or_else(|| "volts".into());
    let conversion = h5.number_attribute(&data, "conversion")?.unwrap_or(1.0);
    let offset = h5.number_attribute(&data, "offset")?.unwrap_or(0.0);
    let (microvolts, symbol) = unit_factor(&unit);
    let per_channel = numbers(h5, &typed.object, "channel_conversion")?;
    let factors = (0..n_channels as usize)
        .map(|c| per_channel.get(c).copied().unwrap_or(1.0) * conversion * microvolts)
        .collect();
    let rows = numbers(h5, &typed.object, "electrodes")?;
    let mut channels = channels((path, n_channels as usize), &rows, electrodes, notes);
    for channel in &mut channels {
        channel.unit = symbol.clone();
        channel.recorded_unit = Some(unit.clone()).filter(|unit| *unit != symbol);
    }
    let times = times::read(h5, typed, n_times, notes)?;
    let path = path.clone();
    let offset = offset * microvolts;
    Ok(Some(Series { path, dataset, n_times, times, channels, factors, offset }))
}

/// What makes µV of a unit, and the unit that samples then have.
fn unit_factor(unit: &str) -> (f64, String) {
    let symbol = match unit.trim().to_ascii_lowercase().as_str() {
        "volts" | "volt" => "V",
        "millivolts" | "millivolt" => "mV",
        "microvolts" | "microvolt" => "µV",
        _ => unit.trim(),
    };
    match crate::bytes::microvolts_per(symbol) {
        Some(factor) => (factor, "µV".into()),
        None => (1.0, symbol.to_owned()),
    }
}

/// The channels of a series by the rows of the table that it names, else by their number.
fn channels(
    (path, n): (&str, usize),
    rows: &[f64],
    electrodes: &Electrodes,
    notes: &mut Vec<Note>,
) -> Vec<Channel> {
    let row = |i: usize| rows.get(i).filter(|row| **row >= 0.0).map(|row| *row as usize);
    let found: Vec<Option<Channel>> = (0..n).map(|i| electrodes.channel(row(i)?)).collect();
    let unknown = found.iter().filter(|channel| channel.is_none()).count();
    if unknown > 0 || rows.len() != n {
        let text = format!(
            "'{path}' has {n} channels and names {} of {} electrodes; {unknown} channel(s) are named by their number",
            rows.len(),
            electrodes.len()
        );
        notes.push(Note::warning(FORMAT, text));
    }
    found
        .into_iter()
        .enumerate()
        .map(|(i, c)| c.unwrap_or_else(|| Channel::from_name(&format!("Ch{i}"))))
        .collect()
}
