//! An open NWB file.

use super::electrodes::Electrodes;
use super::series::{self, Series};
use super::{FORMAT, identity, intervals, texts, typed};
use crate::h5::H5;
use crate::{Error, Identifier, Limits, Reader, Result, Source};
use dosewave_eeg::{Details, Header, Hz, Note, OtherSignal, Recording, Timestamp};
use ndarray::{Array2, Axis};
use std::ops::Range;

/// Groups in which series and events are looked for.
const GROUPS: [&str; 6] =
    ["acquisition", "processing", "stimulus/presentation", "intervals", "events", "analysis"];

/// An open NWB file.
pub(crate) struct NwbReader {
    name: String,
    h5: H5,
    /// The series that are read; their channels stand one after the other.
    series: Vec<Series>,
    /// Those of other times, and what of them is listed: a series and one of its channels.
    others: Vec<Series>,
    listed: Vec<(usize, usize)>,
    header: Header,
    limits: Limits,
    identity: Vec<Identifier>,
}

impl NwbReader {
    pub(crate) fn open(source: &dyn Source, limits: Limits) -> Result<Self> {
        let name = source.name().to_owned();
        let mut h5 = H5::open(&name, source.open()?, limits)?;
        let electrodes = Electrodes::read(&mut h5)?;
        let objects = typed(&mut h5, &GROUPS)?;
        let mut notes = Vec::new();
        let mut all = Vec::new();
        for object in objects.iter().filter(|object| object.kind == "ElectricalSeries") {
            all.extend(series::open(&mut h5, object, &electrodes, (&limits, &mut notes))?);
        }
        let (series, others) = choose(&name, all, &objects)?;
        if electrodes.has_odd_places() {
            let text = "electrodes do not lie as on a head in µm: their places are not used";
            notes.push(Note::warning(FORMAT, text));
        }
        let annotations = intervals::read(&mut h5, &objects, (&limits, &mut notes))?;
        let root = h5.root()?;
        let start = texts(&mut h5, &root, "session_start_time")?.first().and_then(|text| timestamp(text));
        let header = Header { start, annotations, notes, ..describe(&series, &others) };
        limits.check_channels(&name, header.n_channels() as u64)?;
        let listed = others.iter().enumerate().flat_map(|(i, s)| (0..s.channels.len()).map(move |c| (i, c)));
        let listed: Vec<(usize, usize)> = listed.collect();
        limits.check_channels(&name, (header.n_channels() + listed.len()) as u64)?;
        let identity = identity::find(&mut h5)?;
        Ok(Self { name, h5, series, others, listed, header, limits, identity })
    }
}

/// Channels, runs and what else there is; without start, annotations and notes.
fn describe(series: &[Series], others: &[Series]) -> Header {
    let mut channels: Vec<_> = series.iter().flat_map(|series| series.channels.clone()).collect();
    distinguish(&mut channels, series);
    let (sfreq, runs) =
        series.first().map(|first| (first.times.sfreq, first.times.runs.clone())).unwrap_or_default();
    Header {
        format: FORMAT.into(),
        channels: channels.into(),
        sfreq: Hz(sfreq),
        runs,
        start: None,
        annotations: Vec::new(),
        other_signals: others.iter().flat_map(other).collect(),
        details: Details::default(),
        notes: Vec::new(),
    }
}

/// The longest series with those beside it, and the others.
fn choose(name: &str, all: Vec<Series>, objects: &[super::Typed]) -> Result<(Vec<Series>, Vec<Series>)> {
    let size = |series: &Series| series.n_times.saturating_mul(series.channels.len() as u64);
    // of equally large ones the first, which is the one acquired
    let largest = (0..all.len()).rev().max_by_key(|i| all.get(*i).map_or(0, size));
    let Some(i) = largest else {
        let mut kinds: Vec<&str> = objects.iter().map(|object| object.kind.as_str()).collect();
        kinds.sort_unstable();
        kinds.dedup();
        let found = if kinds.is_empty() { "nothing".into() } else { kinds.join(", ") };
        let what = format!("it holds no ElectricalSeries with samples, but {found}");
        return Err(Error::Unsupported { file: name.into(), format: FORMAT, what });
    };
    let is_read: Vec<bool> =
        all.iter().map(|series| all.get(i).is_some_and(|largest| series.is_beside(largest))).collect();
    let (mut read, mut others) = (Vec::new(), Vec::new());
    for (series, is_read) in all.into_iter().zip(is_read) {
        if is_read { read.push(series) } else { others.push(series) }
    }
    Ok((read, others))
}

/// Names of several series that would be the same are led by their series' name.
fn distinguish(channels: &mut [dosewave_eeg::Channel], series: &[Series]) {
    let mut names: Vec<String> = channels.iter().map(|channel| channel.name.clone()).collect();
    names.sort_unstable();
    let n = names.len();
    names.dedup();
    if names.len() == n || series.len() < 2 {
        return;
    }
    let of_series = series.iter().flat_map(|series| series.channels.iter().map(move |_| series.name()));
    for (channel, series) in channels.iter_mut().zip(of_series) {
        channel.name = format!("{series}/{}", channel.name);
    }
}

/// The channels of a series of other times: its path, or `path/channel` where it has several.
fn other(series: &Series) -> impl Iterator<Item = OtherSignal> {
    let name = |channel: &str| match series.channels.len() {
        1 => series.path.clone(),
        _ => format!("{}/{channel}", series.path),
    };
    series.channels.iter().map(move |channel| OtherSignal {
        name: name(&channel.name),
        sfreq: Hz(series.times.sfreq),
        n_samples: series.n_times,
        unit: channel.unit.clone(),
    })
}

