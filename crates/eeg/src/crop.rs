//! Parts of a recording in time.

use crate::{Error, Header, Recording, Result, Run, Seconds};
use ndarray::{Array2, Axis, Slice, concatenate};
use std::ops::Range;

impl Recording {
    /// The part in `[from, to)`, true times. Runs keep their true onsets, so time zero stays where it was; every
    /// annotation is kept, also one that lies outside (a dose before the window).
    ///
    /// # Errors
    /// [`Error::EmptyWindow`] when no sample lies in the window, [`Error::Invalid`] when a bound is NaN.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds};
    /// let recording = Recording::new(ndarray::Array2::zeros((1, 1000)), Hz(100.0), &["Cz"]).unwrap();
    /// let part = recording.crop(Seconds(2.0), Seconds(3.0)).unwrap();
    /// assert_eq!((part.data_uv().ncols(), part.runs()[0].onset), (100, Seconds(2.0)));
    /// ```
    pub fn crop(&self, from: Seconds, to: Seconds) -> Result<Self> {
        if from.0.is_nan() || to.0.is_nan() {
            return Err(Error::Invalid {
                parameter: "window",
                value: format!("{from} to {to}"),
                allowed: "two times".into(),
            });
        }
        let ranges = self.header().samples_between(from, to);
        if ranges.is_empty() {
            let start = self.runs().first().map_or(Seconds(0.0), |run| run.onset);
            return Err(Error::EmptyWindow { from, to, start, end: self.header().end() });
        }
        let header = Header { runs: self.header().runs_of(&ranges), ..self.header().clone() };
        Self::from_parts(header, self.columns(&ranges)?)
    }

    /// As [`Self::crop`]; where nothing is cut off, in the memory of this recording.
    ///
    /// # Errors
    /// As [`Self::crop`].
    pub fn into_cropped(self, from: Seconds, to: Seconds) -> Result<Self> {
        let ranges = self.header().samples_between(from, to);
        let all = 0..self.header().n_times();
        if !from.0.is_nan()
            && !to.0.is_nan()
            && ranges.iter().map(|r| r.end - r.start).sum::<u64>() == all.end
        {
            return Ok(self);
        }
        self.crop(from, to)
    }

    fn columns(&self, ranges: &[Range<u64>]) -> Result<Array2<f64>> {
        let parts: Vec<_> = ranges
            .iter()
            .map(|range| {
                self.data_uv().slice_axis_move(Axis(1), Slice::from(range.start as usize..range.end as usize))
            })
            .collect();
        match parts.as_slice() {
            [part] => Ok(part.as_standard_layout().into_owned()),
            parts => concatenate(Axis(1), parts).map_err(|e| Error::Shape {
                what: "parts of a crop",
                expected: format!("{} channels", self.channels().len()),
                got: e.to_string(),
            }),
        }
    }
}

impl Header {
    /// The runs of a recording that holds only the samples in `ranges`, which ascend: true onsets, columns counted anew.
    ///
    /// A range across a gap gives one run on each side of it. This is what a reader needs for a part of a file.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Run, Seconds};
    /// let recording = Recording::new(ndarray::Array2::zeros((1, 1000)), Hz(100.0), &["Cz"]).unwrap();
    /// let runs = recording.header().runs_of(&[200..300]);
    /// assert_eq!(runs, [Run { onset: Seconds(2.0), samples: 0..100 }]);
    /// ```
    #[must_use]
    pub fn runs_of(&self, ranges: &[Range<u64>]) -> Vec<Run> {
        let mut next = 0;
        let mut runs = Vec::new();
        for range in ranges {
            for run in &self.runs {
                let (start, end) = (range.start.max(run.samples.start), range.end.min(run.samples.end));
                if start < end {
                    let onset = Seconds(run.onset.0 + (start - run.samples.start) as f64 / self.sfreq.0);
                    runs.push(Run { onset, samples: next..next + (end - start) });
                    next += end - start;
                }
            }
        }
        runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::with_gap;
    use crate::{Annotation, Hz};

    fn onsets_and_samples(recording: &Recording) -> Vec<(f64, u64, u64)> {
        recording.runs().iter().map(|run| (run.onset.0, run.samples.start, run.samples.end)).collect()
    }

    #[test]
    fn a_crop_across_a_gap_keeps_both_sides_apart() {
        // 4 s, a pause of 10 s, 6 s, at 100 Hz; sample k of the file holds k
        let recording =
            with_gap().with_annotations(vec![Annotation::new(Seconds(14.5), Seconds(0.0), "dose")]);
        let part = recording.crop(Seconds(3.0), Seconds(15.0)).unwrap();
        assert_eq!(onsets_and_samples(&part), [(3.0, 0, 100), (14.0, 100, 200)]);
        assert_eq!(part.data_uv()[[0, 99]], 399.0);
        assert_eq!(part.data_uv()[[0, 100]], 400.0);
        assert_eq!(part.annotations()[0].onset, Seconds(14.5));
        // annotations outside stay, and cropping twice is cropping once
        let later = part.crop(Seconds(14.6), Seconds(15.0)).unwrap();
        assert_eq!(later.annotations().len(), 1);
        assert_eq!(later, recording.crop(Seconds(14.6), Seconds(15.0)).unwrap());
    }

    #[test]
    fn a_window_in_the_pause_is_empty_and_says_so() {
        let error = with_gap().crop(Seconds(5.0), Seconds(13.0)).unwrap_err();
        assert_eq!(error.to_string(), "no samples between 5 s and 13 s; the recording spans 0 s to 20 s");
        assert!(with_gap().crop(Seconds(3.0), Seconds(3.0)).is_err());
        assert!(matches!(with_gap().crop(Seconds(f64::NAN), Seconds(3.0)), Err(Error::Invalid { .. })));
    }

    #[test]
    fn unbounded_windows_keep_everything() {
        let all = with_gap().crop(Seconds(f64::NEG_INFINITY), Seconds(f64::INFINITY)).unwrap();
        assert_eq!(all, with_gap());
    }

    #[test]
    fn neighbouring_windows_share_no_sample_and_lose_none() {
        // 1/256 s is exact in binary, 0.1 s is not
        for (sfreq, edge) in [(256.0, 1.0), (250.0, 0.1), (100.0, 0.3), (1000.0 / 3.0, 0.7)] {
            let data = Array2::from_shape_fn((1, 1000), |(_, t)| t as f64);
            let recording = Recording::new(data, Hz(sfreq), &["Cz"]).unwrap();
            let columns =
                |from, to| recording.crop(Seconds(from), Seconds(to)).unwrap().data_uv().row(0).to_vec();
            let both = [columns(0.0, edge), columns(edge, 2.0 * edge)].concat();
            assert_eq!(both, columns(0.0, 2.0 * edge), "{sfreq} Hz");
        }
    }

    #[test]
    fn a_range_over_a_gap_gives_two_runs() {
        let runs = with_gap().header().runs_of(&[300..350, 380..450]);
        let flat: Vec<_> = runs.iter().map(|run| (run.onset.0, run.samples.clone())).collect();
        assert_eq!(flat, [(3.0, 0..50), (3.8, 50..70), (14.0, 70..120)]);
    }
}
