//! What a recording is, without its samples.

use crate::{Annotation, Channels, Details, Error, Hz, Note, Result, Seconds};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::ops::Range;

/// A stretch of samples without a gap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Run {
    /// True time of its first sample, from the recording's start.
    pub onset: Seconds,
    /// Its samples, as columns of the recording.
    pub samples: Range<u64>,
}

impl Run {
    /// Number of samples.
    #[must_use]
    pub fn len(&self) -> u64 {
        self.samples.end.saturating_sub(self.samples.start)
    }

    /// Whether it holds no sample.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Time just after its last sample.
    #[must_use]
    pub fn end(&self, sfreq: Hz) -> Seconds {
        Seconds(self.onset.0 + self.len() as f64 / sfreq.0)
    }
}

/// A wall-clock time without a zone, as recording systems write it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Timestamp {
    /// Year, four digits.
    pub year: u16,
    /// Month, 1–12.
    pub month: u8,
    /// Day of month, 1–31.
    pub day: u8,
    /// Hour, 0–23.
    pub hour: u8,
    /// Minute, 0–59.
    pub minute: u8,
    /// Second, 0–59.
    pub second: u8,
    /// Nanosecond, for sub-second starts.
    pub nanosecond: u32,
}

impl Timestamp {
    /// Seconds since midnight, with the fraction.
    #[must_use]
    pub fn seconds_of_day(&self) -> Seconds {
        let whole = u32::from(self.hour) * 3600 + u32::from(self.minute) * 60 + u32::from(self.second);
        Seconds(f64::from(whole) + f64::from(self.nanosecond) * 1e-9)
    }
}

impl fmt::Display for Timestamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { year, month, day, hour, minute, second, nanosecond } = self;
        write!(f, "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}")?;
        if *nanosecond > 0 {
            let digits = format!("{nanosecond:09}");
            write!(f, ".{}", digits.trim_end_matches('0'))?;
        }
        Ok(())
    }
}

/// A signal of the file that is not part of the recording because its rate differs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct OtherSignal {
    /// Its name.
    pub name: String,
    /// Its own rate.
    pub sfreq: Hz,
    /// Its own number of samples.
    pub n_samples: u64,
    /// Its recorded unit.
    pub unit: String,
}

/// What a recording is: channels, rate, runs with their true onsets, annotations, notes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Header {
    /// The file format's name, or `array`.
    pub format: String,
    /// Channels, in the order of the data's rows.
    pub channels: Channels,
    /// Sampling frequency of all [`Self::channels`].
    pub sfreq: Hz,
    /// Stretches without a gap, in time order. Gaps are data: nothing is ever glued across two runs.
    pub runs: Vec<Run>,
    /// Wall-clock time of the recording's start (time zero).
    pub start: Option<Timestamp>,
    /// Events, ordered by onset; times are true times from the recording's start.
    pub annotations: Vec<Annotation>,
    /// Signals of the file with another rate, left out of the data.
    pub other_signals: Vec<OtherSignal>,
    /// What the file says besides: projections, unmixing matrices.
    #[serde(default, skip_serializing_if = "Details::is_empty")]
    pub details: Details,
    /// Oddities that were tolerated while reading.
    pub notes: Vec<Note>,
}

impl Header {
    /// Number of channels.
    #[must_use]
    pub fn n_channels(&self) -> usize {
        self.channels.len()
    }

    /// Number of samples per channel, over all runs.
    #[must_use]
    pub fn n_times(&self) -> u64 {
        self.runs.last().map_or(0, |run| run.samples.end)
    }

    /// Channel names in order.
    #[must_use]
    pub fn ch_names(&self) -> Vec<&str> {
        self.channels.iter().map(|c| c.name.as_str()).collect()
    }

    /// True time from the start to the end of the last run, pauses included.
    #[must_use]
    pub fn end(&self) -> Seconds {
        self.runs.last().map_or(Seconds(0.0), |run| run.end(self.sfreq))
    }

    /// Recorded time: the sum of the runs, pauses not included.
    #[must_use]
    pub fn recorded(&self) -> Seconds {
        Seconds(self.runs.iter().map(Run::len).sum::<u64>() as f64 / self.sfreq.0)
    }

