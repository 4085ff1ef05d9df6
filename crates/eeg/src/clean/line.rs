//! Line noise taken out, run by run.

use crate::{Error, Hz, Note, Recording, Result, Run, channel, parallel};
use dosewave_numerics::filter::{
    FirNotch, LineCheck, LineChecker, SpectrumInterpolation, SpectrumInterpolationParams, ZeroPhaseFir,
    line_check_of_response, zapline,
};
use dosewave_numerics::first_not_finite;
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut1, ArrayViewMut2, Axis, s};
use serde::{Deserialize, Serialize};
use std::ops::Range;

/// A neighbour of the line that changed by more than this is noted, dB.
const NEIGHBOUR_LIMIT_DB: f64 = 0.1;

/// How [`Recording::remove_line`] works.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineRemoval {
    /// The amplitude at the line and its harmonics becomes that of its neighbours, channel by channel (Leske & Dalal 2019,
    /// 10.1016/j.neuroimage.2019.01.026).
    SpectrumInterpolation(SpectrumInterpolationParams),
    /// A zero-phase band-stop filter at the line and its harmonics, by MNE's design rules, channel by channel: what is
    /// there of the brain goes too. Runs shorter than the filter (3.3 s ÷ half the transition in Hz) stay as they are.
    FirNotch(FirNotch),
    /// What the channels have in common at the line is regressed out (after de Cheveigné 2020,
    /// 10.1016/j.neuroimage.2019.116356); so many components, or as many as stand out.
    Zapline {
        /// Number of components; `None` takes those that stand out.
        n_remove: Option<usize>,
    },
}

impl LineRemoval {
    /// Why the mains cannot be taken out at this rate: they, or the band that is replaced, do not lie below half of it.
    /// `None` where they can.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, LineRemoval};
    /// let removal = LineRemoval::Zapline { n_remove: None };
    /// assert!(removal.not_carried(Hz(50.0), Hz(100.0)).is_some());
    /// assert!(removal.not_carried(Hz(50.0), Hz(250.0)).is_none());
    /// ```
    #[must_use]
    pub fn not_carried(&self, line: Hz, rate: Hz) -> Option<Note> {
        let half_width_hz = match self {
            Self::SpectrumInterpolation(params) => params.half_width_hz,
            Self::FirNotch(notch) => notch.half_width_hz(line.0),
            Self::Zapline { .. } => 0.0,
        };
        let text = format!("mains of {line} are not taken out: {rate} carries up to {} Hz", rate.0 / 2.0);
        (line.0 + half_width_hz >= rate.0 / 2.0).then(|| Note::info("line", text))
    }
}

impl Recording {
    /// The recording without line noise in its EEG channels, run by run. What is further than 2 Hz from the line and its
    /// harmonics stays as it is. A note says what the step did to the line and its neighbours; runs too short for it stay as
    /// they are, with a note.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for a line that the rate does not carry, [`crate::Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, LineRemoval, Recording};
    /// let tone = |hz: f64, t: usize| (std::f64::consts::TAU * hz * t as f64 / 500.0).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 10_000), |(_, t)| tone(42.0, t) + 30.0 * tone(50.0, t));
    /// let recording = Recording::new(data_uv, Hz(500.0), &["Cz"]).unwrap();
    /// let method = LineRemoval::SpectrumInterpolation(Default::default());
    /// let clean = recording.remove_line(Hz(50.0), &method).unwrap();
    /// assert!((clean.data_uv()[[0, 5001]] - tone(42.0, 5001)).abs() < 0.02);
    /// ```
    pub fn remove_line(&self, line: Hz, method: &LineRemoval) -> Result<Self> {
        let eeg = channel::eeg_indices(self.channels());
        let mut data_uv = Array2::zeros(self.data_uv().dim());
        let (mut short, mut removed) = (0, Vec::new());
        for run in self.runs() {
            let cleaned = data_uv.slice_mut(s![.., columns(run)]);
            match self.clean_run(run, cleaned, &eeg, line, method) {
                Ok(n_removed) => removed.extend(n_removed),
                Err(Error::Kernel(dosewave_numerics::Error::TooShort { .. })) => {
                    short += 1;
                    data_uv
                        .slice_mut(s![.., columns(run)])
                        .assign(&self.data_uv().slice(s![.., columns(run)]));
                }
                Err(error) => return Err(error),
            }
        }
        let done = match method {
            LineRemoval::FirNotch(notch) => {
                let coefficients = notch.coefficients(self.sfreq().0, line.0)?;
                notch_note(coefficients.view(), line, self.sfreq())
            }
            _ => self.line_note(line, data_uv.view(), &eeg, &removed),
        };
        let notes = short_note(short, self.runs().len()).into_iter().chain(done);
        let cleaned = Self::derived(self.header().clone(), data_uv);
        Ok(notes.fold(cleaned, Self::with_note))
    }

