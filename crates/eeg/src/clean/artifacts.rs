//! Stretches with muscle, blinks and saccades in a recording.

use super::{Filter, FirDesign};
use crate::{ChannelKind, Epochs, Error, Recording, RejectedEpoch, Result, Run, Seconds, channel, parallel};
use dosewave_numerics::events::{peaks_above, steps};
use dosewave_numerics::filter::envelope;
use dosewave_numerics::stats::quantile;
use ndarray::{Array1, ArrayView1, Axis, s};
use serde::{Deserialize, Serialize};

/// Blinks and saccades are looked for below this, Hz.
const EYES_BELOW_HZ: f64 = 10.0;
/// Blinks without drifts are above this, Hz.
const BLINKS_ABOVE_HZ: f64 = 1.0;
/// The muscle score is smoothed below this, Hz.
const SMOOTHED_HZ: f64 = 4.0;
/// A blink lasts so long, a saccade so long, s.
const BLINK_S: f64 = 0.4;
const SACCADE_S: f64 = 0.14;

/// Limits of [`Recording::artifacts`]; `None` does not look for a kind.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArtifactParams {
    /// Muscle: z-score of the amplitude at `muscle_band_hz`.
    pub muscle_z: Option<f64>,
    /// Band of the muscle score, Hz.
    pub muscle_band_hz: [f64; 2],
    /// Good stretches between two of muscle that are shorter than this count as muscle too, s.
    pub min_length_good_s: f64,
    /// Blink: height in the vertical EOG, or at Fp1 and Fp2 against all, µV.
    pub blink_uv: Option<f64>,
    /// Saccade: step in the horizontal EOG, or between F7 and F8 (AF7 and AF8), µV.
    pub saccade_uv: Option<f64>,
}

impl Default for ArtifactParams {
    fn default() -> Self {
        Self {
            muscle_z: Some(4.0),
            muscle_band_hz: [110.0, 140.0],
            min_length_good_s: 0.1,
            blink_uv: Some(60.0),
            saccade_uv: Some(30.0),
        }
    }
}

/// What an artifact comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ArtifactKind {
    /// Muscle.
    Muscle,
    /// A blink.
    Blink,
    /// A saccade.
    Saccade,
}

impl ArtifactKind {
    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Muscle => "muscle",
            Self::Blink => "blink",
            Self::Saccade => "saccade",
        }
    }
}

/// A stretch of a recording that is not only EEG.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Artifact {
    /// What it comes from.
    pub kind: ArtifactKind,
    /// True time of its beginning.
    pub onset: Seconds,
    /// How long it lasts.
    pub duration: Seconds,
    /// Where it was seen: channels joined by `+` and `-`, or all EEG.
    pub seen_in: String,
    /// The largest value found: z for muscle, µV for the eyes.
    pub value: f64,
    /// The limit.
    pub limit: f64,
}

/// A difference of means of channels.
struct Derivation {
    name: String,
    plus: Vec<usize>,
    minus: Vec<usize>,
}

impl Recording {
    /// Muscle score of every sample: the amplitude (Hilbert envelope) of each EEG channel in the band as a z-score over
    /// its run, summed over channels and divided by the square root of their number, then smoothed below 4 Hz. It is that
    /// of MNE's `annotate_muscle_zscore`. It is relative to the run: steady muscle is not seen by it (the muscle evidence
    /// of the markers sees it).
    ///
    /// # Errors
    /// [`Error::Kernel`] for a band that the rate does not carry, [`Error::NothingLeft`] without EEG channels,
    /// [`Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording};
    /// let wave = |t: usize| (if (2000..2200).contains(&t) { 9.0 } else { 1.0 }) * ((t * t) as f64).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 10_000), |(_, t)| wave(t));
    /// let recording = Recording::new(data_uv, Hz(500.0), &["Cz"]).unwrap();
    /// let z = recording.muscle_z([110.0, 140.0]).unwrap();
    /// assert!(z[2100] > 4.0 && z[4000] < 1.0);
    /// ```
    pub fn muscle_z(&self, band_hz: [f64; 2]) -> Result<Array1<f64>> {
        let eeg = self.pick(&self.eeg("muscle_z")?)?;
        let band = FirDesign { high_pass_hz: Some(band_hz[0]), low_pass_hz: Some(band_hz[1]) };
        let fast = eeg.filter(&Filter::Fir(band))?;
        let mut score = Array1::zeros(eeg.data_uv().ncols());
        for run in eeg.runs() {
            let columns = s![.., run.samples.start as usize..run.samples.end as usize];
            let stretch = fast.data_uv().slice(columns).to_owned();
            let z = parallel::try_map(stretch.nrows(), |row| Ok(z_scores(envelope(stretch.row(row))?)))?;
            let mut part = score.slice_mut(s![run.samples.start as usize..run.samples.end as usize]);
            for z in &z {
                part += z;
            }
            part /= (z.len() as f64).sqrt();
        }
        smoothed(score, self)
    }

