//! Sets of named bands.

use dosewave_eeg::{Band, Hz};
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A set of named bands for absolute and relative power.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BandPreset {
    /// delta 1–4, theta 4–8, alpha 8–13, beta 13–30, low gamma 30–45, high gamma 55–90, HFO 100–170 Hz.
    #[default]
    Dosewave,
    /// delta 1.5–6, theta 6–8.5, alpha1 8.5–10.5, alpha2 10.5–12.5, beta1 12.5–18.5, beta2 18.5–21, beta3 21–30,
    /// gamma 30–40 Hz. Delta and the alphas are the factor-analytic bands of Kubicki et al. 1979,
    /// <https://doi.org/10.1055/s-0028-1094615>; the other edges are a convention whose source we could not read.
    Ipeg2012,
}

/// Where the band of a power marker comes from; written into its definition as `bands`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BandSource {
    /// From the author of the configuration.
    #[default]
    Own,
    /// From [`BandPreset::Dosewave`].
    Dosewave,
    /// From [`BandPreset::Ipeg2012`].
    Ipeg2012,
}

const DOSEWAVE: [(&str, Band); 7] = [
    ("delta", Band::DELTA),
    ("theta", Band::THETA),
    ("alpha", Band::ALPHA),
    ("beta", Band::BETA),
    ("low_gamma", Band::LOW_GAMMA),
    ("high_gamma", Band::HIGH_GAMMA),
    ("hfo", Band::HFO),
];

const IPEG2012_HZ: [(&str, f64, f64); 8] = [
    ("delta", 1.5, 6.0),
    ("theta", 6.0, 8.5),
    ("alpha1", 8.5, 10.5),
    ("alpha2", 10.5, 12.5),
    ("beta1", 12.5, 18.5),
    ("beta2", 18.5, 21.0),
    ("beta3", 21.0, 30.0),
    ("gamma", 30.0, 40.0),
];

static IPEG2012: LazyLock<Vec<(&'static str, Band)>> = LazyLock::new(|| {
    let band = |(name, low, high)| Some((name, Band::new(Hz(low), Hz(high)).ok()?));
    IPEG2012_HZ.into_iter().filter_map(band).collect()
});

impl BandPreset {
    /// Its bands by name, `[low, high)`, from slow to fast.
    ///
    /// ```
    /// use dosewave_markers::BandPreset;
    /// let names: Vec<&str> = BandPreset::Ipeg2012.bands().iter().map(|(name, _)| *name).collect();
    /// assert_eq!(names, ["delta", "theta", "alpha1", "alpha2", "beta1", "beta2", "beta3", "gamma"]);
    /// ```
    #[must_use]
    pub fn bands(self) -> &'static [(&'static str, Band)] {
        match self {
            Self::Dosewave => &DOSEWAVE,
            Self::Ipeg2012 => &IPEG2012,
        }
    }

    /// As it stands in configurations.
    ///
    /// ```
    /// assert_eq!(dosewave_markers::BandPreset::Ipeg2012.name(), "ipeg2012");
    /// ```
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Dosewave => "dosewave",
            Self::Ipeg2012 => "ipeg2012",
        }
    }
}

impl From<BandPreset> for BandSource {
    fn from(preset: BandPreset) -> Self {
        match preset {
            BandPreset::Dosewave => Self::Dosewave,
            BandPreset::Ipeg2012 => Self::Ipeg2012,
        }
    }
}

impl BandSource {
    fn preset(self) -> Option<BandPreset> {
        match self {
            Self::Own => None,
            Self::Dosewave => Some(BandPreset::Dosewave),
            Self::Ipeg2012 => Some(BandPreset::Ipeg2012),
        }
    }

    /// A definition must not name a preset that its band is not from.
    pub(crate) fn check(self, band: Band) -> Result<(), String> {
        match self.preset() {
            Some(preset) if preset.bands().iter().all(|(_, known)| *known != band) => Err(format!(
                "band {band} is none of bands = \"{}\"; for a band of your own set bands = \"own\"",
                preset.name()
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_presets_are_whole_and_ascend() {
        for (preset, n_bands) in [(BandPreset::Dosewave, 7), (BandPreset::Ipeg2012, 8)] {
            let bands = preset.bands();
            assert_eq!(bands.len(), n_bands);
            assert!(bands.windows(2).all(|pair| pair[0].1.high() <= pair[1].1.low()));
            assert_eq!(serde_json::to_value(preset).unwrap(), preset.name());
            assert_eq!(serde_json::to_value(BandSource::from(preset)).unwrap(), preset.name());
        }
        let ipeg: Vec<[f64; 2]> =
            BandPreset::Ipeg2012.bands().iter().map(|(_, band)| (*band).into()).collect();
        assert_eq!(ipeg[0], [1.5, 6.0]);
        assert!(ipeg.windows(2).all(|pair| pair[0][1] == pair[1][0]), "they tile 1.5 to 40 Hz");
        assert_eq!(ipeg[7], [30.0, 40.0]);
    }

    #[test]
    fn a_band_is_of_the_preset_it_names() {
        assert_eq!(BandSource::Own.check(Band::MUSCLE), Ok(()));
        assert_eq!(BandSource::Dosewave.check(Band::ALPHA), Ok(()));
        let problem = BandSource::Ipeg2012.check(Band::ALPHA).unwrap_err();
        assert!(
            problem.contains("8–13 Hz") && problem.contains("ipeg2012") && problem.contains("own"),
            "{problem}"
        );
    }
}
