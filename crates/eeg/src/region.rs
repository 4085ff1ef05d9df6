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
