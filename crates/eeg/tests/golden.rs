//! Filters, spectra and connectivity against MNE-Python and mne-connectivity.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

mod common;

use common::{N_CHANNELS, deviation, golden, numbers, recording, recording_with_gap};
use dosewave_eeg::arrays::{self, ConnectivityMode, ConnectivityParams};
use dosewave_eeg::{Band, Epochs, Filter, FirDesign, Hz, Seconds, SpectrumParams, Windows};
use dosewave_numerics::phase::Measure;
use dosewave_numerics::spectral::MainsMask;
use ndarray::{Axis, s};
use serde_json::Value;

fn epochs() -> Epochs {
    recording().epochs(&Windows::fixed(Seconds(2.0))).unwrap()
}

fn pairs() -> Vec<(usize, usize)> {
    (0..N_CHANNELS).flat_map(|i| (0..i).map(move |j| (i, j))).collect()
}

fn assert_close<'a>(what: &str, ours: impl IntoIterator<Item = &'a f64>, reference: &Value, tolerance: f64) {
    let found = deviation(ours, &numbers(reference));
    assert!(found <= tolerance, "{what}: {found:.1e}");
}

#[test]
fn the_input_is_the_one_the_reference_saw() {
    let data = recording().data_uv().to_owned();
    assert_close("samples", &[data[[0, 0]], data[[3, 5999]], data.sum()], &golden()["samples"], 1e-12);
}

#[test]
fn multitaper_is_mne_psd_array_multitaper() {
    let golden = &golden()["spectra"];
    let spectra = epochs().spectrum(&SpectrumParams::default()).unwrap();
    assert_close("frequencies", spectra.freqs_hz(), &golden["freqs_hz"], 1e-15);
    assert_close("mean", spectra.mean().psd_uv2_hz.row(1), &golden["multitaper_mean"], 1e-12);
    assert_close("median", spectra.median().psd_uv2_hz.row(2), &golden["multitaper_median"], 1e-12);
    assert_close("epoch 7", spectra.psd_uv2_hz().slice(s![7, 3, ..]), &golden["multitaper_epoch_7"], 1e-12);
}

#[test]
fn adaptive_multitaper_and_odd_lengths_too() {
    let golden = &golden()["spectra"];
    let first = epochs().select(&[0]).unwrap();
    let adaptive = SpectrumParams::Multitaper { bandwidth: 4.0, low_bias: true, adaptive: true };
    let spectra = first.spectrum(&adaptive).unwrap();
    assert_close("adaptive", spectra.psd_uv2_hz().slice(s![0, 1, ..]), &golden["adaptive_epoch_0"], 1e-10);
    let shorter = first.data_uv().slice(s![.., .., ..499]).to_owned();
    let odd = Epochs::new(first.channels().clone(), first.sfreq(), shorter, vec![Seconds(0.0)]).unwrap();
    let spectra = odd.spectrum(&SpectrumParams::default()).unwrap();
    assert_close("frequencies", spectra.freqs_hz(), &golden["odd_freqs_hz"], 1e-15);
    assert_close("odd", spectra.psd_uv2_hz().slice(s![0, 1, ..]), &golden["odd_epoch_0"], 1e-12);
}

#[test]
fn welch_is_mne_psd_array_welch() {
    let golden = &golden()["spectra"];
    let spectra = epochs().spectrum(&SpectrumParams::welch(0.5, 0.5)).unwrap();
    assert_close("frequencies", spectra.freqs_hz(), &golden["welch_freqs_hz"], 1e-15);
    assert_close("mean", spectra.mean().psd_uv2_hz.row(1), &golden["welch_mean"], 1e-12);
}

#[test]
fn filters_are_mne_filter_data_run_by_run() {
    let golden = &golden()["filtered"];
    for (what, high_pass_hz, low_pass_hz, row) in
        [("band_pass", Some(1.0), Some(40.0), 1), ("high_pass", Some(0.5), None, 2)]
    {
        let filtered =
            recording_with_gap().filter(&Filter::Fir(FirDesign { high_pass_hz, low_pass_hz })).unwrap();
        assert_close(what, filtered.data_uv().slice(s![row, ..;50]), &golden[what], 1e-10);
    }
}

