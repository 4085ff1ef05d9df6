//! Welch spectra of a whole recording, across its gaps.

use crate::spectrum_params::Estimator;
use crate::{Annotation, Channels, Error, Note, Recording, Result, Seconds, SpectrumParams, parallel};
use dosewave_numerics::spectral::Welch;
use ndarray::{Array1, Array2, ArrayView1, Axis, s};
use std::ops::Range;

/// One spectrum per channel, with the time that it rests on.
#[derive(Clone, Debug, PartialEq)]
pub struct RecordingSpectrum {
    /// Channels, in the order of the rows.
    pub channels: Channels,
    /// Frequencies, Hz.
    pub freqs_hz: Array1<f64>,
    /// `[channel, freq]`, one-sided, µV²/Hz.
    pub psd_uv2_hz: Array2<f64>,
    /// Seconds inside some segment, for each channel.
    pub seconds_used: Vec<f64>,
    /// What was left out.
    pub notes: Vec<Note>,
}

/// Labels that begin so mark what is not to be used, in any case of letters, as MNE's `skip_by_annotation` has it.
const NOT_USED: [&str; 2] = ["BAD", "EDGE"];

impl Recording {
    /// Power spectral density of each channel over the whole recording, by Welch's method (1967,
    /// <https://doi.org/10.1109/TAU.1967.1161901>).
    ///
    /// Segments lie whole inside a run: none spans a gap, an annotation `BAD…` or `EDGE…` (of this channel or of all), or a
    /// sample that is NaN or infinite. Stretches shorter than a segment are not used; `seconds_used` tells what is, and notes
    /// tell what is not. Each segment counts the same, whichever run it is from. A channel without a segment is left out.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a multitaper (it takes a stretch as a whole: cut epochs first) and for Welch settings that cannot
    /// be; [`Error::NothingLeft`] when no channel holds a segment.
    ///
    /// ```
    /// use dosewave_eeg::{Annotation, Hz, Recording, Seconds, SpectrumParams};
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 2000), |(_, t)| (0.6 * t as f64).sin());
    /// let recording = Recording::new(data_uv, Hz(100.0), &["Cz"]).unwrap();
    /// let bad = Annotation::new(Seconds(9.0), Seconds(1.0), "BAD_movement");
    /// let spectrum = recording.with_annotations(vec![bad]).welch(&SpectrumParams::welch(2.0, 0.0)).unwrap();
    /// // four segments of 2 s before it, five after it
    /// assert_eq!(spectrum.seconds_used, [18.0]);
    /// ```
    pub fn welch(&self, params: &SpectrumParams) -> Result<RecordingSpectrum> {
        let sfreq = self.sfreq();
        let longest =
            self.header().runs.iter().map(|run| (run.samples.end - run.samples.start) as usize).max();
        let Estimator::Welch(welch) = params.estimator(longest.unwrap_or(0), sfreq)? else {
            return Err(Error::Invalid {
                parameter: "params",
                value: "multitaper".into(),
                allowed:
                    "SpectrumParams::Welch; a multitaper takes a stretch as a whole, so cut epochs first"
                        .into(),
            });
        };
        let found =
            parallel::try_map(self.header().channels.len(), |row| self.welch_of_channel(row, &welch))?;
        let freqs_hz = welch.freqs_hz();
        let kept: Vec<usize> = (0..found.len()).filter(|&row| found[row].psd.is_some()).collect();
        if kept.is_empty() {
            return Err(Error::NothingLeft {
                step: "welch",
                hint: format!(
                    "no stretch without gap, BAD or EDGE annotation or missing sample is as long as a segment of {} s; \
                     choose a shorter one",
                    welch.n_per_seg() as f64 / sfreq.0
                ),
            });
        }
        let mut psd_uv2_hz = Array2::zeros((kept.len(), freqs_hz.len()));
        for (mut out, &row) in psd_uv2_hz.outer_iter_mut().zip(&kept) {
            if let Some(psd) = &found[row].psd {
                out.assign(psd);
            }
        }
        Ok(RecordingSpectrum {
            channels: kept.iter().map(|&row| self.header().channels[row].clone()).collect(),
            freqs_hz,
            psd_uv2_hz,
            seconds_used: kept.iter().map(|&row| found[row].n_used as f64 / sfreq.0).collect(),
            notes: self.notes_on(&found),
        })
    }

    /// The stretches of a channel that may be used, as ranges of samples, and how many samples are not finite.
    fn stretches(&self, row: usize) -> (Vec<Range<usize>>, usize) {
        let name = &self.header().channels[row].name;
        let marked: Vec<&Annotation> = self
            .header()
            .annotations
            .iter()
            .filter(|annotation| is_not_used(&annotation.label))
            .filter(|annotation| annotation.channels.is_empty() || annotation.channels.contains(name))
            .collect();
        let samples = self.data_uv().index_axis_move(Axis(0), row);
        let (mut stretches, mut n_missing) = (Vec::new(), 0);
        for run in &self.header().runs {
            let (start, end) = (run.samples.start as usize, run.samples.end as usize);
            let mut usable = vec![true; end - start];
            // an instant parts the run without taking a sample
            let mut is_cut = vec![false; end - start + 1];
            for annotation in &marked {
                let at = |time: Seconds| {
                    ((time.0 - run.onset.0) * self.sfreq().0).clamp(0.0, (end - start) as f64)
                };
                let (from, to) =
                    (at(annotation.onset).round() as usize, at(annotation.end()).round() as usize);
                usable[from..to].fill(false);
                is_cut[from] = true;
            }
            for (usable, value) in usable.iter_mut().zip(samples.slice(s![start..end])) {
                if !value.is_finite() {
                    *usable = false;
                    n_missing += 1;
                }
            }
            stretches
                .extend(usable_ranges(&usable, &is_cut).into_iter().map(|r| r.start + start..r.end + start));
        }
        (stretches, n_missing)
    }

    fn welch_of_channel(&self, row: usize, welch: &Welch) -> Result<OneChannel> {
        let (stretches, n_missing) = self.stretches(row);
        let used = |range: &Range<usize>| welch.n_samples_used(range.len());
        let n_used = stretches.iter().map(used).sum();
        if n_used == 0 {
            return Ok(OneChannel { psd: None, n_used, n_missing });
        }
        let data = self.data_uv();
        let runs: Vec<ArrayView1<'_, f64>> =
            stretches.iter().map(|range| data.slice_move(s![row, range.clone()])).collect();
        let mut psd = Array1::zeros(welch.freqs_hz().len());
        welch.psd_of_runs(&runs, psd.view_mut(), &mut welch.scratch())?;
        Ok(OneChannel { psd: Some(psd), n_used, n_missing })
    }

    fn notes_on(&self, found: &[OneChannel]) -> Vec<Note> {
        let named = |test: &dyn Fn(&OneChannel) -> bool| -> Vec<&str> {
            let channels = self.header().channels.iter().zip(found);
            channels.filter(|(_, one)| test(one)).map(|(channel, _)| channel.name.as_str()).collect()
        };
        let mut notes = Vec::new();
        let missing = named(&|one| one.n_missing > 0 && one.psd.is_some());
        if !missing.is_empty() {
            notes.push(Note::warning(
                "welch",
                format!("samples that are NaN or infinite were left out of {}", missing.join(", ")),
            ));
        }
        let without = named(&|one| one.psd.is_none());
        if !without.is_empty() {
            notes.push(Note::warning(
                "welch",
                format!("no stretch is as long as a segment in {}", without.join(", ")),
            ));
        }
        notes
    }
}

