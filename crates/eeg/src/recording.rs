//! Samples with their header.

use crate::{
    Annotation, Channel, Channels, Details, Epochs, Error, Header, Hz, Note, Result, Run, Seconds, Windows,
};
use crate::{channel, invariants};
use dosewave_numerics::first_not_finite;
use ndarray::{Array2, ArrayView1, ArrayView2, Axis};

/// A recording: samples in µV (voltages) with channels, rate, runs and annotations.
///
/// Built by readers, by [`Recording::new`] from an array, and by its own steps, each of which returns a new one.
/// Columns of [`Recording::data_uv`] are grouped into [`Run`]s; no step looks across the gap between two runs.
///
/// ```
/// use dosewave_eeg::{Hz, Recording, Seconds, SpectrumParams, Windows};
/// // ten seconds of a 10 Hz rhythm of 20 µV amplitude
/// let data_uv = ndarray::Array2::from_shape_fn((1, 2500), |(_, t)| {
///     20.0 * (2.0 * std::f64::consts::PI * 10.0 * t as f64 / 250.0).sin()
/// });
/// let recording = Recording::new(data_uv, Hz(250.0), &["Cz"]).unwrap();
/// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
/// let spectrum = epochs.spectrum(&SpectrumParams::default()).unwrap().mean();
/// // the power of a sine is half its squared amplitude
/// let power: f64 = spectrum.psd_uv2_hz.sum() * 0.5;
/// assert!((power / 200.0 - 1.0).abs() < 1e-3);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    header: Header,
    data_uv: Array2<f64>,
}

impl Recording {
    /// One gapless run from an array `[channel, time]` in µV.
    ///
    /// # Errors
    /// [`Error::Shape`] when names and rows disagree or there is no sample, [`Error::Invalid`] for a rate that is not
    /// positive, [`Error::NotFinite`] naming the channel and sample of a NaN or infinity.
    pub fn new(data_uv: Array2<f64>, sfreq: Hz, ch_names: &[&str]) -> Result<Self> {
        let n_times = data_uv.ncols();
        if n_times == 0 {
            return Err(Error::Shape { what: "samples", expected: "at least 1".into(), got: "0".into() });
        }
        let header = Header {
            format: "array".into(),
            channels: ch_names.iter().map(|name| Channel::from_name(name)).collect(),
            sfreq,
            runs: vec![Run { onset: Seconds(0.0), samples: 0..n_times as u64 }],
            start: None,
            annotations: Vec::new(),
            other_signals: Vec::new(),
            details: Details::default(),
            notes: Vec::new(),
        };
        let recording = Self::from_parts(header, data_uv)?;
        recording.check_finite()?;
        Ok(recording)
    }

    /// Samples with the header that describes them; `header.runs` index the columns of `data_uv`.
    ///
    /// Annotations are put in order of onset. Samples may be NaN here, because files hold such samples; the steps that
    /// compute with them refuse them by name ([`Recording::check_finite`]).
    ///
    /// # Errors
    /// [`Error::Shape`] when channels or runs do not cover the array exactly, [`Error::Invalid`] for a bad rate, runs
    /// that overlap in time, or an annotation without a finite time.
    pub fn from_parts(mut header: Header, data_uv: Array2<f64>) -> Result<Self> {
        invariants::check(&header, data_uv.dim())?;
        sort_by_onset(&mut header.annotations);
        let data_uv =
            if data_uv.is_standard_layout() { data_uv } else { data_uv.as_standard_layout().into_owned() };
        Ok(Self { header, data_uv })
    }

    /// The header.
    #[must_use]
    pub fn header(&self) -> &Header {
        &self.header
    }

