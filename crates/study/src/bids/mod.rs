//! A BIDS dataset as a study: its sessions, and its derivatives.

mod derivative;
mod sessions;

pub use derivative::{Derivative, participant_stem};
pub use sessions::{BidsDesign, BidsSession, BidsStudy, bids_study};
