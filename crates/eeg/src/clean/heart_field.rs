//! The heart's field in the EEG, learnt from all parts of a session.

use crate::{Error, Note, Recording, Result, Run, channel, parallel};
use ndarray::{Array1, Array2, ArrayView1, s};

/// The field reaches from so long before each R peak to so long after, s: P wave to the end of the T wave.
const FIELD_S: [f64; 2] = [-0.25, 0.45];
/// The field is faded in and out over this, s, so that its removal leaves no step.
const FADE_S: f64 = 0.05;
/// Fewer beats than this do not give a field.
const FEWEST_BEATS: usize = 20;
/// The field ends where less than this share of the beats is left, because the next beat has come.
const LEAST_SHARE: f64 = 0.25;

/// The heart's field in each EEG channel: the average over the beats of all parts of a session.
///
/// A beat's window reaches from 0.25 s before to 0.45 s after its R peak, or to the middle between it and the next beat
/// where that is nearer; neighbouring windows fade into each other over 50 ms with weights that sum to one, so that nothing
/// is subtracted twice. What is subtracted at a beat is its deviation from
///
/// `(x − m) / √(1 − 2 / W + Q / W²) + b`,
///
/// with the weighted mean `m` over beats at that time from the R peak, the sum of their weights `W` and of the squared
/// weights `Q`, and the level `b` of the field at its ends. EEG that has nothing to do with the heart is part of its own
/// average, and would lose `1 / n` of its power; the root gives it back.
#[derive(Clone, Debug, PartialEq)]
pub struct HeartField {
    /// Labels of the EEG channels.
    pub channels: Vec<String>,
    /// Number of beats that were averaged.
    pub n_beats: usize,
    /// Field without its level `[channel, time]`, µV; the first sample is [`Self::start_s`] from the R peak.
    pub field_uv: Array2<f64>,
    /// First sample of the field from the R peak, s.
    pub start_s: f64,
    /// Mean over beats with its level, from the mean of each run `[channel, time]`, µV.
    mean_uv: Array2<f64>,
    /// By how much a deviation from the mean is too small, at each time from the R peak.
    scale: Vec<f64>,
    sfreq: f64,
    /// Why there is no field.
    missing: Option<Note>,
    ecg: String,
}

/// A beat and what lies in its window, in samples of the recording.
struct Beat {
    peak: i64,
    /// Where half of the field is faded in and out.
    from: f64,
    to: f64,
    run: Run,
}

/// Times from the R peak in samples.
#[derive(Clone, Copy)]
struct Lags {
    before: i64,
    after: i64,
    /// Half of the fade.
    half: i64,
}

/// Sums over beats.
struct Sums {
    lags: Lags,
    channels: Vec<String>,
    ecg: Option<String>,
    weighted: Array2<f64>,
    weights: Array1<f64>,
    squares: Array1<f64>,
    n_beats: usize,
    sfreq: f64,
}

