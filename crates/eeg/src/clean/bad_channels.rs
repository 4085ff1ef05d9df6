//! Channels that do not record the brain.

mod correlated;

pub use correlated::FEWEST_FOR_CORRELATION;

use super::ransac::{RansacParams, unpredicted};
use super::{Filter, FirDesign};
use crate::{Error, Hz, Note, Recording, Result, channel, parallel};
use dosewave_numerics::stats::median;
use ndarray::{Array2, ArrayView1, s};
use serde::{Deserialize, Serialize};

/// Edges of the band in which channels are compared, Hz.
const BAND_HZ: [f64; 2] = [1.0, 45.0];
/// Rate that this band is compared at, Hz: as low as it can be.
const COMPARED_AT_HZ: f64 = 100.0;
/// A robust z needs a crowd.
const FEWEST_FOR_Z: usize = 6;
/// Channels differ by about this in any recording, dB: a robust z does not take less for their spread.
const LEAST_SPREAD_DB: f64 = 1.0;

/// Limits of [`Recording::bad_channels`]; `None` leaves a criterion out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BadChannelParams {
    /// Length of the windows that a recording is judged in, s.
    pub window_s: f64,
    /// Flat: peak-to-peak amplitude below this in half of the windows, µV.
    pub flat_uv: Option<f64>,
    /// Noisy (or nearly dead): the median amplitude at 1–45 Hz is this many robust standard deviations from that of the
    /// channels, in decibels.
    pub amplitude_z: Option<f64>,
    /// High-frequency: the amplitude above 45 Hz beside that below is this many robust standard deviations higher than
    /// in the other channels, in decibels.
    pub high_frequency_z: Option<f64>,
    /// Uncorrelated: no other channel correlates by this (magnitude, 1–45 Hz) … Not applied to fewer than 16 channels with a
    /// position, and not where it would condemn more than half of the channels: a wide montage is no fault of theirs.
    pub correlation: Option<f64>,
    /// … in more than this share of the windows.
    pub uncorrelated_share: f64,
    /// Bridged: the difference to another channel has less than this share of the variance of the two (1–45 Hz, median
    /// over windows).
    pub bridged_share: Option<f64>,
    /// Not foretold by the others.
    pub ransac: Option<RansacParams>,
}

impl Default for BadChannelParams {
    /// The limits of the PREP pipeline (Bigdely-Shamlo et al. 2015, 10.3389/fninf.2015.00016), except that a channel may
    /// be uncorrelated in a tenth of the windows, not in a hundredth: short artifacts are the business of epochs.
    fn default() -> Self {
        Self {
            window_s: 1.0,
            flat_uv: Some(0.1),
            amplitude_z: Some(5.0),
            high_frequency_z: Some(5.0),
            correlation: Some(0.4),
            uncorrelated_share: 0.1,
            bridged_share: Some(0.002),
            ransac: Some(RansacParams::default()),
        }
    }
}

/// What a channel was found guilty of.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Criterion {
    /// Peak-to-peak amplitude, µV.
    Flat,
    /// Robust z of the amplitude.
    Amplitude,
    /// Robust z of the share above 45 Hz.
    HighFrequency,
    /// Share of windows without a correlated channel.
    Uncorrelated,
    /// Share of windows in which the others do not foretell it.
    Ransac,
}

/// A bad channel with all that was found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BadChannel {
    /// The channel.
    pub name: String,
    /// Criteria with the value found and the limit, in order.
    pub reasons: Vec<(Criterion, f64, f64)>,
}

/// Channels that are better not used.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct BadChannels {
    /// In the order of the recording.
    pub bad: Vec<BadChannel>,
    /// Pairs that record one and the same place (gel between the electrodes, or a copy), with the share of variance in
    /// which they differ. Not among the bad ones: what they record is EEG, only less of it than it seems.
    pub bridged: Vec<(String, String, f64)>,
    /// Criteria that could not be applied, and why.
    pub not_applied: Vec<String>,
}

impl BadChannels {
    /// Names of the bad channels.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.bad.iter().map(|bad| bad.name.as_str()).collect()
    }

    /// What was found, for the report.
    #[must_use]
    pub fn notes(&self) -> Vec<Note> {
        let mut notes = Vec::new();
        for BadChannel { name, reasons } in &self.bad {
            let shown: Vec<String> =
                reasons.iter().map(|(criterion, value, limit)| criterion.words(*value, *limit)).collect();
            let text = format!("'{name}' is a bad channel: {}", shown.join("; "));
            notes.push(Note::warning("bad_channels", text));
        }
        if !self.bridged.is_empty() {
            let pairs: Vec<String> = self
                .bridged
                .iter()
                .map(|(a, b, share)| {
                    format!("{a} and {b} (differ in {:.2} % of their variance)", 100.0 * share)
                })
                .collect();
            let text = format!(
                "channels that record the same place, bridged by gel or copied: {}",
                pairs.join(", ")
            );
            notes.push(Note::warning("bad_channels", text));
        }
        notes.extend(self.not_applied.iter().map(|text| Note::info("bad_channels", text.clone())));
        notes
    }
}

