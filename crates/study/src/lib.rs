//! From recordings to results: configuration, dose clock, contrasts, statistics, provenance, result files.
//!
//! The study never touches a sample: it passes recordings to `dosewave-eeg` and segments to `dosewave-markers`. "Before and
//! after" is one function for all markers, not a habit of each.
//!
//! * [`compare`]: two recordings, before and after; [`compare_dose_at`]: one recording with a dose in it;
//! * [`run`]: many sessions and the group; [`Study`] reads them from `STUDY.toml`;
//! * [`bids_study`]: the sessions of a BIDS dataset; [`merge`]: participants that were analysed one by one as a group;
//! * [`markers_table`]: markers of any windows, without a dose;
//! * [`write_results`]: the result files.
//!
//! The same [`Config`] and the same files give the same bytes in `results.json`, whatever the number of threads.

mod bids;
mod clean;
mod compare;
mod config;
mod contrast;
mod dosing;
mod equalize;
mod error;
mod execution;
mod gating;
mod group;
mod heart;
mod inference;
mod learn;
mod load;
mod markers_table;
mod measure;
mod merge;
mod methods;
mod parallel;
mod plan;
mod provenance;
mod results;
mod session;
pub mod simulate;
mod spectra;
mod time_course;
mod windows;
mod write;

pub use bids::{BidsDesign, BidsSession, BidsStudy, Derivative, bids_study, participant_stem};
pub use compare::{compare, compare_dose_at};
pub use config::{
    BadChannelStep, Baseline, Clean, Config, Correction, Dosing, Edge, EpochsConfig, Equalize, IcaChoice,
    IcaConfig, Inference, LineStep, Markers, OPTIONS, PostWindows, Preset, RejectionConfig, TimeCourseConfig,
    WindowsConfig,
};
pub use error::{Error, Problem, Result};
pub use execution::{Execution, Progress};
pub use group::{SessionInput, SessionSpec, Study, run};
pub use load::Input;
pub use markers_table::{MarkersTable, markers_table};
pub use merge::merge;
pub use provenance::{InputFile, Provenance};
pub use results::*;
pub use write::{contrasts_tsv, markers_tsv, responses_tsv, results_json, write_results, write_text};
