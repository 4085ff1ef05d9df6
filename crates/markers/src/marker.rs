//! What a marker is.
use crate::{BlockStats, Result, Segment};
use dosewave_eeg::{Hz, Seconds, Unit};
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize, de::DeserializeOwned};

/// How a value before and a value after are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Change { /// `10·log10(post / baseline)`, in dB.
    Decibel, /// `post − baseline`, in the marker's own unit.
    Difference }

/// What a marker must have; checked before it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Needs { pub min_sfreq: Hz, pub min_duration: Seconds, /// Highest frequency it looks at; must stay under 0.8 × a recorded low-pass and under Nyquist.
    pub max_freq: Hz, pub min_channels: usize }

/// What a marker is: names, unit, formula, source. Text here is the user's documentation page and the report's glossary.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Spec { /// Kind in a configuration: `band_power`.
    pub kind: &'static str, pub label: &'static str, pub description: &'static str, pub unit: Unit, pub change: Change,
    /// Whether muscle can fake it: its rows carry gate evidence.
    pub contaminable: bool, pub formula: &'static str, pub reference: &'static str, pub doi: &'static str }

/// One kind of marker; the struct's fields are its parameters.
pub trait Marker: Default + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// Names, unit, formula, source.
    fn spec() -> Spec;
    /// What these parameters need.
    fn needs(&self) -> Needs;
    /// Whether muscle can fake the value with these parameters (delta power cannot, gamma power can).
    fn contaminable(&self) -> bool { Self::spec().contaminable }
    /// Sufficient statistics per block of epochs.
    fn block_stats(&self, segment: &Segment) -> Result<BlockStats>;
    /// The marker for each draw of blocks: `counts [draw, block]` says how often each block is taken; returns `[draw, site]`
    /// in the order of `stats.sites`; NaN where it is undefined (one floor up that becomes "missing, with a reason").
    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>>;
}
/// Object-safe face of [`Marker`]; implemented for all of them.
pub trait DynMarker: Send + Sync {
    fn spec(&self) -> Spec;
    fn params(&self) -> serde_json::Value;
    fn needs(&self) -> Needs;
    fn contaminable(&self) -> bool;
    fn block_stats(&self, segment: &Segment) -> Result<BlockStats>;
    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>>;
}
