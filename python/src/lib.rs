//! The native half of the Python package: it converts, calls and converts back, and holds no formula and no default.

// Python hands its arguments over
#![allow(clippy::needless_pass_by_value)]

mod arrays;
mod background;
mod bids;
mod clean;
mod connectivity;
mod coupling;
mod directed;
mod error;
mod networks;
mod recording;
mod spectral;
mod study;
mod surrogates;

use pyo3::prelude::*;

/// Keeps the pages of arrays that are freed for the next ones; asking the system for them anew costs as much as a filter.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Native functions of the package `dosewave`; see the Python modules for their documentation.
#[pymodule]
mod _native {
    #[pymodule_export]
    use super::arrays::{aperiodic, band_power, psd_multitaper, psd_welch, wilcoxon};
    #[pymodule_export]
    use super::bids::{bids_layout, read_bids, write_bids};
    #[pymodule_export]
    use super::clean::{
        Components, artifacts, bad_channels, clean_resting, components, heart, interpolate, muscle_z,
        regress_eog, remove_heart_field, remove_line, remove_muscle_cca, without_components,
    };
    #[pymodule_export]
    use super::connectivity::{sliding_connectivity, spectral_connectivity, spectral_connectivity_time};
    #[pymodule_export]
    use super::coupling::{
        envelope_correlation, envelope_correlation_analytic, group_interaction, lagged_coherence,
        lagged_connectivity, phase_slope_index,
    };
    #[pymodule_export]
    use super::directed::{
        granger, granger_measures, granger_time, portmanteau, symbolic_transfer_entropy, var,
        var_connectivity, var_order,
    };
    #[pymodule_export]
    use super::error::ReadError;
    #[pymodule_export]
    use super::networks::{graph_measures, network_test};
    #[pymodule_export]
    use super::recording::{Recording, read_bytes, read_path};
    #[pymodule_export]
    use super::spectral::{bursts, irasa, knee, specparam, time_frequency};
    #[pymodule_export]
    use super::study::{Results, compare, config_default, marker_kinds, markers};
    #[pymodule_export]
    use super::surrogates::{connectivity_surrogates, expected_connectivity};

    use super::*;

    #[pymodule_init]
    fn init(m: &Bound<'_, PyModule>) -> PyResult<()> {
        m.add("__version__", env!("CARGO_PKG_VERSION"))
    }
}