#[test]
fn every_measure_is_mne_connectivity_s() {
    let golden = &golden()["multitaper"];
    let fourier = epochs().fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
    let cross = fourier.cross_spectra(&pairs()).unwrap();
    assert_close("frequencies", cross.freqs_hz(), &golden["alpha_freqs_hz"], 1e-15);
    for measure in Measure::ALL {
        let values = cross.connectivity(measure);
        let last = values.values().row(pairs().len() - 1).to_vec();
        assert_close(measure.name(), &last, &golden["last_pair"][measure.name()], 1e-10);
    }
    // the reference's band holds both of its ends, ours only the lower one
    let up_to_13 = Band::new(Hz(8.0), Hz(13.25)).unwrap();
    let means = cross.connectivity(Measure::Wpli2Debiased).band_mean(up_to_13, &MainsMask::NONE).unwrap();
    let means: Vec<f64> = means.into_iter().map(Option::unwrap).collect();
    let reference: Vec<Vec<f64>> = serde_json::from_value(golden["bands"]["wpli2_debiased"].clone()).unwrap();
    let alpha: Vec<f64> = reference.iter().map(|bands| bands[0]).collect();
    assert!(deviation(&means, &alpha) < 1e-10);
}

#[test]
fn spectral_connectivity_is_mne_connectivity_s_for_both_modes() {
    for (name, mode) in [
        ("multitaper", ConnectivityMode::Multitaper { bandwidth_hz: Some(4.0), low_bias: true }),
        ("fourier", ConnectivityMode::Fourier),
    ] {
        let golden = &golden()[name];
        let params = ConnectivityParams {
            mode: mode.into(),
            measures: Measure::ALL.to_vec(),
            coherency: false,
            bands: vec![(8.0, 13.0), (30.0, 45.0)],
            average_bands: true,
            pairs: pairs(),
        };
        let ours = arrays::spectral_connectivity(epochs().data_uv(), 250.0, &params).unwrap();
        assert_close("band frequencies", &ours.freqs_hz, &golden["band_freqs_hz"], 1e-14);
        for (measure, values) in params.measures.iter().zip(&ours.values) {
            let reference: Vec<Vec<f64>> =
                serde_json::from_value(golden["bands"][measure.name()].clone()).unwrap();
            let found = deviation(values, &reference.concat());
            assert!(found <= 1e-10, "{name} {}: {found:.1e}", measure.name());
        }
        let single = ConnectivityParams { bands: vec![(8.0, 13.0)], average_bands: false, ..params };
        let ours = arrays::spectral_connectivity(epochs().data_uv(), 250.0, &single).unwrap();
        assert_close("bins", &ours.freqs_hz, &golden["alpha_freqs_hz"], 1e-15);
        for (measure, values) in single.measures.iter().zip(&ours.values) {
            let last = values.row(pairs().len() - 1).to_vec();
            assert_close(measure.name(), &last, &golden["last_pair"][measure.name()], 1e-10);
        }
    }
}

#[test]
fn array_functions_are_the_same_numbers_as_the_steps() {
    let epochs = epochs();
    let rows = epochs.data_uv().index_axis_move(Axis(0), 7);
    let spectra = epochs.spectrum(&SpectrumParams::default()).unwrap();
    let params = dosewave_numerics::spectral::MultitaperParams {
        bandwidth_hz: Some(4.0),
        low_bias: true,
        adaptive: false,
    };
    let (freqs_hz, psd) = arrays::psd_multitaper(rows, 250.0, params).unwrap();
    assert_eq!(freqs_hz, spectra.freqs_hz());
    assert_eq!(psd, spectra.psd_uv2_hz().index_axis(Axis(0), 7));
}
