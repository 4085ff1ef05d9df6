//! How a recording is cut into epochs.

use crate::{Epochs, Error, Recording, Result, Run, Seconds};
use ndarray::{Array3, s};
use std::collections::BTreeSet;

/// How a recording is cut.
#[derive(Clone, Debug, PartialEq)]
pub enum Windows {
    /// Epochs of `length`, each starting `length × (1 − overlap)` after the one before, from the start of each run.
    /// What is left at the end of a run is dropped. Both are rounded to whole samples.
    Fixed {
        /// Length.
        length: Seconds,
        /// Fraction of an epoch shared with the next, `[0, 1)`.
        overlap: f64,
    },
    /// Epochs `[onset + tmin, onset + tmax)` around annotations whose label equals `label`, from the sample nearest to
    /// their start. Events whose epoch would leave its run are dropped.
    Events {
        /// Annotation label.
        label: String,
        /// Start relative to the onset.
        tmin: Seconds,
        /// End relative to the onset.
        tmax: Seconds,
    },
}

impl Windows {
    /// Fixed-length epochs without overlap.
    #[must_use]
    pub fn fixed(length: Seconds) -> Self {
        Self::Fixed { length, overlap: 0.0 }
    }

    /// Cuts a recording; see [`Recording::epochs`].
    pub(crate) fn cut(&self, recording: &Recording) -> Result<Epochs> {
        let (n_times, starts) = match self {
            Self::Fixed { length, overlap } => fixed(recording, *length, *overlap)?,
            Self::Events { label, tmin, tmax } => around_events(recording, label, *tmin, *tmax)?,
        };
        let onsets = starts.iter().map(|start| start.onset).collect();
        let data_uv = copy(recording, &starts, n_times)?;
        Ok(Epochs::derived(recording.channels().clone(), recording.sfreq(), data_uv, onsets))
    }
}

/// First sample of an epoch.
struct Start {
    column: usize,
    onset: Seconds,
}

impl Start {
    fn in_run(run: &Run, offset: usize, sfreq: f64) -> Self {
        Self {
            column: run.samples.start as usize + offset,
            onset: Seconds(run.onset.0 + offset as f64 / sfreq),
        }
    }
}

fn fixed(recording: &Recording, length: Seconds, overlap: f64) -> Result<(usize, Vec<Start>)> {
    let sfreq = recording.sfreq().0;
    let n_times = n_samples(length, sfreq)?;
    if !(0.0..1.0).contains(&overlap) {
        return Err(Error::Invalid {
            parameter: "overlap",
            value: overlap.to_string(),
            allowed: "a fraction of an epoch, 0 to below 1".into(),
        });
    }
    let step = ((n_times as f64 * (1.0 - overlap)).round() as usize).max(1);
    let mut starts = Vec::new();
    for run in recording.runs() {
        let room = (run.len() as usize + 1).saturating_sub(n_times);
        starts.extend((0..room).step_by(step).map(|offset| Start::in_run(run, offset, sfreq)));
    }
    if starts.is_empty() {
        let longest = recording.runs().iter().map(Run::len).max().unwrap_or(0) as f64 / sfreq;
        let hint = format!(
            "no stretch without a gap is as long as one epoch ({length}); the longest has {longest} s: choose shorter epochs"
        );
        return Err(Error::NothingLeft { step: "epochs", hint });
    }
    Ok((n_times, starts))
}

fn around_events(
    recording: &Recording,
    label: &str,
    tmin: Seconds,
    tmax: Seconds,
) -> Result<(usize, Vec<Start>)> {
    let sfreq = recording.sfreq().0;
    let n_times = n_samples(Seconds(tmax.0 - tmin.0), sfreq)?;
    let events: Vec<Seconds> =
        recording.annotations().iter().filter(|a| a.label == label).map(|a| a.onset).collect();
    if events.is_empty() {
        let known: BTreeSet<&str> = recording.annotations().iter().map(|a| a.label.as_str()).collect();
        return Err(Error::Invalid {
            parameter: "label",
            value: format!("'{label}'"),
            allowed: format!("labels of the recording: {}", known.into_iter().collect::<Vec<_>>().join(", ")),
        });
    }
    let inside = |event: &Seconds| {
        recording.runs().iter().find_map(|run| {
            let offset = ((event.0 + tmin.0 - run.onset.0) * sfreq).round();
            let fits = offset >= 0.0 && offset + n_times as f64 <= run.len() as f64;
            fits.then(|| Start::in_run(run, offset as usize, sfreq))
        })
    };
    let starts: Vec<Start> = events.iter().filter_map(inside).collect();
    if starts.is_empty() {
        let hint = format!(
            "{} events '{label}', but none has {tmin} to {tmax} around it recorded without a gap: choose a shorter epoch",
            events.len()
        );
        return Err(Error::NothingLeft { step: "epochs", hint });
    }
    Ok((n_times, starts))
}

fn n_samples(length: Seconds, sfreq: f64) -> Result<usize> {
    let n = (length.0 * sfreq).round();
    if n.is_finite() && n >= 1.0 {
        return Ok(n as usize);
    }
    Err(Error::Invalid {
        parameter: "length of an epoch",
        value: length.to_string(),
        allowed: format!("at least one sample, {} s", 1.0 / sfreq),
    })
}