    /// One run; how many components were removed, where components are.
    fn clean_run(
        &self,
        run: &Run,
        mut cleaned: ArrayViewMut2<'_, f64>,
        eeg: &[usize],
        line: Hz,
        method: &LineRemoval,
    ) -> Result<Option<usize>> {
        let (n_times, sfreq) = (run.len() as usize, self.sfreq().0);
        match method {
            LineRemoval::SpectrumInterpolation(params) => {
                let plan = SpectrumInterpolation::new(n_times, sfreq, line.0, *params)?;
                self.each_channel(run, cleaned, eeg, |x, y| plan.clean_into(x, y))?;
            }
            LineRemoval::FirNotch(notch) => {
                let coefficients = notch.coefficients(sfreq, line.0)?;
                let need = coefficients.len();
                if n_times < need {
                    let what = "samples for a notch filter";
                    return Err(dosewave_numerics::Error::TooShort { what, got: n_times, need }.into());
                }
                let plan = ZeroPhaseFir::new(coefficients.view())?;
                self.each_channel(run, cleaned, eeg, |x, y| plan.filter_into(x, y))?;
            }
            LineRemoval::Zapline { n_remove } => {
                self.each_channel(run, cleaned.view_mut(), eeg, |x, mut y| {
                    y.assign(&x);
                    Ok(())
                })?;
                let stretch = cleaned.select(Axis(0), eeg);
                let zap = zapline(stretch.view(), sfreq, line.0, *n_remove)?;
                for (row, samples) in eeg.iter().zip(zap.cleaned.rows()) {
                    cleaned.row_mut(*row).assign(&samples);
                }
                return Ok(Some(zap.n_removed));
            }
        }
        Ok(None)
    }

    /// `clean(samples, cleaned)` for each EEG channel of a run; others are copied.
    fn each_channel(
        &self,
        run: &Run,
        cleaned: ArrayViewMut2<'_, f64>,
        eeg: &[usize],
        clean: impl Fn(ArrayView1<'_, f64>, ArrayViewMut1<'_, f64>) -> dosewave_numerics::Result<()> + Send + Sync,
    ) -> Result<()> {
        let stretch = self.data_uv();
        let stretch = stretch.slice(s![.., columns(run)]);
        parallel::try_rows(cleaned, |row, mut y| {
            let x = stretch.row(row);
            if !eeg.contains(&row) {
                y.assign(&x);
                return Ok(());
            }
            if let Some(at) = first_not_finite(x) {
                let (channel, sample) = (self.channels()[row].name.clone(), columns(run).start + at);
                return Err(Error::NotFinite { channel, sample, value: x[at] });
            }
            Ok(clean(x, y)?)
        })
    }

    /// What removal did to the longest run; nothing where the bands beside the line do not lie below half the rate.
    fn line_note(
        &self,
        line: Hz,
        cleaned: ArrayView2<'_, f64>,
        eeg: &[usize],
        removed: &[usize],
    ) -> Option<Note> {
        let run = self.runs().iter().max_by_key(|run| run.len())?;
        let checker = LineChecker::new(run.len() as usize, self.sfreq().0, line.0).ok()?;
        let original = self.data_uv();
        let changes = parallel::try_map(eeg.len(), |k| {
            let samples = s![eeg[k], columns(run)];
            Ok(checker.change(original.slice(samples), cleaned.slice(samples))?)
        });
        let check = LineCheck::mean(&changes.ok()?).ok()?;
        let mut note = report(line, check, &format!("run from {}", run.onset));
        if !removed.is_empty() {
            let counts: Vec<String> = removed.iter().map(ToString::to_string).collect();
            note.text += &format!("; components removed in each run: {}", counts.join(", "));
        }
        Some(note)
    }
}