impl HeartField {
    /// Learns the field from the parts of a session, `part(0)` … `part(n_parts − 1)`, which are asked for one after the
    /// other: what is subtracted before a drug is subtracted after it. Drifts are taken out before.
    ///
    /// # Errors
    /// [`Error::Shape`] for parts with other channels; those of `part` and of [`Recording::heart`].
    ///
    /// ```
    /// use dosewave_eeg::{HeartField, Hz, Recording};
    /// // a beat every 0.96 s, 1 mV in the ECG and 30 µV in the EEG
    /// let beat = |t: usize| (-0.5 * (((t % 240) as f64 / 250.0 - 0.48) / 0.012).powi(2)).exp();
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 15_000), |(c, t)| [30.0, 1000.0][c] * beat(t));
    /// let recording = Recording::new(data_uv, Hz(250.0), &["Cz", "ECG"]).unwrap();
    /// let field = HeartField::learn(1, |_| Ok(recording.clone())).unwrap();
    /// let clean = field.apply(&recording).unwrap();
    /// assert!(field.n_beats > 55 && clean.data_uv()[[0, 7320]].abs() < 0.1); // an R peak
    /// ```
    pub fn learn(n_parts: usize, mut part: impl FnMut(usize) -> Result<Recording>) -> Result<Self> {
        let mut sums: Option<Sums> = None;
        for k in 0..n_parts {
            let part = part(k)?;
            sums.get_or_insert_with(|| Sums::new(&part)).add(&part)?;
        }
        Ok(sums.map_or_else(Self::none, Sums::field))
    }

    /// Of no recording.
    fn none() -> Self {
        Self {
            channels: Vec::new(),
            n_beats: 0,
            field_uv: Array2::zeros((0, 0)),
            start_s: 0.0,
            mean_uv: Array2::zeros((0, 0)),
            scale: Vec::new(),
            sfreq: 0.0,
            missing: Some(Note::info("heart", "no ECG channel: the heart's field stays")),
            ecg: String::new(),
        }
    }

    /// A part without the field at its beats; with a note. Where there is none, nothing is done and the note says why.
    ///
    /// # Errors
    /// [`Error::Shape`] for other EEG channels or another rate, [`Error::NotFinite`] for NaN or infinity in the EEG; those
    /// of [`Recording::heart`].
    pub fn apply(&self, recording: &Recording) -> Result<Recording> {
        if let Some(why) = &self.missing {
            return Ok(recording.clone().with_note(why.clone()));
        }
        let eeg = channel::eeg_indices(recording.channels());
        check_same((&self.channels, self.sfreq), recording, &eeg)?;
        let Some(heart) = recording.heart()? else {
            let text = "no ECG channel that can be used here: the heart's field stays";
            return Ok(recording.clone().with_note(Note::warning("heart", text)));
        };
        recording.check_rows_finite(eeg.iter().copied())?;
        let lags = Lags::new(self.sfreq);
        let first = (self.start_s * self.sfreq).round() as i64;
        let last = first + self.field_uv.ncols() as i64 - 1;
        let ends = (first + lags.half, last - lags.half);
        let beats: Vec<Beat> =
            lags.beats(&heart.peaks, recording.runs()).into_iter().map(|beat| beat.within(ends)).collect();
        let (header, mut data_uv) = recording.clone().into_parts();
        let before = recording.data_uv();
        parallel::rows(data_uv.view_mut(), |row, mut samples| {
            if let Ok(k) = eeg.binary_search(&row) {
                let removed = self.removed(k, before.row(row), &beats, first, lags);
                samples -= &removed;
            }
        });
        let text = format!(
            "the heart's field, averaged over {} beats of '{}', was subtracted from the EEG channels",
            self.n_beats, self.ecg
        );
        Ok(Recording::derived(header, data_uv).with_note(Note::info("heart", text)))
    }

    /// What is subtracted from one channel.
    fn removed(
        &self,
        channel: usize,
        x: ArrayView1<'_, f64>,
        beats: &[Beat],
        first: i64,
        lags: Lags,
    ) -> Array1<f64> {
        let mut removed = Array1::zeros(x.len());
        let (field, mean) = (self.field_uv.row(channel), self.mean_uv.row(channel));
        let mut level = (u64::MAX, 0.0);
        for beat in beats {
            if level.0 != beat.run.samples.start {
                level = (beat.run.samples.start, run_mean(x, &beat.run));
            }
            for t in beat.samples(lags) {
                let lag = t - beat.peak - first;
                if lag < 0 || lag >= field.len() as i64 {
                    continue;
                }
                let (t, lag) = (t as usize, lag as usize);
                let deviation = x[t] - level.1 - mean[lag];
                removed[t] +=
                    beat.weight(t as i64, lags) * (field[lag] - (self.scale[lag] - 1.0) * deviation);
            }
        }
        removed
    }
}

impl Recording {
    /// The recording without the heart's field in its EEG channels, as [`HeartField`] learns it from this recording. A note
    /// says how many beats it was averaged over; without an ECG channel, or with fewer than 20 beats, nothing is done and a
    /// note says so. Of several recordings of a session, let [`HeartField`] learn from all.
    ///
    /// # Errors
    /// As [`Recording::heart`].
    pub fn without_heart_field(&self) -> Result<Self> {
        let mut sums = Sums::new(self);
        sums.add(self)?;
        sums.field().apply(self)
    }
}

impl Lags {
    fn new(sfreq: f64) -> Self {
        let samples = |s: f64| (s.abs() * sfreq).round() as i64;
        Self { before: samples(FIELD_S[0]), after: samples(FIELD_S[1]), half: samples(FADE_S / 2.0).max(1) }
    }

    /// Number of times from the R peak, fades included.
    fn len(self) -> usize {
        (self.before + self.after + 2 * self.half + 1) as usize
    }

    /// Beats with their windows, each ending where the next begins.
    fn beats(self, peaks: &[u64], runs: &[Run]) -> Vec<Beat> {
        let mut beats = Vec::new();
        for run in runs {
            let inside: Vec<i64> =
                peaks.iter().filter(|peak| run.samples.contains(peak)).map(|peak| *peak as i64).collect();
            for (i, &peak) in inside.iter().enumerate() {
                let middle = |other: i64| (peak + other) as f64 / 2.0;
                let previous = i.checked_sub(1).and_then(|before| inside.get(before));
                let from = previous.map_or(f64::NEG_INFINITY, |&other| middle(other));
                let to = inside.get(i + 1).map_or(f64::INFINITY, |&other| middle(other));
                let from = from.max((peak - self.before) as f64);
                let to = to.min((peak + self.after) as f64);
                beats.push(Beat { peak, from, to, run: run.clone() });
            }
        }
        beats
    }
}

impl Beat {
    /// With a window that lies between two times from the R peak.
    fn within(self, (first, last): (i64, i64)) -> Self {
        let from = self.from.max((self.peak + first) as f64);
        let to = self.to.min((self.peak + last) as f64);
        Self { from, to, ..self }
    }

    /// Samples with a weight.
    fn samples(&self, lags: Lags) -> std::ops::Range<i64> {
        let half = lags.half as f64;
        let first = ((self.from - half).ceil() as i64).max(self.run.samples.start as i64);
        let end = ((self.to + half).floor() as i64 + 1).min(self.run.samples.end as i64);
        first..end.max(first)
    }

