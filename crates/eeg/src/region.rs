//! Regions of the scalp.

use crate::Channel;
use crate::label::Site;
use serde::{Deserialize, Serialize};

/// A region of the scalp, from the electrode's label in the 10–05 system.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region {
    /// N, Fp, AFp, AF, AFF, F, FFC.
    Frontal,
    /// FC, FCC, C, CCP, CP.
    Central,
    /// FFT, FT, FTT, T, TTP, TP, TPP.
    Temporal,
    /// CPP, P, PPO.
    Parietal,
    /// PO, POO, O, OI, I.
    Occipital,
}

impl Region {
    /// All regions, front to back.
    pub const ALL: [Self; 5] =
        [Self::Frontal, Self::Central, Self::Temporal, Self::Parietal, Self::Occipital];

    /// Its name in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Frontal => "frontal",
            Self::Central => "central",
            Self::Temporal => "temporal",
            Self::Parietal => "parietal",
            Self::Occipital => "occipital",
        }
    }

    /// The region of a channel; `None` for labels outside the 10–05 system and for ears and mastoids.
    ///
    /// ```
    /// use dosewave_eeg::{Channel, Region};
    /// assert_eq!(Region::of(&Channel::from_name("EEG T3-REF")), Some(Region::Temporal));
    /// assert_eq!(Region::of(&Channel::from_name("FCz")), Some(Region::Central));
    /// assert_eq!(Region::of(&Channel::from_name("E17")), None);
    /// ```
    #[must_use]
    pub fn of(channel: &Channel) -> Option<Self> {
        let label = channel.label();
        if ["A1", "A2", "M1", "M2"].iter().any(|name| name.eq_ignore_ascii_case(label)) {
            return None;
        }
        let site = Site::parse(label)?;
        Some(match site.percent {
            _ if site.temporal => Self::Temporal,
            p if p < 37.5 => Self::Frontal,
            p if p < 62.5 => Self::Central,
            p if p < 77.5 => Self::Parietal,
            _ => Self::Occipital,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_has_its_region() {
        let cases = [
            ("Fpz AFp3h AF7 AFF5 F9 FFC1h", Some(Region::Frontal)),
            ("FCz FCC3h C4 CCP2 CP5", Some(Region::Central)),
            ("FFT7h FT9 FTT8 T7 T3 t4 TTP9h TP8 TPP10", Some(Region::Temporal)),
            ("CPPz P8 T5 T6 PPO3", Some(Region::Parietal)),
            ("PO7 POOz O1 OI2h Iz", Some(Region::Occipital)),
            ("A1 m2 E12 F3-C3 EKG Ch1", None),
        ];
        for (labels, region) in cases {
            for label in labels.split(' ') {
                assert_eq!(Region::of(&Channel::from_name(label)), region, "{label}");
            }
        }
    }

    #[test]
    fn names_are_those_of_the_serialised_form() {
        for region in Region::ALL {
            assert_eq!(serde_json::to_value(region).unwrap(), region.name());
        }
    }
}