    /// Stretches with muscle ([`Recording::muscle_z`]), blinks and saccades, in order of onset. Eyes are looked for in the
    /// EOG channels (HEOG, EOGh, EOG horizontal and the like are the horizontal ones), or where there are none in frontal EEG channels, or not
    /// at all. Bands that the rate does not carry are not looked into.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a limit that is not positive, [`Error::NothingLeft`] without EEG channels,
    /// [`Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{ArtifactKind, ArtifactParams, Hz, Recording};
    /// let blink = |t: usize| 150.0 * (-0.5 * ((t as f64 - 1250.0) / 20.0).powi(2)).exp();
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 2500), |(c, t)| {
    ///     (1 - c) as f64 * blink(t) + ((t * t + c) as f64).sin()
    /// });
    /// let recording = Recording::new(data_uv, Hz(250.0), &["Fp1", "Oz"]).unwrap();
    /// let found = recording.artifacts(&ArtifactParams::default()).unwrap();
    /// assert_eq!(found.len(), 1);
    /// assert_eq!(found[0].kind, ArtifactKind::Blink);
    /// ```
    pub fn artifacts(&self, params: &ArtifactParams) -> Result<Vec<Artifact>> {
        check(params)?;
        let mut found = Vec::new();
        let nyquist = self.sfreq().0 / 2.0;
        if let Some(limit) = params.muscle_z.filter(|_| params.muscle_band_hz[1] < nyquist) {
            let z = self.muscle_z(params.muscle_band_hz)?;
            found.extend(self.runs().iter().flat_map(|run| self.muscle(run, z.view(), limit, params)));
        }
        if nyquist > EYES_BELOW_HZ {
            if let (Some(limit), Some(eyes)) = (params.blink_uv, self.vertical()?) {
                found.extend(self.eye_moves(&eyes, ArtifactKind::Blink, limit)?);
            }
            if let (Some(limit), Some(eyes)) = (params.saccade_uv, self.horizontal()) {
                found.extend(self.eye_moves(&eyes, ArtifactKind::Saccade, limit)?);
            }
        }
        found.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0).then(a.kind.cmp(&b.kind)));
        Ok(found)
    }

    fn eeg(&self, step: &'static str) -> Result<Vec<usize>> {
        let eeg = channel::eeg_indices(self.channels());
        if eeg.is_empty() {
            let hint = format!("no EEG channel in µV among {}", self.header().ch_names().join(", "));
            return Err(Error::NothingLeft { step, hint });
        }
        Ok(eeg)
    }

    /// Stretches of a run above the limit; short good ones between them are bridged.
    fn muscle(
        &self,
        run: &Run,
        z: ArrayView1<'_, f64>,
        limit: f64,
        params: &ArtifactParams,
    ) -> Vec<Artifact> {
        let (from, to) = (run.samples.start as usize, run.samples.end as usize);
        let short = params.min_length_good_s * self.sfreq().0;
        let mut stretches: Vec<(usize, usize)> = Vec::new();
        for t in (from..to).filter(|&t| z[t] > limit) {
            match stretches.last_mut() {
                Some((_, end)) if t == *end || ((t - *end) as f64) < short => *end = t + 1,
                _ => stretches.push((t, t + 1)),
            }
        }
        let as_artifact = |(start, end): (usize, usize)| Artifact {
            kind: ArtifactKind::Muscle,
            onset: Seconds(run.onset.0 + (start - from) as f64 / self.sfreq().0),
            duration: Seconds((end - start) as f64 / self.sfreq().0),
            seen_in: "EEG".into(),
            value: z.slice(s![start..end]).fold(f64::NEG_INFINITY, |a, b| a.max(*b)),
            limit,
        };
        stretches.into_iter().map(as_artifact).collect()
    }

    /// Rows with this label, in any case.
    fn rows_named(&self, names: &[&str]) -> Vec<usize> {
        let is_named = |c: &crate::Channel| names.iter().any(|name| name.eq_ignore_ascii_case(c.label()));
        channel::eeg_indices(self.channels())
            .into_iter()
            .filter(|&row| is_named(&self.channels()[row]))
            .collect()
    }

    fn eog(&self, horizontal: bool) -> Option<Derivation> {
        let row = self.channels().iter().position(|c| {
            c.kind == ChannelKind::Eog && c.is_voltage() && is_horizontal(&c.name) == horizontal
        })?;
        Some(Derivation { name: self.channels()[row].name.clone(), plus: vec![row], minus: Vec::new() })
    }

    fn vertical(&self) -> Result<Option<Derivation>> {
        if let Some(eog) = self.eog(false) {
            return Ok(Some(eog));
        }
        let front = self.rows_named(&["Fp1", "Fp2", "Fpz"]);
        let named: Vec<&str> = front.iter().map(|&row| self.channels()[row].label()).collect();
        let name = format!("{} - all EEG", named.join("+"));
        let minus = self.eeg("artifacts")?;
        Ok((!front.is_empty() && minus.len() > front.len()).then_some(Derivation {
            name,
            plus: front,
            minus,
        }))
    }

    fn horizontal(&self) -> Option<Derivation> {
        self.eog(true).or_else(|| {
            [["F7", "F8"], ["AF7", "AF8"], ["F9", "F10"]].iter().find_map(|[left, right]| {
                let rows = |name| Some(self.rows_named(&[name])).filter(|rows| !rows.is_empty());
                Some(Derivation { name: format!("{left}-{right}"), plus: rows(left)?, minus: rows(right)? })
            })
        })
    }

    fn eye_moves(&self, eyes: &Derivation, kind: ArtifactKind, limit: f64) -> Result<Vec<Artifact>> {
        self.check_rows_finite(eyes.plus.iter().chain(&eyes.minus).copied())?;
        let mean = |rows: &[usize]| self.data_uv().select(Axis(0), rows).mean_axis(Axis(0));
        let Some(plus) = mean(&eyes.plus) else { return Ok(Vec::new()) };
        let signal = match mean(&eyes.minus) {
            Some(minus) => plus - minus,
            None => plus,
        };
        let high_pass = (kind == ArtifactKind::Blink).then_some(BLINKS_ABOVE_HZ);
        let mut one = self.one_channel(signal)?;
        one = one
            .filter(&Filter::Fir(FirDesign { high_pass_hz: high_pass, low_pass_hz: Some(EYES_BELOW_HZ) }))?;
        let row = one.data_uv();
        let row = row.row(0);
        let sign = if kind == ArtifactKind::Blink && eyes.minus.is_empty() { polarity(row) } else { 1.0 };
        let duration = if kind == ArtifactKind::Blink { BLINK_S } else { SACCADE_S };
        let mut found = Vec::new();
        for run in self.runs() {
            let stretch = &row.slice(s![run.samples.start as usize..run.samples.end as usize]) * sign;
            let moves = match kind {
                ArtifactKind::Blink => peaks_above(stretch.view(), self.sfreq().0, limit)?,
                _ => steps(stretch.view(), self.sfreq().0, limit)?,
            };
            found.extend(moves.into_iter().map(|(t, value)| Artifact {
                kind,
                onset: Seconds((run.onset.0 + t as f64 / self.sfreq().0 - duration / 2.0).max(run.onset.0)),
                duration: Seconds(duration),
                seen_in: eyes.name.clone(),
                value: value * sign,
                limit,
            }));
        }
        Ok(found)
    }

    /// A recording of one derived voltage with the same runs.
    fn one_channel(&self, signal: Array1<f64>) -> Result<Self> {
        let mut header = self.header().clone();
        header.channels = [crate::Channel::from_name("EOG")].into();
        header.notes.clear();
        Self::from_parts(header, signal.insert_axis(Axis(0)))
    }
}