impl Criterion {
    fn words(self, value: f64, limit: f64) -> String {
        match self {
            Self::Flat => format!("flat, {value:.3} µV peak-to-peak (limit {limit} µV)"),
            Self::Amplitude => format!("amplitude z {value:.1} (limit ±{limit})"),
            Self::HighFrequency => format!("high-frequency z {value:.1} (limit {limit})"),
            Self::Uncorrelated => {
                format!("uncorrelated in {:.0} % of windows (limit {:.0} %)", 100.0 * value, 100.0 * limit)
            }
            Self::Ransac => {
                format!(
                    "not foretold by the others in {:.0} % of windows (limit {:.0} %)",
                    100.0 * value,
                    100.0 * limit
                )
            }
        }
    }
}

impl Recording {
    /// EEG channels that are flat, noisy, uncorrelated, bridged, or not foretold by the others (RANSAC), after PREP
    /// (Bigdely-Shamlo et al. 2015, 10.3389/fninf.2015.00016). Judge a recording before it gets an average reference,
    /// which spreads a bad channel over all. Nothing is changed. Channels are judged by medians over windows, so that
    /// blinks and movements, which epochs are rejected for, count little.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit that is not a positive number, [`Error::NothingLeft`] without a whole window of
    /// EEG, [`Error::NotFinite`] for NaN or infinity, [`Error::Kernel`] for a rate that does not carry 45 Hz.
    ///
    /// ```
    /// use dosewave_eeg::{BadChannelParams, Hz, Recording};
    /// let names = ["Fz", "C3", "Cz", "C4", "Pz", "Oz"];
    /// let wave = |c: usize, t: usize| 20.0 * (0.2 * t as f64).sin() + (7.0 * (t * (c + 1)) as f64).sin();
    /// let mut data_uv = ndarray::Array2::from_shape_fn((6, 5000), |(c, t)| wave(c, t));
    /// data_uv.row_mut(3).fill(2.0);
    /// let recording = Recording::new(data_uv, Hz(250.0), &names).unwrap();
    /// let found = recording.bad_channels(&BadChannelParams::default()).unwrap();
    /// assert_eq!(found.names(), ["C4"]);
    /// ```
    pub fn bad_channels(&self, params: &BadChannelParams) -> Result<BadChannels> {
        check(params)?;
        let judged = Judged::new(self, params.window_s)?;
        let n = judged.names.len();
        let mut found = BadChannels::default();
        let mut reasons: Vec<Vec<(Criterion, f64, f64)>> = vec![Vec::new(); n];
        judged.flat(params, &mut reasons);
        judged.by_z(params, &mut reasons, &mut found.not_applied);
        let alive: Vec<usize> = (0..n).filter(|&c| reasons[c].is_empty()).collect();
        judged.uncorrelated(params, &alive, &mut reasons, &mut found)?;
        if let Some(ransac) = &params.ransac {
            let good: Vec<usize> = (0..n).filter(|&c| reasons[c].is_empty()).collect();
            match unpredicted(&judged.channels, judged.band.view(), judged.band_hz, &good, ransac)? {
                Ok(shares) => {
                    for (c, share) in shares {
                        if share > ransac.bad_share {
                            reasons[c].push((Criterion::Ransac, share, ransac.bad_share));
                        }
                    }
                }
                Err(why) => found.not_applied.push(why),
            }
        }
        found.bad = judged
            .names
            .iter()
            .zip(reasons)
            .filter(|(_, reasons)| !reasons.is_empty())
            .map(|(name, reasons)| BadChannel { name: name.clone(), reasons })
            .collect();
        Ok(found)
    }
}

fn check(params: &BadChannelParams) -> Result<()> {
    let limits = [
        ("window_s", Some(params.window_s)),
        ("flat_uv", params.flat_uv),
        ("amplitude_z", params.amplitude_z),
        ("high_frequency_z", params.high_frequency_z),
        ("correlation", params.correlation),
        ("uncorrelated_share", Some(params.uncorrelated_share)),
        ("bridged_share", params.bridged_share),
    ];
    for (parameter, value) in limits {
        if let Some(value) = value.filter(|v| !(v.is_finite() && *v > 0.0)) {
            let allowed = "a positive number".to_owned();
            return Err(Error::Invalid { parameter, value: value.to_string(), allowed });
        }
    }
    Ok(())
}

/// What channels are judged by.
struct Judged {
    names: Vec<String>,
    channels: Vec<crate::Channel>,
    /// Median over windows, per channel: peak-to-peak amplitude, amplitude at 1–45 Hz and above 45 Hz, µV.
    peak_to_peak_uv: Vec<f64>,
    amplitude_uv: Vec<f64>,
    high_uv: Vec<f64>,
    /// The EEG at 1–45 Hz `[channel, time]`, thinned out, in whole windows one after the other.
    band: Array2<f64>,
    band_hz: f64,
    window: usize,
}