/// Samples `wanted` of the channels `picks` of a series `[channel, time]`.
fn columns(h5: &mut H5, series: &mut Series, wanted: &Range<u64>, picks: &[usize]) -> Result<Array2<f64>> {
    let mut values = Array2::zeros((picks.len(), (wanted.end - wanted.start) as usize));
    h5.read_columns(&mut series.dataset, (0, wanted), picks, &mut values.view_mut())?;
    for (pick, mut row) in picks.iter().zip(values.outer_iter_mut()) {
        let (factor, offset) = (series.factors.get(*pick).copied().unwrap_or(1.0), series.offset);
        row.mapv_inplace(|value| value * factor + offset);
    }
    Ok(values)
}

/// `2018-04-25T02:30:03.000000-07:00`, in its own zone.
fn timestamp(text: &str) -> Option<Timestamp> {
    let (date, time) = text.split_once(['T', ' '])?;
    let mut date = date.splitn(3, '-');
    let mut time = time.splitn(3, ':');
    let (year, month, day) = (date.next()?, date.next()?, date.next()?);
    let (hour, minute) = (time.next()?, time.next()?);
    let second = time.next().unwrap_or("0");
    let (whole, rest) = second.split_at(second.bytes().take_while(u8::is_ascii_digit).count());
    let fraction: String = match rest.strip_prefix('.') {
        Some(rest) => {
            rest.chars().take_while(char::is_ascii_digit).chain("000000000".chars()).take(9).collect()
        }
        None => "0".into(),
    };
    Some(Timestamp {
        year: year.parse().ok()?,
        month: month.parse().ok().filter(|month| (1..=12).contains(month))?,
        day: day.parse().ok().filter(|day| (1..=31).contains(day))?,
        hour: hour.parse().ok().filter(|hour| *hour < 24)?,
        minute: minute.parse().ok().filter(|minute| *minute < 60)?,
        second: whole.parse().ok().filter(|second| *second < 60)?,
        nanosecond: fraction.parse().ok()?,
    })
}

impl Reader for NwbReader {
    fn header(&self) -> &Header {
        &self.header
    }

    fn identity(&self) -> Vec<Identifier> {
        self.identity.clone()
    }

    fn read(&mut self, samples: Range<u64>) -> Result<Recording> {
        let all: Vec<usize> = (0..self.header.n_channels()).collect();
        self.read_picks(samples, &all)
    }

    fn read_picks(&mut self, samples: Range<u64>, picks: &[usize]) -> Result<Recording> {
        let header = crate::runs::picked(&self.name, &self.header, picks)?;
        let wanted = crate::runs::wanted(&self.header, &samples);
        let n = wanted.end - wanted.start;
        self.limits.check_samples(&self.name, picks.len() as u64, n)?;
        let mut data_uv = Array2::zeros((picks.len(), n as usize));
        let mut first = 0;
        for series in self.series.iter_mut().filter(|_| n > 0) {
            let n_channels = series.channels.len();
            let rows: Vec<usize> = (0..picks.len())
                .filter(|row| picks.get(*row).is_some_and(|p| (first..first + n_channels).contains(p)))
                .collect();
            let of_series: Vec<usize> =
                rows.iter().filter_map(|row| picks.get(*row)).map(|pick| pick - first).collect();
            let part = columns(&mut self.h5, series, &wanted, &of_series)?;
            for (row, values) in rows.iter().zip(part.outer_iter()) {
                data_uv.index_axis_mut(Axis(0), *row).assign(&values);
            }
            first += n_channels;
        }
        let missing = crate::runs::missing(FORMAT, &header, &data_uv);
        let recording = crate::runs::recording(&self.name, &header, &wanted, data_uv)?;
        Ok(missing.into_iter().fold(recording, Recording::with_note))
    }

    fn read_other(&mut self, index: usize, samples: Range<u64>) -> Result<Recording> {
        let listed = self.listed.get(index).copied();
        let found = listed.and_then(|(i, channel)| Some((self.others.get_mut(i)?, channel)));
        let Some((series, channel)) = found else {
            return Err(crate::runs::no_other(&self.name, &self.header, index));
        };
        let header = Header {
            channels: series.channels.get(channel).cloned().into_iter().collect::<Vec<_>>().into(),
            sfreq: Hz(series.times.sfreq),
            runs: series.times.runs.clone(),
            other_signals: Vec::new(),
            ..self.header.clone()
        };
        let wanted = crate::runs::wanted(&header, &samples);
        self.limits.check_samples(&self.name, 1, wanted.end - wanted.start)?;
        let data_uv = columns(&mut self.h5, series, &wanted, &[channel])?;
        let missing = crate::runs::missing(FORMAT, &header, &data_uv);
        let recording = crate::runs::recording(&self.name, &header, &wanted, data_uv)?;
        Ok(missing.into_iter().fold(recording, Recording::with_note))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn session_starts_with_and_without_fractions_and_zones() {
        let text = |t: &str| timestamp(t).map(|t| t.to_string());
        assert_eq!(text("2018-04-25T02:30:03.250000-07:00").as_deref(), Some("2018-04-25T02:30:03.25"));
        assert_eq!(text("2018-04-25 02:30:03Z").as_deref(), Some("2018-04-25T02:30:03"));
        assert_eq!(text("2018-04-25T02:30+01:00"), None);
        assert_eq!(text("2018-13-25T02:30:03"), None);
        assert_eq!(text("soon"), None);
    }
}