/// A note on runs too short for the step.
pub(super) fn short_note(short: usize, n_runs: usize) -> Option<Note> {
    let text = format!("{short} of {n_runs} runs are too short to take the line out and stay as they are");
    (short > 0).then(|| Note::warning("line", text))
}

/// What a notch does, by its response; nothing where the bands beside the line do not lie below half the rate.
pub(super) fn notch_note(coefficients: ArrayView1<'_, f64>, line: Hz, sfreq: Hz) -> Option<Note> {
    let check = line_check_of_response(coefficients, sfreq.0, line.0).ok()?;
    Some(report(line, check, "by the filter's response"))
}

fn columns(run: &Run) -> Range<usize> {
    run.samples.start as usize..run.samples.end as usize
}

/// What was done to the line and its neighbours, and how that is known.
fn report(line: Hz, check: LineCheck, known_by: &str) -> Note {
    let text = format!(
        "power at {line} changed by {:.1} dB, below and above it (3 to 8 Hz away) by {:.2} and {:.2} dB ({known_by})",
        check.line_db, check.below_db, check.above_db
    );
    let harmless = check.below_db.abs() <= NEIGHBOUR_LIMIT_DB && check.above_db.abs() <= NEIGHBOUR_LIMIT_DB;
    if harmless { Note::info("line", text) } else { Note::warning("line", text) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seconds;
    use crate::testing::{header, noise};
    use dosewave_numerics::filter::line_check;
    use std::f64::consts::TAU;

    const LINE: Hz = Hz(50.0);

    /// Noise with a line of 20 µV in all channels but the last two, in two runs.
    fn with_line() -> Recording {
        let runs = vec![
            Run { onset: Seconds(0.0), samples: 0..10_000 },
            Run { onset: Seconds(100.0), samples: 10_000..15_000 },
        ];
        let (_, mut data_uv) = noise(6, 15_000, 400.0).into_parts();
        for ((row, t), value) in data_uv.indexed_iter_mut() {
            *value += 5.0 * (row as f64 + 1.0) * (TAU * 50.0 * t as f64 / 400.0).sin();
        }
        Recording::from_parts(header(6, 400.0, runs), data_uv).unwrap()
    }

    #[test]
    fn the_line_goes_and_the_neighbours_stay_run_by_run() {
        for method in [
            LineRemoval::SpectrumInterpolation(Default::default()),
            LineRemoval::FirNotch(FirNotch::default()),
            LineRemoval::Zapline { n_remove: None },
        ] {
            let before = with_line();
            let clean = before.remove_line(LINE, &method).unwrap();
            let note = clean.header().notes.last().unwrap();
            let check = line_check(
                before.data_uv().slice(s![.., ..10_000]),
                clean.data_uv().slice(s![.., ..10_000]),
                400.0,
                50.0,
            )
            .unwrap();
            assert!(check.line_db < -10.0 && check.below_db.abs() < 0.05, "{method:?}: {check:?}");
            assert!(note.text.contains("power at 50 Hz changed by -"), "{}", note.text);
            let alone =
                before.crop(Seconds(100.0), Seconds(120.0)).unwrap().remove_line(LINE, &method).unwrap();
            assert_eq!(alone.data_uv(), clean.crop(Seconds(100.0), Seconds(120.0)).unwrap().data_uv());
        }
    }

    #[test]
    fn short_runs_are_named_and_left_alone() {
        let short = with_line().crop(Seconds(100.0), Seconds(101.0)).unwrap();
        let clean = short.remove_line(LINE, &LineRemoval::SpectrumInterpolation(Default::default())).unwrap();
        assert_eq!(clean.data_uv(), short.data_uv());
        assert!(clean.header().notes[0].text.starts_with("1 of 1 runs are too short"));
    }

    #[test]
    fn a_line_above_half_the_rate_is_refused() {
        let method = LineRemoval::SpectrumInterpolation(Default::default());
        assert!(with_line().remove_line(Hz(300.0), &method).is_err());
    }
}
