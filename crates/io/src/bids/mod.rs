//! Datasets in the Brain Imaging Data Structure (BIDS), their EEG: <https://bids-specification.readthedocs.io>.
//!
//! [`Dataset`] finds the recordings and what describes them, [`Dataset::reader`] reads one with its sidecars applied, [`write()`] puts
//! one into a dataset.

mod apply;
mod entities;
mod ignore;
mod layout;
mod reader;
mod sidecars;
mod table;
mod write;

pub use entities::{Entities, is_label};
pub use layout::{BidsFile, Dataset};
pub use sidecars::Sidecars;
pub use table::Table;
pub use write::{BIDS_VERSION, Target, Written, anonymize_target, generated_by, write};

use table::FORMAT;
