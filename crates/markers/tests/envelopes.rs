//! Envelope correlations of segments whose coupling is known.
#![allow(clippy::unwrap_used)]

mod common;

use common::{by_site, make, segment};
use dosewave_eeg::coupling::{EnvelopeParams, envelope_correlation_of_bands};
use dosewave_markers::{BlockData, Segment, plain_counts, values};
use dosewave_numerics::envelope::EnvelopeScale;
use dosewave_numerics::simulate::shaped_noise;
use dosewave_numerics::stats::Stream;
use ndarray::{Array1, Array2, Array3, Axis};

const NAMES: [&str; 3] = ["F3", "P3", "O2"];
const SFREQ: f64 = 250.0;
const N_EPOCHS: usize = 90;

/// Alpha noise in three channels; the first two swell together, and the third hears the first at zero lag.
fn signals(seed: u64) -> Vec<Array1<f64>> {
    let n = N_EPOCHS * 500;
    let noise =
        |stream, psd: fn(f64) -> f64| shaped_noise(n, SFREQ, psd, &mut Stream::new(seed, stream)).unwrap();
    let alpha = |f: f64| if (8.0..13.0).contains(&f) { 10.0 } else { 0.05 };
    let swell = noise(9, |f| if f < 0.5 { 1.0 } else { 0.0 });
    let loud = |x: Array1<f64>| &x * &swell.mapv(|v| (0.8 * v).exp());
    let (first, second, third) = (loud(noise(0, alpha)), loud(noise(1, alpha)), noise(2, alpha));
    let leak = &third + &(0.7 * &first);
    vec![first, second, leak]
}

fn head(seed: u64) -> Segment {
    segment(&NAMES, SFREQ, common::cut(&signals(seed), 500))
}

#[test]
fn channels_that_swell_together_correlate_and_those_that_share_at_zero_lag_do_not() {
    let aec = make("aec", r#"{"band": [8, 13], "absolute": false}"#);
    let sites = by_site(&*aec, &head(1));
    let (coupled, leaking) = (sites["F3-P3"], sites["F3-O2"]);
    assert!(coupled > 0.15, "{coupled}");
    // what leaks is not in it; the part that does not leak did not swell with F3
    assert!(leaking.abs() < 0.5 * coupled, "{leaking} beside {coupled}");
    assert!((sites["global"] - (coupled + leaking + sites["P3-O2"]) / 3.0).abs() < 1e-12);
}

/// One gapless window without ends is one long epoch.
#[test]
fn a_window_without_a_gap_is_one_correlation_over_its_samples() {
    let signals = signals(2);
    let whole = Array3::from_shape_fn((1, 3, signals[0].len()), |(_, c, t)| signals[c][t]);
    let params = EnvelopeParams { scale: EnvelopeScale::LogPower, ..EnvelopeParams::default() };
    let pairs = [(1, 0), (2, 0), (2, 1)];
    let expected =
        &envelope_correlation_of_bands(whole.view(), SFREQ, &[(8.0, 13.0)], &pairs, &params).unwrap()[0];
    let aec = make("aec", "{}");
    let stats = aec.block_stats(&head(2)).unwrap();
    let found = aec.pair_values(&stats).unwrap().unwrap();
    for (found, expected) in found.iter().zip(expected) {
        // the window leaves 0.8 s out at each end
        assert!((found.unwrap() - expected).abs() < 0.01, "{found:?}, not {expected}");
    }
    assert!(matches!(stats.data, BlockData::Envelopes(_)));
}

#[test]
fn blocks_add_and_are_drawn() {
    let segment = head(3);
    let aec = make("aec", "{}");
    let stats = aec.block_stats(&segment).unwrap();
    let all = values(&*aec, &stats).unwrap();
    // twice each block is the same correlation
    let mut counts = plain_counts(stats.n_blocks);
    counts.fill(2);
    let twice = aec.evaluate(&stats, counts.view()).unwrap();
    for (twice, once) in twice.iter().zip(&all) {
        assert!((twice - once.unwrap()).abs() < 1e-12);
    }
    // without the second half: the statistics of the first half alone
    let half = stats.n_blocks / 2;
    let mut counts = plain_counts(stats.n_blocks);
    counts.slice_mut(ndarray::s![.., half..]).fill(0);
    let drawn = aec.evaluate(&stats, counts.view()).unwrap();
    let kept = stats.with_blocks(&(0..half).collect::<Vec<_>>());
    assert_eq!(kept.n_epochs, kept.epochs_of_blocks().iter().sum::<usize>());
    for (drawn, kept) in drawn.iter().zip(values(&*aec, &kept).unwrap()) {
        assert_eq!(*drawn, kept.unwrap());
    }
    let pool = stats.concat(&stats).unwrap();
    assert_eq!((pool.n_blocks, pool.n_epochs), (2 * stats.n_blocks, 2 * N_EPOCHS));
}

/// Gaps: nothing is filtered over one, and epochs shorter than the filter have no envelope.
#[test]
fn stretches_shorter_than_the_filter_have_no_envelope() {
    let all = head(4);
    let onsets = |step: f64| (0..N_EPOCHS).map(|e| dosewave_eeg::Seconds(step * e as f64)).collect();
    let with = |step: f64, band: &str| {
        let epochs = all.epochs();
        let epochs = dosewave_eeg::Epochs::new(
            epochs.channels().clone(),
            epochs.sfreq(),
            epochs.data_uv().to_owned(),
            onsets(step),
        );
        let segment = Segment::new(epochs.unwrap(), common::params()).unwrap();
        make("aec", &format!(r#"{{"band": {band}}}"#)).block_stats(&segment).map_err(|e| e.to_string())
    };
    // each epoch of 2 s by itself: 1.65 s of filter for alpha, 3.3 s for delta
    assert!(with(3.0, "[8, 13]").is_ok());
    let error = with(3.0, "[1, 4]").unwrap_err();
    assert!(error.contains("3.31 s of clean epochs without a gap"), "{error}");
    assert!(with(2.0, "[1, 4]").is_ok());
    assert!(make_error("[0, 4]").contains("above 0 Hz"));
}

fn make_error(band: &str) -> String {
    let config = serde_json::from_str(&format!(r#"{{"kind": "aec", "band": {band}}}"#)).unwrap();
    dosewave_markers::marker("test", &config).unwrap_err().to_string()
}

/// A copy of a channel is no partner: no value at the pair, the others in the mean.
#[test]
fn a_copied_channel_has_no_value_and_the_mean_goes_without() {
    let mut data = common::cut(&signals(5), 500);
    let copy = data.index_axis(Axis(1), 0).mapv(|v| -2.0 * v);
    data.index_axis_mut(Axis(1), 2).assign(&copy);
    let aec = make("aec", "{}");
    let segment = segment(&NAMES, SFREQ, data);
    let stats = aec.block_stats(&segment).unwrap();
    let found = values(&*aec, &stats).unwrap();
    let at = |site: &str| found[stats.sites.iter().position(|s| s == site).unwrap()];
    assert_eq!(at("F3-O2"), None);
    let mean = f64::midpoint(at("F3-P3").unwrap(), at("P3-O2").unwrap());
    assert!((at("global").unwrap() - mean).abs() < 1e-12);
    let none = aec.evaluate(&stats, Array2::zeros((1, stats.n_blocks)).view());
    assert!(none.unwrap().iter().all(|v| v.is_nan()));
}