    /// Samples `[channel, time]`, µV for voltages.
    #[must_use]
    pub fn data_uv(&self) -> ArrayView2<'_, f64> {
        self.data_uv.view()
    }

    /// Sampling frequency.
    #[must_use]
    pub fn sfreq(&self) -> Hz {
        self.header.sfreq
    }

    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.header.channels
    }

    /// Stretches without a gap.
    #[must_use]
    pub fn runs(&self) -> &[Run] {
        &self.header.runs
    }

    /// Annotations, in order of onset.
    #[must_use]
    pub fn annotations(&self) -> &[Annotation] {
        &self.header.annotations
    }

    /// Header and samples.
    #[must_use]
    pub fn into_parts(self) -> (Header, Array2<f64>) {
        (self.header, self.data_uv)
    }

    /// Adds annotations, in order of onset. Those without a finite time are left out with a note.
    #[must_use]
    pub fn with_annotations(mut self, annotations: Vec<Annotation>) -> Self {
        let (timed, untimed): (Vec<_>, Vec<_>) = annotations.into_iter().partition(invariants::is_timed);
        self.header.annotations.extend(timed);
        sort_by_onset(&mut self.header.annotations);
        for lost in untimed {
            let text = format!(
                "annotation '{}' left out: onset {} and duration {} do not name a time",
                lost.label, lost.onset, lost.duration
            );
            self.header.notes.push(Note::warning("annotations", text));
        }
        self
    }

    /// First columns of the windows of `length` samples that follow each other in each run.
    pub(crate) fn window_starts(&self, length: usize) -> Vec<usize> {
        let of_run = |run: &Run| {
            let (from, to) = (run.samples.start as usize, run.samples.end as usize);
            (from..to).step_by(length.max(1)).filter(move |start| start + length <= to)
        };
        self.runs().iter().flat_map(of_run).collect()
    }

    /// Adds a note.
    #[must_use]
    pub fn with_note(mut self, note: Note) -> Self {
        self.header.notes.push(note);
        self
    }

    /// Refuses NaN and infinity in any channel.
    ///
    /// # Errors
    /// [`Error::NotFinite`], naming the first channel that has one, and its first sample.
    pub fn check_finite(&self) -> Result<()> {
        self.check_rows_finite(0..self.channels().len())
    }

    /// Refuses NaN and infinity in the channels at `rows`.
    pub(crate) fn check_rows_finite(&self, rows: impl IntoIterator<Item = usize>) -> Result<()> {
        for (row, channel) in rows.into_iter().filter_map(|row| Some((row, self.channels().get(row)?))) {
            check_channel_finite(channel, self.data_uv.row(row))?;
        }
        Ok(())
    }

    /// Only the channels at `indices`, in that order.
    ///
    /// # Errors
    /// [`Error::Invalid`] for an index that is not there, [`Error::NothingLeft`] for no index at all.
    pub fn pick(&self, indices: &[usize]) -> Result<Self> {
        let n_channels = self.channels().len();
        if indices.is_empty() {
            return Err(Error::NothingLeft {
                step: "pick",
                hint: "no channel was asked for; name at least one".into(),
            });
        }
        let channels: Result<Channels> = indices
            .iter()
            .map(|&i| {
                self.channels().get(i).cloned().ok_or_else(|| Error::Invalid {
                    parameter: "channel index",
                    value: i.to_string(),
                    allowed: format!("0 to {}", n_channels.saturating_sub(1)),
                })
            })
            .collect();
        let header = Header { channels: channels?, ..self.header.clone() };
        Ok(Self { header, data_uv: self.data_uv.select(Axis(0), indices) })
    }

    /// Only scalp EEG channels in µV.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] when there is none, naming the channels there are.
    pub fn pick_eeg(&self) -> Result<Self> {
        let eeg = channel::eeg_indices(self.channels());
        if eeg.is_empty() {
            let channels: Vec<String> =
                self.channels().iter().map(|c| format!("{} ({:?}, {})", c.name, c.kind, c.unit)).collect();
            return Err(Error::NothingLeft {
                step: "pick_eeg",
                hint: format!("none of the channels is EEG in µV: {}", channels.join(", ")),
            });
        }
        self.pick(&eeg)
    }

    /// Cuts epochs; see [`Windows`]. None spans a gap.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a length, overlap or label that does not fit, [`Error::NothingLeft`] when no run holds an
    /// epoch, [`Error::NotFinite`] for NaN or infinity within an epoch.
    pub fn epochs(&self, windows: &Windows) -> Result<Epochs> {
        windows.cut(self)
    }

    /// A recording from parts that keep the invariants, because they were derived from one that does.
    pub(crate) fn derived(header: Header, data_uv: Array2<f64>) -> Self {
        debug_assert!(invariants::check(&header, data_uv.dim()).is_ok());
        Self { header, data_uv }
    }
}

