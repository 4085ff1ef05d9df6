//! Line noise taken out, run by run.

use crate::{Hz, Note, Recording, Result, Run, channel, parallel};
use dosewave_numerics::filter::{
    LineCheck, SpectrumInterpolationParams, line_check, spectrum_interpolation, zapline,
};
use ndarray::{Array2, Axis, s};
use serde::{Deserialize, Serialize};

/// A neighbour of the line that changed by more than this is noted, dB.
const NEIGHBOUR_LIMIT_DB: f64 = 0.1;

/// How [`Recording::remove_line`] works.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineRemoval {
    /// The amplitude at the line and its harmonics becomes that of its neighbours, channel by channel (Leske & Dalal 2019,
    /// 10.1016/j.neuroimage.2019.01.026).
    SpectrumInterpolation(SpectrumInterpolationParams),
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
        self.check_rows_finite(eeg.iter().copied())?;
        let before = self.data_uv().select(Axis(0), &eeg);
        let mut after = before.clone();
        let (mut short, mut removed) = (0, Vec::new());
        for run in self.runs() {
            let columns = s![.., run.samples.start as usize..run.samples.end as usize];
            let stretch = before.slice(columns).to_owned();
            let cleaned = match method {
                LineRemoval::SpectrumInterpolation(params) => {
                    interpolated(&stretch, self.sfreq(), line, *params)
                }
                LineRemoval::Zapline { n_remove } => {
                    zapline(stretch.view(), self.sfreq().0, line.0, *n_remove)
                        .map_err(crate::Error::from)
                        .map(|zap| {
                            removed.push(zap.n_removed);
                            zap.cleaned
                        })
                }
            };
            match cleaned {
                Ok(cleaned) => after.slice_mut(columns).assign(&cleaned),
                Err(crate::Error::Kernel(dosewave_numerics::Error::TooShort { .. })) => short += 1,
                Err(error) => return Err(error),
            }
        }
        let notes = self.line_notes(line, &before, &after, short, &removed);
        let (header, mut data_uv) = self.clone().into_parts();
        for (k, &row) in eeg.iter().enumerate() {
            data_uv.row_mut(row).assign(&after.row(k));
        }
        Ok(notes.into_iter().fold(Self::derived(header, data_uv), Self::with_note))
    }

    /// What was done, and what it did to the longest run.
    fn line_notes(
        &self,
        line: Hz,
        before: &Array2<f64>,
        after: &Array2<f64>,
        short: usize,
        removed: &[usize],
    ) -> Vec<Note> {
        let mut notes = Vec::new();
        if short > 0 {
            let text = format!(
                "{short} of {} runs are too short to take the line out and stay as they are",
                self.runs().len()
            );
            notes.push(Note::warning("line", text));
        }
        let Some(run) = self.runs().iter().max_by_key(|run| run.len()) else { return notes };
        let columns = s![.., run.samples.start as usize..run.samples.end as usize];
        let Ok(check) = line_check(before.slice(columns), after.slice(columns), self.sfreq().0, line.0)
        else {
            return notes;
        };
        notes.push(report(line, check, removed, run));
        notes
    }
}

fn report(line: Hz, check: LineCheck, removed: &[usize], run: &Run) -> Note {
    let components = match removed {
        [] => String::new(),
        counts => format!(
            "; components removed in each run: {}",
            counts.iter().map(ToString::to_string).collect::<Vec<_>>().join(", ")
        ),
    };
    let text = format!(
        "power at {line} changed by {:.1} dB, below and above it (3 to 8 Hz away) by {:.2} and {:.2} dB (run from {}){components}",
        check.line_db, check.below_db, check.above_db, run.onset
    );
    let harmless = check.below_db.abs() <= NEIGHBOUR_LIMIT_DB && check.above_db.abs() <= NEIGHBOUR_LIMIT_DB;
    if harmless { Note::info("line", text) } else { Note::warning("line", text) }
}

fn interpolated(
    stretch: &Array2<f64>,
    sfreq: Hz,
    line: Hz,
    params: SpectrumInterpolationParams,
) -> Result<Array2<f64>> {
    let mut cleaned = stretch.clone();
    parallel::try_rows(cleaned.view_mut(), |row, mut samples| {
        samples.assign(&spectrum_interpolation(stretch.row(row), sfreq.0, line.0, params)?);
        Ok(())
    })?;
    Ok(cleaned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seconds;
    use crate::testing::{header, noise};
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
        for method in
            [LineRemoval::SpectrumInterpolation(Default::default()), LineRemoval::Zapline { n_remove: None }]
        {
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
