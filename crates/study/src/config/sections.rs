//! The sections of the configuration, with their defaults. The doc line that users see is in `options.rs`.

use super::values::{Edge, duration_or_none, or_none, text};
use dosewave_eeg::{ComponentLimits, Reference, Rejection};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// Cleaning, before epochs are cut.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Clean {
    /// High-pass edge, Hz.
    #[serde(with = "or_none")]
    pub high_pass: Option<f64>,
    /// Low-pass edge, Hz.
    #[serde(with = "or_none")]
    pub low_pass: Option<f64>,
    /// Mains frequency, Hz.
    #[serde(with = "or_none")]
    pub line: Option<f64>,
    /// Whether and how the mains are taken out, beside being left out of band means.
    pub line_removal: LineStep,
    /// Whether the heart's field is subtracted, where there is an ECG channel.
    pub heart_field: bool,
    /// What becomes of bad channels.
    pub bad_channels: BadChannelStep,
    /// Reference.
    #[serde(with = "reference")]
    pub reference: Reference,
}

impl Default for Clean {
    fn default() -> Self {
        Self {
            high_pass: Some(0.5),
            low_pass: None,
            line: Some(50.0),
            line_removal: LineStep::None,
            heart_field: false,
            bad_channels: BadChannelStep::Keep,
            reference: Reference::Average,
        }
    }
}

/// A set of settings for a purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// The defaults.
    #[default]
    None,
    /// Resting EEG around a drug.
    Resting,
}

/// What becomes of bad channels.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BadChannelStep {
    /// They stay, unlooked for.
    #[default]
    Keep,
    /// They are found in all windows and interpolated in all.
    Interpolate,
}

/// Sliding windows on the dose clock.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TimeCourseConfig {
    /// Width of a window, seconds.
    pub width: f64,
    /// From one window to the next, seconds.
    pub step: f64,
    /// Sites that have a course.
    pub sites: Vec<String>,
}

impl Default for TimeCourseConfig {
    fn default() -> Self {
        Self { width: 30.0, step: 10.0, sites: vec!["global".into()] }
    }
}

/// Independent components.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IcaConfig {
    /// The algorithm.
    pub method: IcaChoice,
    /// Score from which a component is removed as eyes.
    #[serde(with = "or_none")]
    pub eye: Option<f64>,
    /// … as muscle.
    #[serde(with = "or_none")]
    pub muscle: Option<f64>,
    /// … as heart.
    #[serde(with = "or_none")]
    pub heart: Option<f64>,
    /// … as mains.
    #[serde(with = "or_none")]
    pub line: Option<f64>,
}

/// The algorithm of the independent components.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IcaChoice {
    /// No components.
    #[default]
    None,
    /// Picard.
    Picard,
    /// FastICA.
    FastIca,
}

impl Default for IcaConfig {
    fn default() -> Self {
        let ComponentLimits { eye, muscle, heart, line } = ComponentLimits::default();
        Self { method: IcaChoice::None, eye, muscle, heart, line }
    }
}

impl From<&IcaConfig> for ComponentLimits {
    fn from(config: &IcaConfig) -> Self {
        Self { eye: config.eye, muscle: config.muscle, heart: config.heart, line: config.line }
    }
}

/// How the mains are taken out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineStep {
    /// Not at all.
    #[default]
    None,
    /// The amplitude at the line becomes that of its neighbours.
    SpectrumInterpolation,
    /// What the channels have in common at the line is regressed out.
    Zapline,
}

mod reference {
    use super::{Deserialize, Deserializer, Reference, Serialize, Serializer};
    use serde::de::Error as _;

    #[derive(Deserialize)]
    #[serde(
        untagged,
        expecting = "\"average\", \"median\", \"linked_mastoids\", \"rest\", \"as_recorded\" or a list of channels"
    )]
    enum Written {
        Name(String),
        Channels(Vec<String>),
    }

    pub(super) fn serialize<S: Serializer>(value: &Reference, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Reference::Average => serializer.serialize_str("average"),
            Reference::Median => serializer.serialize_str("median"),
            Reference::LinkedMastoids => serializer.serialize_str("linked_mastoids"),
            Reference::Rest => serializer.serialize_str("rest"),
            Reference::AsRecorded => serializer.serialize_str("as_recorded"),
            Reference::Channels(names) => names.serialize(serializer),
        }
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Reference, D::Error> {
        match Written::deserialize(deserializer)? {
            Written::Name(name) if name == "average" => Ok(Reference::Average),
            Written::Name(name) if name == "median" => Ok(Reference::Median),
            Written::Name(name) if name == "linked_mastoids" => Ok(Reference::LinkedMastoids),
            Written::Name(name) if name == "rest" => Ok(Reference::Rest),
            Written::Name(name) if name == "as_recorded" => Ok(Reference::AsRecorded),
            Written::Channels(names) if !names.is_empty() => Ok(Reference::Channels(names)),
            Written::Channels(_) => Err(D::Error::custom("an empty list of channels; name at least one")),
            Written::Name(name) => Err(D::Error::custom(format!(
                "'{name}' is no reference; allowed: \"average\", \"median\", \"linked_mastoids\", \"rest\", \"as_recorded\", a list of channels such as [\"M1\", \"M2\"]"
            ))),
        }
    }
}

/// Windows around the dose.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct WindowsConfig {
    /// Before the dose.
    pub baseline: Baseline,
    /// After the dose.
    pub post: PostWindows,
}

