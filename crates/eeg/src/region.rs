//! Regions of the scalp.
use crate::Channel;
use serde::{Deserialize, Serialize};
/// A region of the scalp, from the electrode's name (10–05 system).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Region { Frontal, Central, Temporal, Parietal, Occipital }
impl Region {
    pub const ALL: [Self; 5] = [Self::Frontal, Self::Central, Self::Temporal, Self::Parietal, Self::Occipital];
    pub fn name(self) -> &'static str { todo!() }
    /// The region of a channel by its 10–05 label; `None` for unknown names.
    pub fn of(channel: &Channel) -> Option<Self> { todo!() }
}