/// `[epoch, channel, time]`; NaN and infinity are refused with their sample of the recording.
fn copy(recording: &Recording, starts: &[Start], n_times: usize) -> Result<Array3<f64>> {
    let n_channels = recording.channels().len();
    let samples = recording.data_uv();
    let mut data_uv = Vec::with_capacity(starts.len() * n_channels * n_times);
    for start in starts {
        for (row, channel) in samples.rows().into_iter().zip(recording.channels().iter()) {
            let stretch = row.slice_move(s![start.column..start.column + n_times]);
            if let Some((offset, &value)) = stretch.iter().enumerate().find(|(_, value)| !value.is_finite()) {
                let sample = start.column + offset;
                return Err(Error::NotFinite { channel: channel.name.clone(), sample, value });
            }
            data_uv.extend(stretch);
        }
    }
    let shape = (starts.len(), n_channels, n_times);
    Array3::from_shape_vec(shape, data_uv).map_err(|e| Error::Shape {
        what: "samples of the epochs",
        expected: format!("{shape:?}"),
        got: e.to_string(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Annotation;
    use crate::testing::{noise, with_gap};

    fn firsts_and_onsets(epochs: &Epochs) -> Vec<(f64, f64)> {
        epochs.data_uv().outer_iter().zip(epochs.onsets()).map(|(e, onset)| (e[[0, 0]], onset.0)).collect()
    }

    #[test]
    fn no_epoch_spans_the_gap_and_remainders_are_dropped() {
        // runs of 4 s and 6 s; epochs of 2.5 s: one, then two
        let epochs = with_gap().epochs(&Windows::fixed(Seconds(2.5))).unwrap();
        assert_eq!(firsts_and_onsets(&epochs), [(0.0, 0.0), (400.0, 14.0), (650.0, 16.5)]);
        // samples count up by one within an epoch, so none jumps over the pause
        for epoch in epochs.data_uv().outer_iter() {
            assert!(epoch.row(0).windows(2).into_iter().all(|w| w[1] - w[0] == 1.0));
        }
    }

    #[test]
    fn overlap_is_a_fraction_of_the_length() {
        let windows = Windows::Fixed { length: Seconds(2.0), overlap: 0.5 };
        let epochs = with_gap().epochs(&windows).unwrap();
        let onsets: Vec<f64> = epochs.onsets().iter().map(|t| t.0).collect();
        assert_eq!(onsets, [0.0, 1.0, 2.0, 14.0, 15.0, 16.0, 17.0, 18.0]);
    }

    #[test]
    fn an_epoch_as_long_as_its_run_fits_and_one_sample_more_does_not() {
        assert_eq!(noise(2, 300, 100.0).epochs(&Windows::fixed(Seconds(3.0))).unwrap().n_epochs(), 1);
        let error = noise(2, 300, 100.0).epochs(&Windows::fixed(Seconds(3.01))).unwrap_err();
        assert!(error.to_string().contains("the longest has 3 s"), "{error}");
    }

    #[test]
    fn events_keep_their_true_time_after_a_gap() {
        let at = |onset| Annotation::new(Seconds(onset), Seconds(0.0), "flash");
        // too early, fine, runs into the pause, in the pause, fine after it
        let recording = with_gap().with_annotations([0.1, 2.0, 3.8, 9.0, 15.0].map(at).to_vec());
        let windows = Windows::Events { label: "flash".into(), tmin: Seconds(-0.2), tmax: Seconds(0.5) };
        let epochs = recording.epochs(&windows).unwrap();
        assert_eq!((epochs.n_epochs(), epochs.n_times()), (2, 70));
        let found = firsts_and_onsets(&epochs);
        assert_eq!((found[0].0, found[1].0), (180.0, 480.0));
        assert!((found[0].1 - 1.8).abs() < 1e-12 && (found[1].1 - 14.8).abs() < 1e-12);
    }

    #[test]
    fn unknown_labels_name_the_known_ones() {
        let recording =
            with_gap().with_annotations(vec![Annotation::new(Seconds(1.0), Seconds(0.0), "dose")]);
        let windows =
            |label: &str| Windows::Events { label: label.into(), tmin: Seconds(-9.0), tmax: Seconds(9.0) };
        let error = recording.epochs(&windows("flash")).unwrap_err().to_string();
        assert!(error.contains("labels of the recording: dose"), "{error}");
        let error = recording.epochs(&windows("dose")).unwrap_err().to_string();
        assert!(error.contains("1 events 'dose', but none"), "{error}");
    }

    #[test]
    fn nonsense_is_refused() {
        for (length, overlap) in
            [(0.0, 0.0), (-1.0, 0.0), (f64::NAN, 0.0), (1.0, 1.0), (1.0, -0.1), (1.0, f64::NAN)]
        {
            let error = noise(1, 500, 100.0)
                .epochs(&Windows::Fixed { length: Seconds(length), overlap })
                .unwrap_err();
            assert!(matches!(error, Error::Invalid { .. }), "{length}, {overlap}: {error}");
        }
    }

    #[test]
    fn only_nan_within_an_epoch_matters() {
        let (header, mut data_uv) = with_gap().into_parts();
        data_uv[[0, 399]] = f64::NAN; // in the remainder of the first run
        let recording = Recording::from_parts(header.clone(), data_uv.clone()).unwrap();
        assert_eq!(recording.epochs(&Windows::fixed(Seconds(3.0))).unwrap().n_epochs(), 3);
        data_uv[[0, 410]] = f64::NAN;
        let error = Recording::from_parts(header, data_uv)
            .unwrap()
            .epochs(&Windows::fixed(Seconds(3.0)))
            .unwrap_err();
        assert!(matches!(error, Error::NotFinite { sample: 410, .. }));
    }
}