/// The window before the dose: `"auto"` or `[from, to]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum Baseline {
    /// The last half hour before the dose, as far as it was recorded.
    #[default]
    Auto,
    /// As given.
    Fixed([Edge; 2]),
}

/// The windows after the dose: `"auto"` or a list of `[from, to]`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum PostWindows {
    /// 0–0.5, 0.5–1, 1–2, 2–4 and 24–25 h, as far as they were recorded.
    #[default]
    Auto,
    /// As given.
    Fixed(Vec<[Edge; 2]>),
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "\"auto\", or edges such as [-0.5, 0] (hours) or [\"-100 s\", \"0 s\"]")]
enum AutoOr<T> {
    Word(String),
    Given(T),
}

impl<T> AutoOr<T> {
    fn given<E: serde::de::Error>(self) -> Result<Option<T>, E> {
        match self {
            Self::Given(value) => Ok(Some(value)),
            Self::Word(word) if word == "auto" => Ok(None),
            Self::Word(word) => Err(E::custom(format!("'{word}' is not \"auto\""))),
        }
    }
}

impl Serialize for Baseline {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Fixed(edges) => edges.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Baseline {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let given = AutoOr::<[Edge; 2]>::deserialize(deserializer)?.given::<D::Error>()?;
        Ok(given.map_or(Self::Auto, Self::Fixed))
    }
}

impl Serialize for PostWindows {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Auto => serializer.serialize_str("auto"),
            Self::Fixed(windows) => windows.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for PostWindows {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match AutoOr::<Vec<[Edge; 2]>>::deserialize(deserializer)?.given::<D::Error>()? {
            None => Ok(Self::Auto),
            Some(windows) if windows.is_empty() => {
                Err(D::Error::custom("an empty list; give at least one window"))
            }
            Some(windows) => Ok(Self::Fixed(windows)),
        }
    }
}

/// Epochs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct EpochsConfig {
    /// Length, seconds.
    pub length: f64,
    /// Fraction of an epoch shared with the next.
    pub overlap: f64,
    /// Which contrasts use the same number of epochs before and after.
    pub equalize: Equalize,
}

/// Which contrasts use the same number of epochs before and after.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Equalize {
    /// Those of pairs, whose estimators depend on the number of epochs.
    #[default]
    Pairs,
    /// All of them.
    All,
    /// None.
    None,
}

impl Default for EpochsConfig {
    fn default() -> Self {
        Self { length: 2.0, overlap: 0.0, equalize: Equalize::Pairs }
    }
}

/// When an epoch is thrown away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RejectionConfig {
    /// Largest peak-to-peak amplitude, µV.
    #[serde(with = "or_none")]
    pub peak_to_peak_uv: Option<f64>,
    /// Smallest peak-to-peak amplitude, µV.
    #[serde(with = "or_none")]
    pub flat_uv: Option<f64>,
    /// Largest step from sample to sample, µV/ms.
    #[serde(with = "or_none")]
    pub gradient_uv_ms: Option<f64>,
    /// Largest jump, µV.
    #[serde(with = "or_none")]
    pub jump_uv: Option<f64>,
    /// Largest muscle score.
    #[serde(with = "or_none")]
    pub muscle_z: Option<f64>,
    /// Whether each channel gets a limit of its own, by cross-validation.
    pub learned: bool,
}

impl Default for RejectionConfig {
    /// 300 µV is twice the largest slow wave (2-s epochs, above 0.5 Hz) of the public propofol recording that this
    /// program is tested on: a limit of 100–150 µV, common in waking EEG, would throw away the drug's own effect.
    fn default() -> Self {
        Self {
            peak_to_peak_uv: Some(300.0),
            flat_uv: Some(0.1),
            gradient_uv_ms: None,
            jump_uv: None,
            muscle_z: None,
            learned: false,
        }
    }
}

impl From<&RejectionConfig> for Rejection {
    fn from(config: &RejectionConfig) -> Self {
        Self {
            peak_to_peak_uv: config.peak_to_peak_uv,
            flat_uv: config.flat_uv,
            gradient_uv_ms: config.gradient_uv_ms,
            jump_uv: config.jump_uv,
        }
    }
}

/// How many p-values are adjusted together within the sites of one marker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Correction {
    /// Benjamini–Hochberg false discovery rate (1995, 10.1111/j.2517-6161.1995.tb02031.x).
    Fdr,
    /// Holm (1979): family-wise error.
    Holm,
}

/// Intervals and tests.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Inference {
    /// Bootstrap draws.
    pub n_bootstrap: usize,
    /// Permutations.
    pub n_permutations: usize,
    /// Confidence of intervals.
    pub confidence: f64,
    /// Length of a resampling block, seconds.
    pub block: f64,
    /// Correction among the sites of a marker.
    pub correction: Correction,
}

impl Default for Inference {
    fn default() -> Self {
        Self {
            n_bootstrap: 1000,
            n_permutations: 1000,
            confidence: 0.95,
            block: 10.0,
            correction: Correction::Fdr,
        }
    }
}

/// When the drug was given and what it was.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Dosing {
    /// When, where it is not given otherwise.
    #[serde(with = "text")]
    pub at: String,
    /// Length of the infusion, seconds.
    #[serde(with = "duration_or_none")]
    pub infusion: Option<f64>,
    /// The drug.
    #[serde(with = "text")]
    pub drug: String,
    /// The dose.
    #[serde(with = "text")]
    pub dose: String,
    /// The route.
    #[serde(with = "text")]
    pub route: String,
}
