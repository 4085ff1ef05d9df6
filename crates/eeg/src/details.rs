//! What a file says beside samples and events.

use serde::{Deserialize, Serialize};

/// A spatial projection that a file carries (FIF): listed, not applied.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Projection {
    /// Its name, such as `Average EEG reference`.
    pub name: String,
    /// Whether the samples of the file went through it already.
    pub is_applied: bool,
    /// The channels that it is about.
    pub channels: Vec<String>,
}

/// An independent component analysis that a file carries (EEGLAB): activations are `unmixing · samples of channels`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Unmixing {
    /// The channels that it was computed from.
    pub channels: Vec<String>,
    /// `[component][channel]`: unmixing times sphering, as EEGLAB's `icaweights * icasphere`.
    pub matrix: Vec<Vec<f64>>,
}

/// A channel that a dataset calls bad.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkedBad {
    /// Its name.
    pub channel: String,
    /// Why; empty where it is not said.
    pub reason: String,
}

/// What a file says beside samples and events. Nothing of it is applied to the data.
///
/// ```
/// use dosewave_eeg::{Details, Projection};
/// let mut details = Details::default();
/// assert!(details.is_empty());
/// details.projections.push(Projection { name: "PCA-v1".into(), is_applied: false, channels: vec!["Cz".into()] });
/// assert!(!details.is_empty());
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Details {
    /// Projections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub projections: Vec<Projection>,
    /// Independent components.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unmixing: Option<Unmixing>,
    /// Channels that the dataset calls bad.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub bads: Vec<MarkedBad>,
}

impl Details {
    /// Whether the file says nothing beside.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.projections.is_empty() && self.unmixing.is_none() && self.bads.is_empty()
    }
}
