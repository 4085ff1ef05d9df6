//! Amplitudes that cannot be EEG: volts taken for microvolts, and the reverse.

use crate::{Channel, Header, Note, Recording, eeg_indices};
use std::ops::Range;

/// Standard deviations of scalp EEG over two seconds, µV: the noise of an amplifier lies above the lower edge, electrodes
/// that hang in the air below the upper one.
const CAN_BE_EEG: Range<f64> = 0.05..10_000.0;
/// What the scalp mostly shows, µV.
const TYPICAL: f64 = 30.0;
const WINDOW_S: f64 = 2.0;
const N_WINDOWS: u64 = 5;
/// Values of one window, all channels together.
const MAX_VALUES: u64 = 1 << 22;

/// A look at a few seconds of a recording: is the amplitude of its EEG channels that of EEG?
///
/// The amplitude of a channel is the median over five windows of 2 s, spread evenly, of the standard deviation within the
/// window; flat windows are left out. Below 0.05 µV or above 10 mV it cannot be EEG, and the unit is most likely not the one that
/// the file states.
///
/// ```
/// use dosewave_eeg::{AmplitudeCheck, Hz, Recording};
/// // 20 µV, but in volts
/// let data = ndarray::Array2::from_shape_fn((1, 1000), |(_, t)| 2e-5 * (t as f64 * 0.3).sin());
/// let recording = Recording::new(data, Hz(250.0), &["Cz"]).unwrap();
/// let notes = AmplitudeCheck::of(&recording);
/// assert!(notes[0].text.contains("10^6 times too small (volts taken for µV?)"), "{}", notes[0].text);
/// ```
#[derive(Clone, Debug)]
pub struct AmplitudeCheck {
    picks: Vec<usize>,
    channels: Vec<Channel>,
    windows: Vec<Range<u64>>,
    /// Standard deviations that are not zero, of each channel.
    spreads: Vec<Vec<f64>>,
}

impl AmplitudeCheck {
    /// A check of the EEG channels of a recording with this header; [`Self::add`] gives it the windows.
    #[must_use]
    pub fn new(header: &Header) -> Self {
        let is_microvolts = |i: &usize| header.channels.get(*i).is_some_and(Channel::is_voltage);
        let picks: Vec<usize> = eeg_indices(&header.channels).into_iter().filter(is_microvolts).collect();
        let channels: Vec<Channel> = picks.iter().filter_map(|i| header.channels.get(*i).cloned()).collect();
        let windows = if picks.is_empty() { Vec::new() } else { windows(header, picks.len() as u64) };
        Self { spreads: vec![Vec::new(); picks.len()], picks, channels, windows }
    }

    /// What it says of samples in memory.
    #[must_use]
    pub fn of(recording: &Recording) -> Vec<Note> {
        let mut check = Self::new(recording.header());
        for window in check.windows() {
            let columns = window.start as usize..window.end as usize;
            let part = recording.data_uv();
            for (spreads, pick) in check.spreads.iter_mut().zip(&check.picks) {
                let row = part.row(*pick);
                spreads.extend(spread(row.iter().skip(columns.start).take(columns.len()).copied()));
            }
        }
        check.notes()
    }

    /// The samples to look at.
    #[must_use]
    pub fn windows(&self) -> Vec<Range<u64>> {
        self.windows.clone()
    }

    /// The channels to look at, as indices into the header's.
    #[must_use]
    pub fn picks(&self) -> &[usize] {
        &self.picks
    }

    /// Takes one window: the channels [`Self::picks`] alone, in that order.
    pub fn add(&mut self, part: &Recording) {
        for (spreads, row) in self.spreads.iter_mut().zip(part.data_uv().outer_iter()) {
            spreads.extend(spread(row.iter().copied()));
        }
    }