    /// The samples whose true time lies in `[from, to)`, one range per run that has any.
    ///
    /// A sample belongs to a window when its own time does; a gap yields nothing.
    #[must_use]
    pub fn samples_between(&self, from: Seconds, to: Seconds) -> Vec<Range<u64>> {
        let index = |run: &Run, t: f64| {
            let offset = ((t - run.onset.0) * self.sfreq.0 - 1e-6).ceil().max(0.0);
            (run.samples.start + (offset as u64).min(run.len())).min(run.samples.end)
        };
        self.runs
            .iter()
            .map(|run| index(run, from.0)..index(run, to.0))
            .filter(|range| range.start < range.end)
            .collect()
    }

    /// True time of a sample, or `None` beyond the recording.
    #[must_use]
    pub fn time_of(&self, sample: u64) -> Option<Seconds> {
        let run = self.runs.iter().find(|run| run.samples.contains(&sample))?;
        Some(Seconds(run.onset.0 + (sample - run.samples.start) as f64 / self.sfreq.0))
    }

    /// The lowest recorded low-pass of the EEG channels, where any is recorded.
    #[must_use]
    pub fn low_pass(&self) -> Option<Hz> {
        self.channels.iter().filter_map(|c| c.low_pass).min_by(|a, b| a.0.total_cmp(&b.0))
    }

    /// Index of a channel by its name or electrode label.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`], naming the channels there are.
    pub fn channel_index(&self, name: &str) -> Result<usize> {
        self.channels
            .iter()
            .position(|c| c.name == name)
            .or_else(|| self.channels.iter().position(|c| c.label().eq_ignore_ascii_case(name)))
            .ok_or_else(|| Error::UnknownChannel {
                name: name.to_owned(),
                known: self.ch_names().iter().map(ToString::to_string).collect(),
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{header, with_gap};

    #[test]
    fn times_and_samples_turn_into_each_other_across_a_gap() {
        // 4 s from 0 s, a pause of 10 s, 6 s from 14 s, at 100 Hz
        let recording = with_gap();
        let header = recording.header();
        assert_eq!((header.n_times(), header.recorded(), header.end()), (1000, Seconds(10.0), Seconds(20.0)));
        assert_eq!(header.time_of(399), Some(Seconds(3.99)));
        assert_eq!(header.time_of(400), Some(Seconds(14.0)));
        assert_eq!(header.time_of(1000), None);
        assert_eq!(header.samples_between(Seconds(3.0), Seconds(15.0)), [300..400, 400..500]);
        assert_eq!(header.samples_between(Seconds(4.0), Seconds(14.0)), []);
        // a sample belongs to the window in which its own time lies
        assert_eq!(header.samples_between(Seconds(0.005), Seconds(0.03)).first(), Some(&(1..3)));
    }

    #[test]
    fn the_lowest_low_pass_counts() {
        let mut header = header(3, 100.0, Vec::new());
        assert_eq!(header.low_pass(), None);
        let mut channels = header.channels.to_vec();
        channels[0].low_pass = Some(Hz(100.0));
        channels[2].low_pass = Some(Hz(35.0));
        header.channels = channels.into();
        assert_eq!(header.low_pass(), Some(Hz(35.0)));
    }

    #[test]
    fn channels_are_found_by_name_or_label() {
        let mut header = header(2, 100.0, Vec::new());
        header.channels = ["EEG Fz-REF", "Cz"].map(crate::Channel::from_name).into();
        assert_eq!(header.channel_index("EEG Fz-REF"), Ok(0));
        assert_eq!(header.channel_index("fz"), Ok(0));
        let error = header.channel_index("Pz").unwrap_err().to_string();
        assert_eq!(error, "no channel 'Pz'; the recording has EEG Fz-REF, Cz");
    }

    #[test]
    fn timestamps_print_as_iso_8601() {
        let mut time =
            Timestamp { year: 2021, month: 3, day: 4, hour: 5, minute: 6, second: 7, nanosecond: 0 };
        assert_eq!(time.to_string(), "2021-03-04T05:06:07");
        time.nanosecond = 250_000_000;
        assert_eq!(time.to_string(), "2021-03-04T05:06:07.25");
        assert_eq!(time.seconds_of_day(), Seconds(18_367.25));
    }
}
