//! EEG before and after a drug. The facade: everything under one name.
pub use dosewave_eeg as eeg;
pub use dosewave_io as io;
pub use dosewave_markers as markers;
pub use dosewave_numerics as numerics;
pub use dosewave_report as report;
pub use dosewave_study as study;
/// What most programs need.
pub mod prelude {
    pub use dosewave_eeg::*;
}