struct OneChannel {
    psd: Option<Array1<f64>>,
    n_used: usize,
    n_missing: usize,
}

fn is_not_used(label: &str) -> bool {
    NOT_USED.iter().any(|word| label.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word)))
}

/// Ranges of `true`, parted before the samples of `is_cut` as well.
fn usable_ranges(usable: &[bool], is_cut: &[bool]) -> Vec<Range<usize>> {
    let mut ranges: Vec<Range<usize>> = Vec::new();
    for (i, _) in usable.iter().enumerate().filter(|(_, usable)| **usable) {
        match ranges.last_mut().filter(|range| range.end == i && !is_cut[i]) {
            Some(range) => range.end = i + 1,
            None => ranges.push(i..i + 1),
        }
    }
    ranges
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, Details, Header, Hz, Run};
    use dosewave_numerics::spectral::{Detrend, WelchParams, Window};

    const SFREQ: Hz = Hz(100.0);

    fn noise(t: usize) -> f64 {
        let t = t as f64;
        10.0 * (0.37 * t * t).sin() + 5.0 * (1.3 * t).sin()
    }

    fn of_runs(lengths: &[usize]) -> Recording {
        let mut runs = Vec::new();
        let mut at = 0_u64;
        for (k, &n) in lengths.iter().enumerate() {
            // a pause of a minute between runs
            runs.push(Run {
                onset: Seconds(at as f64 / SFREQ.0 + 60.0 * k as f64),
                samples: at..at + n as u64,
            });
            at += n as u64;
        }
        let header = Header {
            format: "test".into(),
            channels: [Channel::from_name("Cz"), Channel::from_name("Pz")].into_iter().collect(),
            sfreq: SFREQ,
            runs,
            start: None,
            annotations: Vec::new(),
            other_signals: Vec::new(),
            details: Details::default(),
            notes: Vec::new(),
        };
        let data = Array2::from_shape_fn((2, at as usize), |(c, t)| noise(t + 17 * c));
        Recording::from_parts(header, data).unwrap()
    }

    fn mean_of_segments(recording: &Recording, row: usize, starts: &[usize]) -> Array1<f64> {
        let rows: Vec<f64> =
            starts.iter().flat_map(|&s| recording.data_uv().slice(s![row, s..s + 200]).to_vec()).collect();
        let epochs = Array2::from_shape_vec((starts.len(), 200), rows).unwrap();
        let (_, psd) = crate::arrays::psd_welch(
            epochs.view(),
            SFREQ.0,
            WelchParams::periodogram(200, Window::Boxcar, Detrend::Constant),
        )
        .unwrap();
        psd.mean_axis(Axis(0)).unwrap()
    }

    fn boxcar() -> SpectrumParams {
        let SpectrumParams::Welch { window, overlap, average, detrend, .. } = SpectrumParams::welch(2.0, 0.0)
        else {
            unreachable!()
        };
        SpectrumParams::Welch { window, overlap, taper: Window::Boxcar, average, detrend }
    }

    #[test]
    fn no_segment_spans_a_gap() {
        let recording = of_runs(&[450, 130, 900]);
        let spectrum = recording.welch(&boxcar()).unwrap();
        assert_eq!(spectrum.seconds_used, [12.0, 12.0]);
        for row in 0..2 {
            let expected = mean_of_segments(&recording, row, &[0, 200, 580, 780, 980, 1180]);
            for (found, expected) in spectrum.psd_uv2_hz.row(row).iter().zip(&expected) {
                assert!((found - expected).abs() < 1e-12 * expected.abs() + 1e-15, "{found} {expected}");
            }
        }
    }

    #[test]
    fn bad_and_edge_annotations_are_left_out_for_their_channels() {
        let mut bad = Annotation::new(Seconds(1.0), Seconds(0.5), "bad blink");
        bad.channels = vec!["Pz".into()];
        let edge = Annotation::new(Seconds(4.5), Seconds(0.0), "EDGE boundary");
        let drug = Annotation::new(Seconds(2.0), Seconds(9.0), "drug");
        let recording = of_runs(&[900]).with_annotations(vec![bad, edge, drug]);
        let spectrum = recording.welch(&boxcar()).unwrap();
        // Cz: 0–4.5 and 4.5–9 s; Pz: 1.5–4.5 and 4.5–9 s
        assert_eq!(spectrum.seconds_used, [8.0, 6.0]);
        let expected = mean_of_segments(&recording, 1, &[150, 450, 650]);
        assert!((spectrum.psd_uv2_hz[[1, 7]] / expected[7] - 1.0).abs() < 1e-12);
        assert!(spectrum.notes.is_empty());
    }

    #[test]
    fn missing_samples_are_left_out_and_said() {
        let whole = of_runs(&[1000]);
        let mut data = whole.data_uv().to_owned();
        data[[0, 500]] = f64::NAN;
        data.row_mut(1).fill(f64::NAN);
        let recording = Recording::from_parts(whole.header().clone(), data).unwrap();
        let spectrum = recording.welch(&boxcar()).unwrap();
        assert_eq!(spectrum.seconds_used, [8.0]);
        assert_eq!(spectrum.channels[0].name, "Cz");
        let notes: Vec<String> = spectrum.notes.iter().map(ToString::to_string).collect();
        assert!(notes[0].contains("left out of Cz") && notes[1].contains("in Pz"), "{notes:?}");
        assert!(spectrum.psd_uv2_hz.iter().all(|p| p.is_finite()));
    }

    #[test]
    fn what_cannot_be_is_refused() {
        let recording = of_runs(&[150, 120]);
        let text = |params: &SpectrumParams| recording.welch(params).unwrap_err().to_string();
        assert!(
            text(&SpectrumParams::welch(2.0, 0.5)).contains('2'),
            "{}",
            text(&SpectrumParams::welch(2.0, 0.5))
        );
        assert!(text(&SpectrumParams::default()).contains("epochs"));
    }
}
