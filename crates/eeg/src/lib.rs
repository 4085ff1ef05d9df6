//! EEG with labels and units, and the steps between its forms:
//! [`Recording`] → [`Epochs`] → [`EpochSpectra`] / [`Fourier`] → [`CrossSpectra`] → [`Connectivity`].
//!
//! This crate knows channels, rates, runs and units. It knows no file, no dose and no subject.
//! Voltages are microvolts everywhere; axes are always `[epoch, channel(, taper), freq | time]`.

// a view is a pointer and a shape, made to be passed by value
#![allow(clippy::needless_pass_by_value)]

mod annotation;
pub mod arrays;
mod band;
mod channel;
pub mod clean;
mod connectivity;
pub mod coupling;
mod crop;
mod cross_spectra;
mod details;
mod directed;
mod epochs;
mod error;
mod fourier;
mod header;
mod invariants;
mod label;
pub mod montage;
mod networks;
mod note;
mod one_pass;
pub mod parallel;
mod plausibility;
mod recording;
mod recording_spectrum;
mod region;
mod rejection;
mod sliding_sums;
mod spectrum;
mod spectrum_params;
mod surrogates;
#[cfg(test)]
mod testing;
mod time_frequency;
mod units;
mod windows;

pub use annotation::Annotation;
pub use band::Band;
pub use channel::{Channel, ChannelKind, Channels, Quantization, eeg_indices};
pub use clean::{
    Artifact, ArtifactKind, ArtifactModel, ArtifactModelParams, ArtifactParams, BEATS_FROM_HZ, BadChannel,
    BadChannelParams, BadChannels, ButterworthDesign, CSD_UNIT, ChannelOperator, CleanEpochs,
    ComponentLimits, ComponentScores, ComponentSource, Components, Criterion, FEWEST_FOR_CORRELATION, Filter,
    FilterSteps, FirDesign, FoundComponent, Heart, HeartField, IcaMethod, IcaParams, IcaStep,
    InterpolationParams, LaplacianParams, LearnedLimits, LearnedLimitsParams, LineRemoval, MuscleCcaParams,
    RansacParams, Reference, Repaired, Resampling, RestingPreset, interpolation_operator, laplacian_operator,
    mastoid_pair,
};
pub use connectivity::Connectivity;
pub use cross_spectra::CrossSpectra;
pub use details::{Details, MarkedBad, Projection, Unmixing};
pub use directed::{
    EpochsVar, Granger, GrangerMeasure, GrangerParams, GrangerSpectrum, SymbolicParams,
    symbolic_transfer_entropy,
};
pub use epochs::Epochs;
pub use error::{Error, Result};
pub use fourier::Fourier;
pub use header::{Header, OtherSignal, Run, Timestamp};
pub use networks::{
    GraphMeasures, GraphParams, NetworkMeasure, graph_measures, network_sweep, permute_network,
};
pub use note::{Note, NoteLevel};
pub use one_pass::OnePass;
pub use plausibility::AmplitudeCheck;
pub use recording::Recording;
pub use recording_spectrum::RecordingSpectrum;
pub use region::Region;
pub use rejection::{RejectedEpoch, Rejection};
pub use spectrum::{EpochSpectra, Spectrum};
pub use spectrum_params::SpectrumParams;
pub use surrogates::{SurrogateParams, SurrogateTest};
pub use time_frequency::{BandEnvelope, BaselineMode, TfrMethod, TfrParams, TfrValue, TimeFrequency};
pub use units::{Hz, Seconds, Unit};
pub use windows::Windows;