/// Which way blinks go in an EOG channel: up, unless the largest deflections are downwards.
fn polarity(x: ArrayView1<'_, f64>) -> f64 {
    let values = x.to_vec();
    let at = |q| quantile(&values, q).unwrap_or(0.0);
    if at(0.998) + at(0.002) < 0.0 { -1.0 } else { 1.0 }
}

/// Whether the name of an EOG channel says so: `HEOG`, `EOGh`, `EOG-H`, `EOG horizontal`, but not `EOG right`.
fn is_horizontal(name: &str) -> bool {
    let plain: String = name.chars().filter(char::is_ascii_alphanumeric).collect();
    let plain = plain.to_ascii_lowercase();
    plain.contains("heog") || plain.ends_with("eogh") || plain.contains("horiz")
}

fn z_scores(x: Array1<f64>) -> Array1<f64> {
    let mean = x.sum() / x.len() as f64;
    let sd = x.std(0.0);
    if sd > 0.0 { (x - mean) / sd } else { Array1::zeros(x.len()) }
}

/// Below 4 Hz, run by run.
fn smoothed(score: Array1<f64>, recording: &Recording) -> Result<Array1<f64>> {
    let one = recording.one_channel(score)?;
    let design = FirDesign { high_pass_hz: None, low_pass_hz: Some(SMOOTHED_HZ) };
    Ok(one.into_filtered(&Filter::Fir(design))?.into_parts().1.row(0).to_owned())
}