    /// What was found: at most one warning for channels that are too small and one for those too large.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let (mut small, mut large) = (Vec::new(), Vec::new());
        for (channel, spreads) in self.channels.iter().zip(&self.spreads) {
            match median(spreads) {
                Some(uv) if uv < CAN_BE_EEG.start => small.push((channel.name.as_str(), uv)),
                Some(uv) if uv > CAN_BE_EEG.end => large.push((channel.name.as_str(), uv)),
                _ => {}
            }
        }
        [small, large].iter().filter_map(|found| self.note(found)).collect()
    }

    fn note(&self, found: &[(&str, f64)]) -> Option<Note> {
        let amplitude = median(&found.iter().map(|(_, uv)| *uv).collect::<Vec<_>>())?;
        // amplitudes differ by tens, units by thousands
        let thousands = ((TYPICAL / amplitude).log10() / 3.0).round().clamp(-3.0, 3.0) as i32;
        let suspicion = match thousands {
            3 => "10^9 times too small",
            2 => "10^6 times too small (volts taken for µV?)",
            1 => "10^3 times too small (mV taken for µV?)",
            -1 => "10^3 times too large (µV taken for mV?)",
            -2 => "10^6 times too large (µV taken for V?)",
            -3 => "10^9 times too large",
            _ => "too far from that for any electrode on a scalp",
        };
        let names: Vec<&str> = found.iter().map(|(name, _)| *name).take(5).collect();
        let more = if found.len() > names.len() { ", …" } else { "" };
        let text = format!(
            "{} of {} EEG channels ({}{more}) cannot be EEG in the unit that is stated: their typical amplitude is {amplitude:.3e} \
             µV, that of scalp EEG lies between 0.05 µV and 10 mV. The values look as if they were {suspicion}; correct the \
             unit before results are believed",
            found.len(),
            self.channels.len(),
            names.join(", ")
        );
        Some(Note::warning("units", text))
    }
}

/// Windows spread evenly over the samples.
fn windows(header: &Header, n_channels: u64) -> Vec<Range<u64>> {
    let n_times = header.n_times();
    let length = ((WINDOW_S * header.sfreq.0).round() as u64).min(MAX_VALUES / n_channels).min(n_times);
    // a handful of samples, or less than half a second, says nothing
    if length < 16 || (length as f64) < 0.5 * header.sfreq.0 {
        return Vec::new();
    }
    let n = (n_times / length).clamp(1, N_WINDOWS);
    let last = n_times - length;
    (0..n).map(|i| i * (last / (n - 1).max(1))).map(|from| from..from + length).collect()
}

/// Standard deviation; `None` of flat or unusable samples.
fn spread(values: impl Iterator<Item = f64> + Clone) -> Option<f64> {
    let n = values.clone().count() as f64;
    let mean = values.clone().sum::<f64>() / n;
    let variance = values.map(|v| (v - mean).powi(2)).sum::<f64>() / n;
    Some(variance.sqrt()).filter(|sd| sd.is_finite() && *sd > 0.0)
}

fn median(values: &[f64]) -> Option<f64> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    sorted.get(sorted.len() / 2).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Seconds};

    /// Noise of 10 µV on an offset, times `scale`.
    fn notes(scale: &[f64]) -> Vec<String> {
        let mut data = noise(scale.len(), 5000, 250.0).into_parts().1;
        for (mut row, scale) in data.outer_iter_mut().zip(scale) {
            row.mapv_inplace(|v| scale * (1e3 + v));
        }
        let names: Vec<String> = (0..scale.len()).map(|i| format!("E{i}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let recording = Recording::new(data, Hz(250.0), &names).unwrap();
        AmplitudeCheck::of(&recording).into_iter().map(|note| note.text).collect()
    }

    #[test]
    fn eeg_of_any_size_and_flat_channels_say_nothing() {
        assert_eq!(notes(&[1.0, 0.05, 20.0, 0.0]), Vec::<String>::new());
    }

    #[test]
    fn units_off_by_thousands_are_named_in_both_directions() {
        let found = notes(&[1e-6, 1e-6, 1.0, 1e6]);
        assert!(found[0].contains("2 of 4 EEG channels (E0, E1)"), "{found:?}");
        assert!(found[0].contains("10^6 times too small (volts taken for µV?)"), "{found:?}");
        assert!(found[1].contains("1 of 4 EEG channels (E3)"), "{found:?}");
        assert!(found[1].contains("10^6 times too large (µV taken for V?)"), "{found:?}");
        assert!(notes(&[1e-3])[0].contains("mV taken for µV?"));
        assert!(notes(&[3e3])[0].contains("µV taken for mV?"));
    }

    #[test]
    fn windows_lie_within_the_samples_and_short_recordings_have_none() {
        let mut header = crate::testing::header(4, 100.0, Vec::new());
        let mut of = |n: u64| {
            header.runs = vec![crate::Run { onset: Seconds(0.0), samples: 0..n }];
            windows(&header, 4)
        };
        assert_eq!(of(100_000), [0..200, 24_950..25_150, 49_900..50_100, 74_850..75_050, 99_800..100_000]);
        assert_eq!(of(450), [0..200, 250..450]);
        assert_eq!((of(60), of(40)), (std::iter::once(0..60).collect(), vec![]));
    }
}
