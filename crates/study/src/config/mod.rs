//! Every option that changes a result.

mod check;
mod layers;
mod markers;
mod options;
mod sections;
mod suggest;
mod values;

pub(crate) use layers::unknown_marker;
pub use markers::Markers;
pub use options::OPTIONS;
pub use sections::{
    BadChannelStep, Baseline, Clean, Correction, Dosing, EpochsConfig, Equalize, IcaChoice, IcaConfig,
    Inference, LineStep, PostWindows, Preset, RejectionConfig, TimeCourseConfig, WindowsConfig,
};
pub use values::Edge;

use crate::{Error, Result};
use dosewave_eeg::SpectrumParams;
use dosewave_markers::BandPreset;
use serde::{Deserialize, Serialize};

/// Every option that changes a result; options that do not are in [`Execution`](crate::Execution).
///
/// ```
/// use dosewave_study::Config;
/// let config = Config::layered(Some("[epochs]\nlength = 4.0"), &["seed=7".into()]).unwrap();
/// assert_eq!((config.epochs.length, config.seed), (4.0, 7));
/// let error = Config::layered(None, &["epochs.lenght=4".into()]).unwrap_err().to_string();
/// assert!(error.contains("did you mean 'epochs.length'?"));
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Seed of every random draw.
    pub seed: u64,
    /// A set of settings that stands between the defaults and the file.
    pub preset: Preset,
    /// The set of bands of the default power markers.
    pub bands: BandPreset,
    /// Cleaning.
    pub clean: Clean,
    /// Independent components.
    pub ica: IcaConfig,
    /// Windows around the dose.
    pub windows: WindowsConfig,
    /// Epochs.
    pub epochs: EpochsConfig,
    /// When an epoch is thrown away.
    pub rejection: RejectionConfig,
    /// How spectra are estimated.
    pub spectrum: SpectrumParams,
    /// Sliding windows on the dose clock.
    pub time_course: TimeCourseConfig,
    /// Intervals and tests.
    pub inference: Inference,
    /// When the drug was given and what it was.
    pub dosing: Dosing,
    /// What is measured, by name, in table order.
    pub markers: Markers,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            seed: 1,
            preset: Preset::None,
            bands: BandPreset::Dosewave,
            clean: Clean::default(),
            ica: IcaConfig::default(),
            windows: WindowsConfig::default(),
            epochs: EpochsConfig::default(),
            rejection: RejectionConfig::default(),
            spectrum: SpectrumParams::default(),
            time_course: TimeCourseConfig::default(),
            inference: Inference::default(),
            dosing: Dosing::default(),
            markers: Markers::default(),
        }
    }
}

impl Config {
    /// Defaults < preset < file < `KEY=VALUE` settings, merged as TOML values before parsing.
    ///
    /// `markers.NAME = false` takes a marker out, `markers.NAME = true` adds one that is offered ([`dosewave_markers::offered_markers`]),
    /// `markers.only = [...]` keeps only those named; a new `[markers.NAME]` table with its `kind` adds one.
    ///
    /// # Errors
    /// [`Error::Config`] with everything that is wrong, unknown keys with the nearest known one.
    pub fn layered(file: Option<&str>, settings: &[String]) -> Result<Self> {
        let mut problems = Vec::new();
        let overlay = layers::overlay(file, settings, &mut problems);
        check::keys(&overlay, &mut problems);
        let merged = layers::merged(&overlay, &mut problems);
        let config = check::parsed(&merged, &overlay, &mut problems);
        if problems.is_empty() {
            check::values(&config, &mut problems);
            check::line(&config, &overlay, &mut problems);
        }
        if problems.is_empty() { Ok(config) } else { Err(Error::Config { problems }) }
    }

    /// Every option with its doc line, as TOML that parses back to the default.
    #[must_use]
    pub fn default_toml() -> String {
        options::default_toml()
    }

    /// JSON schema of the configuration: every option with its description and default.
    #[must_use]
    pub fn schema() -> serde_json::Value {
        options::schema()
    }

    /// As JSON, for provenance.
    pub(crate) fn to_json(&self) -> serde_json::Value {
        serde_json::to_value(self).unwrap_or(serde_json::Value::Null)
    }
}

#[cfg(test)]
mod tests;