impl Judged {
    fn new(recording: &Recording, window_s: f64) -> Result<Self> {
        let eeg = recording.pick(&channel::eeg_indices(recording.channels()))?;
        let design = FirDesign { high_pass_hz: Some(BAND_HZ[0]), low_pass_hz: Some(BAND_HZ[1]) };
        let slow = eeg.filter(&Filter::Fir(design))?;
        let sfreq = eeg.sfreq().0;
        let thin = (sfreq / COMPARED_AT_HZ).floor().max(1.0) as usize;
        let length = (window_s * sfreq / thin as f64).round().max(2.0) as usize * thin;
        let starts = eeg.window_starts(length);
        if starts.is_empty() {
            let hint = format!("no run holds a window of {window_s} s; take a shorter window_s");
            return Err(Error::NothingLeft { step: "bad_channels", hint });
        }
        let window = length / thin;
        let mut band = Array2::zeros((eeg.channels().len(), window * starts.len()));
        parallel::rows(band.view_mut(), |c, mut row| {
            for (k, start) in starts.iter().enumerate() {
                let samples = slow.data_uv();
                let samples = samples.slice(s![c, *start..start + length; thin]);
                row.slice_mut(s![k * window..(k + 1) * window]).assign(&samples);
            }
        });
        let amplitudes = parallel::try_map(eeg.channels().len(), |c| {
            let (raw, slow) = (eeg.data_uv(), slow.data_uv());
            Ok(amplitudes(raw.row(c), slow.row(c), &starts, length))
        })?;
        Ok(Self {
            names: eeg.channels().iter().map(|channel| channel.name.clone()).collect(),
            channels: eeg.channels().to_vec(),
            peak_to_peak_uv: amplitudes.iter().map(|a| a[0]).collect(),
            amplitude_uv: amplitudes.iter().map(|a| a[1]).collect(),
            high_uv: amplitudes.iter().map(|a| a[2]).collect(),
            band,
            band_hz: Hz(sfreq / thin as f64).0,
            window,
        })
    }

    fn flat(&self, params: &BadChannelParams, reasons: &mut [Vec<(Criterion, f64, f64)>]) {
        let Some(limit) = params.flat_uv else { return };
        for (reasons, value) in reasons.iter_mut().zip(&self.peak_to_peak_uv) {
            if *value < limit {
                reasons.push((Criterion::Flat, *value, limit));
            }
        }
    }

    /// Criteria that compare a channel with the crowd of those that are not flat.
    fn by_z(
        &self,
        params: &BadChannelParams,
        reasons: &mut [Vec<(Criterion, f64, f64)>],
        not_applied: &mut Vec<String>,
    ) {
        let alive: Vec<usize> =
            (0..self.names.len()).filter(|&c| reasons[c].is_empty() && self.amplitude_uv[c] > 0.0).collect();
        if alive.len() < FEWEST_FOR_Z {
            not_applied.push(format!(
                "{} channels are too few to compare amplitudes; {FEWEST_FOR_Z} are needed",
                alive.len()
            ));
            return;
        }
        if let Some(limit) = params.amplitude_z {
            let levels: Vec<f64> = alive.iter().map(|&c| 20.0 * self.amplitude_uv[c].log10()).collect();
            for (&c, z) in alive.iter().zip(robust_z(&levels)) {
                if z.abs() > limit {
                    reasons[c].push((Criterion::Amplitude, z, limit));
                }
            }
        }
        if let Some(limit) = params.high_frequency_z {
            let level =
                |c: usize| 20.0 * (self.high_uv[c].max(f64::MIN_POSITIVE) / self.amplitude_uv[c]).log10();
            let levels: Vec<f64> = alive.iter().map(|&c| level(c)).collect();
            for (&c, z) in alive.iter().zip(robust_z(&levels)) {
                if z > limit {
                    reasons[c].push((Criterion::HighFrequency, z, limit));
                }
            }
        }
    }
}

/// Medians over windows of peak-to-peak amplitude, SD below 45 Hz, and SD of the rest (without its mean).
fn amplitudes(
    raw: ArrayView1<'_, f64>,
    slow: ArrayView1<'_, f64>,
    starts: &[usize],
    length: usize,
) -> [f64; 3] {
    let mut values: [Vec<f64>; 3] = Default::default();
    for &start in starts {
        let window = s![start..start + length];
        let (raw, slow) = (raw.slice(window), slow.slice(window));
        let (low, high) =
            raw.iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &v| (low.min(v), high.max(v)));
        values[0].push(high - low);
        values[1].push(slow.std(0.0));
        // differences from sample to sample weigh what drifts by next to nothing
        let rest = &raw - &slow;
        let fast = &rest.slice(s![1..]) - &rest.slice(s![..-1]);
        values[2].push(fast.std(0.0));
    }
    values.map(|values| median(&values).unwrap_or(0.0))
}

/// Distance from the median in robust standard deviations (1.4826 MAD).
fn robust_z(values: &[f64]) -> Vec<f64> {
    let middle = median(values).unwrap_or(0.0);
    let distances: Vec<f64> = values.iter().map(|v| (v - middle).abs()).collect();
    let spread = (1.4826 * median(&distances).unwrap_or(0.0)).max(LEAST_SPREAD_DB);
    values.iter().map(|v| (v - middle) / spread).collect()
}

#[cfg(test)]
pub(super) mod tests;
