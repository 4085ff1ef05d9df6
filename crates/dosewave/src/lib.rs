//! EEG before and after a drug: trustworthy markers on a time axis that starts at the dose.
//!
//! This crate is the one to depend on; it holds nothing of its own. [`prelude`] has what most programs need, the modules
//! have everything:
//!
//! | module | what it knows |
//! |---|---|
//! | [`numerics`] | arrays: spectra, filters, phase, 1/f fits, statistics, simulators |
//! | [`eeg`] | channels, rates, pauses, units: `Recording → Epochs → EpochSpectra`, `Fourier → Connectivity` |
//! | [`io`] | files: EDF, BDF, BrainVision, HDF5 …; BIDS datasets |
//! | [`markers`] | measures of a segment, with the evidence that they are not muscle |
//! | [`study`] | doses, windows, contrasts, statistics, result files |
//! | [`report`] | the page that shows it |
//!
//! From a file to a spectrum:
//!
//! ```no_run
//! use dosewave::prelude::*;
//!
//! let rec = dosewave::io::read("pre.edf")?;
//! let spectrum = rec
//!     .filter(&Filter::band_pass(Hz(0.5), Hz(100.0)))?
//!     .epochs(&Windows::fixed(Seconds(2.0)))?
//!     .spectrum(&SpectrumParams::default())?
//!     .median();
//! println!("{} at {} frequencies", spectrum.channels[0].name, spectrum.freqs_hz.len());
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Before and after a dose, here on simulated noise that grows by 6 dB:
//!
//! ```
//! use dosewave::prelude::*;
//! use dosewave::numerics::stats::Stream;
//!
//! let mut noise = Stream::new(1, 0);
//! let mut make = |scale: f64| {
//!     let data = ndarray::Array2::from_shape_simple_fn((1, 30_000), || scale * noise.normal());
//!     Recording::new(data, Hz(250.0), &["Cz"])
//! };
//! let (pre, post) = (make(5.0)?, make(10.0)?);
//! let pre = Input::Recording { name: "pre".into(), recording: pre };
//! let post = Input::Recording { name: "post".into(), recording: post };
//! let config = Config::layered(None, &["inference.n_bootstrap=100".into()])?;
//! let results = compare(pre, post, &config, &Execution::default())?;
//! let gamma = results.contrasts.iter().find(|c| c.marker == "low_gamma" && c.site == "global").unwrap();
//! assert!((gamma.change.unwrap() - 6.02).abs() < 0.3, "dB");
//! assert!(dosewave::report::html(&results).contains("low_gamma"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
pub use dosewave_eeg as eeg;
pub use dosewave_io as io;
pub use dosewave_markers as markers;
pub use dosewave_numerics as numerics;
pub use dosewave_report as report;
pub use dosewave_study as study;

/// What most programs need: the data types with their steps, and the comparison with its settings.
pub mod prelude {
    pub use dosewave_eeg::{
        Annotation, Band, Channel, Connectivity, CrossSpectra, EpochSpectra, Epochs, Filter, FirDesign,
        Fourier, Hz, Note, Recording, Reference, Rejection, Run, Seconds, Spectrum, SpectrumParams, Windows,
    };
    pub use dosewave_numerics::phase::Measure;
    pub use dosewave_study::{Config, Execution, Input, Results, Study, compare, compare_dose_at};
}
