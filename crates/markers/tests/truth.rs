//! Markers on signals whose answer is known.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{by_site, cut, epochs, make, noise, params, segment};
use dosewave_eeg::{Hz, SpectrumParams};
use dosewave_markers::Segment;
use dosewave_numerics::simulate::{delayed, flat_band};
use dosewave_numerics::stats::Stream;
use ndarray::Array1;
use std::f64::consts::TAU;

#[test]
fn white_noise_has_its_density_in_every_band() {
    let segment = segment(&["F3", "P3"], 1000.0, noise(2, 300, 1000.0, 21, |_| 0.5));
    // the median of a gamma variable of shape k lies about 1/(3k) below its mean, most for narrow bands; expectations and
    // tolerances (three standard errors) are from ten repeats of the same estimate with mne
    for (band, expected, tolerance) in [
        ("[4, 8]", 0.97, 0.075),
        ("[13, 30]", 0.99, 0.04),
        ("[30, 45]", 0.985, 0.03),
        ("[55, 90]", 0.995, 0.02),
        ("[100, 170]", 1.0, 0.02),
    ] {
        let values = by_site(&*make("band_power", &format!(r#"{{"band": {band}}}"#)), &segment);
        for (site, value) in values {
            eprintln!(
                "white noise, {band} at {site}: {:.4} of the density, expected {expected}",
                value / 0.5
            );
            assert!((value / 0.5 - expected).abs() < tolerance, "{band} at {site}: {value}");
        }
    }
}

#[test]
fn mains_do_not_enter() {
    let band = r#"{"band": [40, 60]}"#;
    // tapers of 2 Hz bandwidth keep the line inside the mask of ±2 Hz
    let value = |data_uv: ndarray::Array3<f64>, line_hz: Option<f64>| {
        let mut params = params();
        params.spectrum = SpectrumParams::Multitaper { bandwidth: 2.0, low_bias: true, adaptive: false };
        params.mains.line_hz = line_hz;
        by_site(&*make("band_power", band), &Segment::new(epochs(&["Cz"], 500.0, data_uv), params).unwrap())["Cz"]
    };
    let quiet = noise(1, 30, 500.0, 22, |_| 0.1);
    let mut noisy = quiet.clone();
    for ((_, _, t), value) in noisy.indexed_iter_mut() {
        *value += 4.0 * (TAU * 50.0 * t as f64 / 500.0).sin();
    }
    let (without, masked) = (value(quiet, Some(50.0)), value(noisy.clone(), Some(50.0)));
    assert!((masked / without - 1.0).abs() < 0.02, "{masked} against {without}");
    // 8 µV² of mains in 20 Hz are 0.4 µV²/Hz
    assert!(value(noisy, None) > 0.4, "the mask is what keeps it out");
}

#[test]
fn shares_of_a_power_law_are_those_of_its_sums() {
    let density = |f: f64| 10.0 / f.max(1.0);
    let segment = segment(&["Pz"], 500.0, noise(1, 300, 500.0, 23, density));
    let sum = |low: f64, high: f64| -> f64 {
        (0..400).map(|k| 0.5 * f64::from(k)).filter(|f| (low..high).contains(f)).map(density).sum()
    };
    // a total from 4 Hz on, above the bins that tapers of ±2 Hz blur; the last band lies outside of it
    for (low, high) in [(8.0, 13.0), (13.0, 30.0), (30.0, 45.0), (60.0, 90.0)] {
        let params = format!(r#"{{"band": [{low}, {high}], "total": [4, 45]}}"#);
        let value = by_site(&*make("relative_power", &params), &segment)["Pz"];
        let expected = sum(low, high) / sum(4.0, 45.0);
        eprintln!("share of {low}–{high} Hz: {:.4} of the expected", value / expected);
        assert!((value / expected - 1.0).abs() < 0.05, "{low}–{high} Hz: {value}, not {expected}");
    }
}

#[test]
fn shares_that_tile_the_total_sum_to_one_in_an_epoch() {
    let one_epoch = segment(&["Pz"], 500.0, noise(1, 1, 500.0, 24, |f| 10.0 / f.max(1.0)));
    let tiles = ["[1, 4]", "[4, 8]", "[8, 13]", "[13, 30]", "[30, 45]"];
    let share =
        |band: &str| by_site(&*make("relative_power", &format!(r#"{{"band": {band}}}"#)), &one_epoch)["Pz"];
    let total: f64 = tiles.into_iter().map(share).sum();
    assert!((total - 1.0).abs() < 1e-12, "{total}");
}

#[test]
fn the_exponent_and_offset_of_a_power_law_are_found() {
    for (exponent, fit) in [(0.0, "ols"), (1.0, "ols"), (1.5, "ols"), (1.5, "robust")] {
        let segment =
            segment(&["Cz"], 500.0, noise(1, 100, 500.0, 25, |f| 10.0 * f.max(0.25).powf(-exponent)));
        // tapers of ±2 Hz blur the lowest bins, so the line starts at 4 Hz
        let params = format!(r#"{{"range": [4, 45], "fit": "{fit}"}}"#);
        let got = by_site(&*make("aperiodic_exponent", &params), &segment)["Cz"];
        let offset = by_site(&*make("aperiodic_offset", &params), &segment)["Cz"];
        eprintln!("exponent {exponent} by {fit}: {got:.4}, offset {offset:.4}");
        assert!((got - exponent).abs() < 0.05, "{fit}: {got}, not {exponent}");
        assert!((offset - 1.0).abs() < 0.06, "{fit}: offset {offset}, not 1");
    }
}

#[test]
fn an_alpha_rhythm_moves_the_robust_line_less_than_the_plain_one() {
    let density = |f: f64| 10.0 * f.max(0.25).powf(-1.2) + 8.0 * (-0.5 * ((f - 10.0) / 1.0).powi(2)).exp();
    let segment = segment(&["Pz"], 500.0, noise(1, 100, 500.0, 26, density));
    let error = |fit: &str| {
        let params = format!(r#"{{"range": [4, 45], "fit": "{fit}"}}"#);
        (by_site(&*make("aperiodic_exponent", &params), &segment)["Pz"] - 1.2).abs()
    };
    let (robust, ols) = (error("robust"), error("ols"));
    eprintln!("with alpha: robust off by {robust:.4}, least squares by {ols:.4}");
    assert!(robust < 0.06 && robust < 0.5 * ols, "robust {robust}, ols {ols}");
}

/// F3 holds a source of 30–45 Hz, P3 the same 6 ms later, both with as much noise of their own.
fn coupled(lag_s: f64) -> Segment {
    let n_times = 1000;
    let source = flat_band(120 * n_times, 500.0, 20.0, 60.0, 0.5, &mut Stream::new(27, 0)).unwrap();
    let later = delayed(source.view(), 500.0, lag_s).unwrap();
    let own = |k: u64| flat_band(120 * n_times, 500.0, 1.0, 200.0, 0.5, &mut Stream::new(27, k)).unwrap();
    let signals: [Array1<f64>; 2] = [&source + &own(1), &later + &own(2)];
    segment(&["F3", "P3"], 500.0, cut(&signals, n_times))
}

#[test]
fn coupling_with_a_lag_has_its_coherence_and_its_sign() {
    let lag_s = 0.006;
    let segment = coupled(lag_s);
    let value = |kind: &str| by_site(&*make(kind, r#"{"band": [30, 45]}"#), &segment)["F3-P3"];
    // half of each channel's power is shared
    let (coh, imcoh) = (value("coh"), value("imcoh"));
    let expected = 0.5 * (60..90).map(|k| (TAU * 0.5 * f64::from(k) * lag_s).sin()).sum::<f64>() / 30.0;
    eprintln!("lag of 6 ms: coh {coh:.4} (0.5), imcoh {imcoh:.4} ({expected:.4})");
    assert!((coh - 0.5).abs() < 0.05, "coherence {coh}");
    assert!((imcoh - expected).abs() < 0.05 && imcoh > 0.4, "F3 leads: {imcoh}, not {expected}");
    assert!(value("wpli2_debiased") > 0.7 && value("ciplv") > 0.4);
    assert!(value("dpli") > 0.8, "F3 leads in most epochs: {}", value("dpli"));
    assert!(value("plv") > 0.4 && value("ppc") > 0.15 && value("pli") > 0.6 && value("wpli") > 0.8);
}

#[test]
fn coupling_without_a_lag_is_seen_by_coherence_only() {
    let segment = coupled(0.0);
    let value = |kind: &str| by_site(&*make(kind, r#"{"band": [30, 45]}"#), &segment)["F3-P3"];
    assert!((value("coh") - 0.5).abs() < 0.05);
    assert!((value("dpli") - 0.5).abs() < 0.05 && value("plv") > 0.4 && value("pli2_unbiased").abs() < 0.05);
    assert!(value("imcoh").abs() < 0.05 && value("wpli2_debiased").abs() < 0.05 && value("ciplv") < 0.12);
}

#[test]
fn the_muscle_index_is_the_density_at_the_rim_in_decibels() {
    let mut data_uv = noise(3, 60, 500.0, 28, |f| if f > 20.0 { 0.04 } else { 1.0 });
    let names = ["T7", "Fz", "F8"];
    data_uv.index_axis_mut(ndarray::Axis(1), 1).mapv_inplace(|x| 0.1 * x);
    let epochs = epochs(&names, 500.0, data_uv);
    let at = |low_pass: Option<f64>| {
        let params = dosewave_markers::SegmentParams { low_pass: low_pass.map(Hz), ..params() };
        let segment = Segment::new(epochs.clone(), params).unwrap();
        let marker = make("emg_index", "{}");
        (by_site(&*marker, &segment), marker.block_stats(&segment).unwrap())
    };
    let (values, stats) = at(None);
    let expected = 10.0 * 0.04_f64.log10();
    for site in ["global", "T7", "F8"] {
        eprintln!("muscle index at {site}: {:.4} dB, expected {expected:.4}", values[site]);
        assert!((values[site] - expected).abs() < 0.3, "{site}: {}", values[site]);
    }
    assert!((values["Fz"] - (expected - 20.0)).abs() < 0.3);
    assert!(stats.notes.is_empty() && stats.freqs_hz == [110.0, 140.0]);

    let (values, stats) = at(Some(100.0));
    assert!((values["global"] - expected).abs() < 0.3);
    assert_eq!(stats.freqs_hz, [51.0, 69.0]);
    assert!(
        stats.notes[0].contains("51–69 Hz") && stats.notes[0].contains("low-pass of 100 Hz"),
        "{:?}",
        stats.notes
    );
}

#[test]
fn without_a_rim_the_muscle_index_is_over_all_channels_and_says_so() {
    let segment = segment(&["Cz", "Pz"], 500.0, noise(2, 20, 500.0, 29, |_| 0.04));
    let marker = make("emg_index", "{}");
    let stats = marker.block_stats(&segment).unwrap();
    assert!(stats.notes.iter().any(|note| note.contains("all EEG channels")));
    let values = by_site(&*marker, &segment);
    assert!((values["global"] - f64::midpoint(values["Cz"], values["Pz"])).abs() < 1e-12);
}

#[test]
fn regions_and_the_whole_head_are_geometric_means() {
    let mut data_uv = noise(2, 40, 500.0, 30, |_| 1.0);
    data_uv.index_axis_mut(ndarray::Axis(1), 1).mapv_inplace(|x| 10.0 * x);
    let values = by_site(&*make("band_power", "{}"), &segment(&["F3", "F4"], 500.0, data_uv));
    assert!((values["global"] - (values["F3"] * values["F4"]).sqrt()).abs() < 1e-9);
    assert_eq!(values["global"], values["frontal"]);
    assert!((values["global"] - 10.0).abs() < 1.0);
}