/// Refuses NaN and infinity in the samples of a channel.
pub(crate) fn check_channel_finite(channel: &Channel, x: ArrayView1<'_, f64>) -> Result<()> {
    match first_not_finite(x) {
        None => Ok(()),
        Some(sample) => Err(Error::NotFinite { channel: channel.name.clone(), sample, value: x[sample] }),
    }
}

fn sort_by_onset(annotations: &mut [Annotation]) {
    annotations.sort_by(|a, b| a.onset.0.total_cmp(&b.onset.0));
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn two_channels() -> Recording {
        Recording::new(array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]], Hz(100.0), &["Cz", "EOG"]).unwrap()
    }

    #[test]
    fn nan_is_refused_by_channel_and_sample() {
        let error =
            Recording::new(array![[1.0, 2.0], [3.0, f64::NAN]], Hz(100.0), &["Cz", "Pz"]).unwrap_err();
        assert!(
            matches!(&error, Error::NotFinite { channel, sample: 1, value } if channel == "Pz" && value.is_nan())
        );
        assert!(error.to_string().contains("remove or interpolate"), "{error}");
    }

    #[test]
    fn nan_from_a_file_is_kept_until_it_is_used() {
        let (header, mut data_uv) = two_channels().into_parts();
        data_uv[[1, 2]] = f64::INFINITY;
        let recording = Recording::from_parts(header, data_uv).unwrap();
        assert!(matches!(recording.check_finite(), Err(Error::NotFinite { sample: 2, .. })));
        assert!(recording.pick(&[0]).unwrap().check_finite().is_ok());
    }

    #[test]
    fn columns_of_a_transposed_array_keep_their_place() {
        let by_time = array![[1.0, 10.0], [2.0, 20.0], [3.0, 30.0]];
        let recording = Recording::new(by_time.reversed_axes(), Hz(1.0), &["a", "b"]).unwrap();
        assert!(recording.data_uv().is_standard_layout());
        assert_eq!(recording.data_uv(), array![[1.0, 2.0, 3.0], [10.0, 20.0, 30.0]]);
    }

    #[test]
    fn annotations_are_ordered_and_those_without_a_time_are_noted() {
        let at = |onset: f64, label: &str| Annotation::new(Seconds(onset), Seconds(0.0), label);
        let recording =
            two_channels().with_annotations(vec![at(2.0, "b"), at(f64::NAN, "lost"), at(1.0, "a")]);
        let labels: Vec<&str> = recording.annotations().iter().map(|a| a.label.as_str()).collect();
        assert_eq!(labels, ["a", "b"]);
        assert!(recording.header().notes[0].text.contains("lost"));
    }

    #[test]
    fn picks_keep_order_and_names() {
        let picked = two_channels().pick(&[1, 0]).unwrap();
        assert_eq!(picked.header().ch_names(), ["EOG", "Cz"]);
        assert_eq!(picked.data_uv(), array![[4.0, 5.0, 6.0], [1.0, 2.0, 3.0]]);
        assert_eq!(two_channels().pick_eeg().unwrap().header().ch_names(), ["Cz"]);
        assert!(two_channels().pick(&[2]).unwrap_err().to_string().contains("0 to 1"));
        assert!(two_channels().pick(&[]).is_err());
        let error = two_channels().pick(&[1]).unwrap().pick_eeg().unwrap_err();
        assert!(error.to_string().contains("EOG (Eog, µV)"), "{error}");
    }

    #[test]
    fn an_empty_array_is_no_recording() {
        assert!(matches!(Recording::new(Array2::zeros((1, 0)), Hz(1.0), &["Cz"]), Err(Error::Shape { .. })));
    }
}