fn check(params: &ArtifactParams) -> Result<()> {
    let limits = [
        ("muscle_z", params.muscle_z),
        ("min_length_good_s", Some(params.min_length_good_s).filter(|s| *s != 0.0)),
        ("blink_uv", params.blink_uv),
        ("saccade_uv", params.saccade_uv),
    ];
    for (parameter, value) in limits {
        if let Some(value) = value.filter(|v| !(v.is_finite() && *v > 0.0)) {
            let allowed = "a positive number, or none".to_owned();
            return Err(Error::Invalid { parameter, value: value.to_string(), allowed });
        }
    }
    Ok(())
}

impl Epochs {
    /// Throws away epochs that overlap with an artifact, and keeps the list of them ([`Epochs::rejected`]).
    ///
    /// # Errors
    /// [`Error::NothingLeft`] when no epoch stays.
    ///
    /// ```
    /// use dosewave_eeg::{Artifact, ArtifactKind, Hz, Recording, Seconds, Windows};
    /// let recording = Recording::new(ndarray::Array2::zeros((1, 600)), Hz(100.0), &["Cz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let blink = Artifact {
    ///     kind: ArtifactKind::Blink,
    ///     onset: Seconds(3.9),
    ///     duration: Seconds(0.4),
    ///     seen_in: "VEOG".into(),
    ///     value: 90.0,
    ///     limit: 60.0,
    /// };
    /// assert_eq!(epochs.without_artifacts(&[blink]).unwrap().n_epochs(), 1);
    /// ```
    pub fn without_artifacts(&self, artifacts: &[Artifact]) -> Result<Self> {
        let length = self.length().0;
        let hit = |onset: Seconds| {
            artifacts.iter().find(|a| a.onset.0 < onset.0 + length && a.onset.0 + a.duration.0 > onset.0)
        };
        let (mut kept, mut rejected) = (Vec::new(), Vec::new());
        for (epoch, &onset) in self.onsets().iter().enumerate() {
            match hit(onset) {
                None => kept.push(epoch),
                Some(artifact) => rejected.push(RejectedEpoch {
                    onset,
                    channel: artifact.seen_in.clone(),
                    value: artifact.value,
                    limit: artifact.limit,
                    reason: artifact.kind.name().to_owned(),
                }),
            }
        }
        if kept.is_empty() && !rejected.is_empty() {
            let hint = format!(
                "all {} epochs overlap with muscle, blinks or saccades; raise the limits, or remove them with ICA first",
                rejected.len()
            );
            return Err(Error::NothingLeft { step: "without_artifacts", hint });
        }
        Ok(self.select(&kept)?.with_rejected(rejected))
    }
}

#[cfg(test)]
mod tests;