    /// 1 inside, 0 outside, half at the ends: two windows that meet sum to one.
    fn weight(&self, t: i64, lags: Lags) -> f64 {
        let rise = |distance: f64| {
            let phase = (distance / lags.half as f64).clamp(-1.0, 1.0);
            0.5 + 0.5 * (std::f64::consts::FRAC_PI_2 * phase).sin()
        };
        rise(t as f64 - self.from) * rise(self.to - t as f64)
    }
}

impl Sums {
    fn new(part: &Recording) -> Self {
        let eeg = channel::eeg_indices(part.channels());
        let lags = Lags::new(part.sfreq().0);
        Self {
            lags,
            channels: eeg.iter().map(|&row| part.channels()[row].label().to_owned()).collect(),
            ecg: None,
            weighted: Array2::zeros((eeg.len(), lags.len())),
            weights: Array1::zeros(lags.len()),
            squares: Array1::zeros(lags.len()),
            n_beats: 0,
            sfreq: part.sfreq().0,
        }
    }

    fn add(&mut self, part: &Recording) -> Result<()> {
        let eeg = channel::eeg_indices(part.channels());
        check_same((&self.channels, self.sfreq), part, &eeg)?;
        let Some(heart) = part.heart()? else { return Ok(()) };
        part.check_rows_finite(eeg.iter().copied())?;
        let lags = self.lags;
        let beats = lags.beats(&heart.peaks, part.runs());
        self.n_beats += beats.len();
        self.ecg.get_or_insert(heart.channel);
        let place = |beat: &Beat, t: i64| (t - beat.peak + lags.before + lags.half) as usize;
        for beat in &beats {
            for t in beat.samples(lags) {
                let weight = beat.weight(t, lags);
                self.weights[place(beat, t)] += weight;
                self.squares[place(beat, t)] += weight * weight;
            }
        }
        let data = part.data_uv();
        parallel::rows(self.weighted.view_mut(), |k, mut sums| {
            let x = data.row(eeg[k]);
            let mut level = (u64::MAX, 0.0);
            for beat in &beats {
                if level.0 != beat.run.samples.start {
                    level = (beat.run.samples.start, run_mean(x, &beat.run));
                }
                for t in beat.samples(lags) {
                    sums[place(beat, t)] += beat.weight(t, lags) * (x[t as usize] - level.1);
                }
            }
        });
        Ok(())
    }

    fn field(self) -> HeartField {
        let missing = |note| HeartField { missing: Some(note), ..HeartField::none() };
        let Some(ecg) = &self.ecg else { return HeartField::none() };
        let least = LEAST_SHARE * self.n_beats as f64;
        let reached: Vec<usize> = (0..self.lags.len()).filter(|&lag| self.weights[lag] >= least).collect();
        let (few, none) = (self.n_beats < FEWEST_BEATS, reached.len() <= 4 * self.lags.half as usize);
        let (Some(&first), Some(&last), false) = (reached.first(), reached.last(), few || none) else {
            let text = format!("{} beats in '{ecg}' give no field of the heart: it stays", self.n_beats);
            return missing(Note::warning("heart", text));
        };
        let mean_uv = (&self.weighted / &self.weights).slice(s![.., first..=last]).to_owned();
        let scale = (first..=last).map(|lag| {
            let (sum, squares) = (self.weights[lag], self.squares[lag]);
            (1.0 - 2.0 / sum + squares / (sum * sum)).sqrt().recip()
        });
        // the level between beats is not the heart's
        let (n, edge) = (mean_uv.ncols(), 2 * self.lags.half as usize);
        let mut field_uv = mean_uv.clone();
        for mut field in field_uv.rows_mut() {
            let ends = field.slice(s![..edge]).sum() + field.slice(s![n - edge..]).sum();
            field -= ends / (2 * edge) as f64;
        }
        HeartField {
            channels: self.channels,
            n_beats: self.n_beats,
            field_uv,
            start_s: (first as i64 - self.lags.before - self.lags.half) as f64 / self.sfreq,
            mean_uv,
            scale: scale.collect(),
            sfreq: self.sfreq,
            missing: None,
            ecg: ecg.clone(),
        }
    }
}

fn run_mean(x: ArrayView1<'_, f64>, run: &Run) -> f64 {
    let stretch = x.slice(s![run.samples.start as usize..run.samples.end as usize]);
    stretch.sum() / stretch.len().max(1) as f64
}

fn check_same((labels, sfreq): (&[String], f64), part: &Recording, eeg: &[usize]) -> Result<()> {
    let found: Vec<&str> = eeg.iter().map(|&row| part.channels()[row].label()).collect();
    if found == labels && (part.sfreq().0 - sfreq).abs() < 1e-9 * sfreq {
        return Ok(());
    }
    Err(Error::Shape {
        what: "EEG channels of parts with one heart",
        expected: format!("{} at {sfreq} Hz", labels.join(", ")),
        got: format!("{} at {}", found.join(", "), part.sfreq()),
    })
}

#[cfg(test)]
mod tests;
