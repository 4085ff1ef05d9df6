//! Samples with their header.

use crate::{Annotation, Channel, Channels, Error, Header, Hz, Note, Reference, Result, Run, Seconds};
use dosewave_numerics::filter::FirDesign;
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

/// A recording: samples in µV (voltages) with channels, rate, runs and annotations.
///
/// Built by readers, by [`Recording::new`] from an array, and by its own steps, each of which returns a new one.
/// Columns of [`Recording::data_uv`] are grouped into [`Run`]s; no step looks across the gap between two runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    header: Header,
    data_uv: Array2<f64>,
}

impl Recording {
    /// One gapless run from an array `[channel, time]` in µV.
    ///
    /// # Errors
    /// [`Error::Shape`] when names and rows disagree, [`Error::Invalid`] for a rate that is not positive,
    /// [`Error::NotFinite`] naming the channel and sample of a NaN or infinity.
    pub fn new(data_uv: Array2<f64>, sfreq: Hz, ch_names: &[&str]) -> Result<Self> {
        todo!()
    }

    /// Samples with the header that describes them; `header.runs` index the columns of `data_uv`.
    ///
    /// # Errors
    /// [`Error::Shape`] when channels or runs do not cover the array exactly, [`Error::Invalid`] for a bad rate.
    pub fn from_parts(header: Header, data_uv: Array2<f64>) -> Result<Self> {
        todo!()
    }

    /// The header.
    pub fn header(&self) -> &Header { &self.header }
    /// Samples `[channel, time]`, µV for voltages.
    pub fn data_uv(&self) -> ArrayView2<'_, f64> { self.data_uv.view() }
    /// Sampling frequency.
    pub fn sfreq(&self) -> Hz { self.header.sfreq }
    /// Channels.
    pub fn channels(&self) -> &Channels { &self.header.channels }
    /// Runs.
    pub fn runs(&self) -> &[Run] { &self.header.runs }
    /// Annotations.
    pub fn annotations(&self) -> &[Annotation] { &self.header.annotations }
    /// Header and samples.
    pub fn into_parts(self) -> (Header, Array2<f64>) { (self.header, self.data_uv) }
    /// Adds annotations (sorted by onset).
    #[must_use]
    pub fn with_annotations(self, annotations: Vec<Annotation>) -> Self { todo!() }
    /// Adds a note.
    #[must_use]
    pub fn with_note(self, note: Note) -> Self { todo!() }

    /// Only the channels at `indices`, in that order.
    pub fn pick(&self, indices: &[usize]) -> Result<Self> { todo!() }
    /// Only scalp EEG channels.
    pub fn pick_eeg(&self) -> Result<Self> { todo!() }
    /// The part in `[from, to)`, true times; runs keep their true onsets.
    pub fn crop(&self, from: Seconds, to: Seconds) -> Result<Self> { todo!() }
    /// Zero-phase FIR of the voltage channels, run by run. Runs shorter than the filter are filtered with reflection padding and noted.
    pub fn filter(&self, design: &FirDesign) -> Result<Self> { todo!() }
    /// Re-references the EEG channels.
    pub fn set_reference(&self, reference: &Reference) -> Result<Self> { todo!() }
    /// Cuts epochs; see [`crate::Windows`].
    pub fn epochs(&self, windows: &crate::Windows) -> Result<crate::Epochs> { todo!() }
}
