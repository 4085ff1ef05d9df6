//! Evidence of muscle from signals whose muscle is known.
#![allow(clippy::unwrap_used)]

mod common;

use common::{HEAD, by_site, make, noise, segment};
use dosewave_markers::gate::{MIN_EXPECTED_DB, Verdict, change_verdict, expected_change_db};
use dosewave_markers::markers::SpRate;
use dosewave_markers::{DynMarker, Segment, plain_counts};
use dosewave_numerics::simulate::saccadic_spike_waveform;
use dosewave_numerics::stats::Stream;
use ndarray::{Array1, Array3, s};

const SFREQ: f64 = 500.0;
const N_EPOCHS: usize = 60;

fn is_rim(name: &str) -> bool {
    ["Fp1", "Fp2", "F7", "F8", "T7", "T8"].contains(&name)
}

/// Brain of f^-1.5 everywhere, with gamma multiplied by `gamma` (a power), and flat muscle of `muscle` × the brain's PSD at
/// 40 Hz at the rim.
fn recording(gamma: f64, muscle: f64, seed: u64) -> Array3<f64> {
    let brain = move |f: f64| {
        let gain = if (28.0..95.0).contains(&f) { gamma } else { 1.0 };
        20.0 * f.max(0.5).powf(-1.5) * gain
    };
    let flat = move |f: f64| if f > 15.0 { muscle * 20.0 * 40_f64.powf(-1.5) } else { 0.0 };
    let mut data_uv = noise(HEAD.len(), N_EPOCHS, SFREQ, seed, brain);
    let muscles = noise(HEAD.len(), N_EPOCHS, SFREQ, seed + 500, flat);
    for c in (0..HEAD.len()).filter(|&c| is_rim(HEAD[c])) {
        let mut row = data_uv.slice_mut(s![.., c, ..]);
        row += &muscles.slice(s![.., c, ..]);
    }
    data_uv
}

fn head(gamma: f64, muscle: f64, seed: u64) -> Segment {
    segment(&HEAD, SFREQ, recording(gamma, muscle, seed))
}

fn global(marker: &dyn DynMarker, segment: &Segment) -> f64 {
    by_site(marker, segment)["global"]
}

#[test]
fn the_rim_ratio_rises_with_muscle_and_not_with_gamma_everywhere() {
    let marker = make("rim_ratio", "{}");
    let quiet = global(&*marker, &head(1.0, 0.0, 1));
    let gamma = global(&*marker, &head(1.41, 0.0, 2)) - quiet;
    let muscle = global(&*marker, &head(1.0, 1.0, 3)) - quiet;
    assert!(gamma.abs() < 0.3, "{gamma} dB");
    // 1 at 40 Hz is 3.4 to 5 dB at 55-90 Hz on top of the brain
    assert!(muscle > 3.0, "{muscle} dB");
}

#[test]
fn the_fitted_share_is_the_planted_one() {
    let marker = make("muscle_share", r#"{"band": [30, 45]}"#);
    for planted in [0.0, 0.1, 0.5] {
        let density = |c: usize, f: f64| {
            let part = if is_rim(HEAD[c]) { planted } else { 0.0 };
            f.powf(-1.5) + part * 40_f64.powf(-1.5)
        };
        // frontal: Fp1, Fp2, F7, F8 with muscle, F3, Fz, F4 without, geometric mean
        let frontal = [0, 1, 2, 3, 4, 5, 6];
        let mean = |f: f64| (frontal.iter().map(|&c| density(c, f).ln()).sum::<f64>() / 7.0).exp();
        let freqs: Vec<f64> = (0..30).map(|k| 22.0 + 4.0 * f64::from(k)).collect();
        let exact = dosewave_numerics::aperiodic::fit_power_law_plus_flat(
            ndarray::ArrayView1::from(&freqs),
            ndarray::Array1::from_iter(freqs.iter().map(|f| mean(*f))).view(),
        )
        .unwrap();
        let inside: Vec<f64> = freqs.iter().copied().filter(|f| (30.0..45.0).contains(f)).collect();
        let expected =
            exact.flat / (inside.iter().map(|f| exact.density(*f)).sum::<f64>() / inside.len() as f64);
        let found = by_site(&*marker, &head(1.0, planted, 4))["frontal"];
        assert!((found - expected).abs() < 0.05, "{planted}: {found}, not {expected}");
    }
}

#[test]
fn a_share_of_one_channel_is_muscle_over_all() {
    // every channel the same mixture: a tenth at 40 Hz
    let data = noise(HEAD.len(), N_EPOCHS, SFREQ, 9, |f| f.max(0.5).powf(-1.5) + 0.1 * 40_f64.powf(-1.5));
    let found = global(&*make("muscle_share", r#"{"band": [30, 45]}"#), &segment(&HEAD, SFREQ, data));
    // mean of f^-1.5 over 30-45 Hz is 1.146 × that at 40 Hz
    assert!((found - 0.1 / 1.246).abs() < 0.03, "{found}");
}

#[test]
fn spikes_are_counted_per_second() {
    let mut data = recording(1.0, 0.0, 7);
    let waveform = saccadic_spike_waveform(SFREQ);
    // three per 2-s epoch in the frontopolar leads
    for mut epoch in data.outer_iter_mut() {
        for start in [150, 450, 750] {
            for (t, v) in waveform.iter().enumerate() {
                epoch[[0, start + t]] += 20.0 * v;
                epoch[[1, start + t]] += 20.0 * v;
            }
        }
    }
    let marker = make("sp_rate", "{}");
    let rate = global(&*marker, &segment(&HEAD, SFREQ, data));
    assert!((rate - 1.5).abs() < 0.05, "{rate} per second");
    let none = global(&*marker, &head(1.0, 0.0, 7));
    assert!(none < 0.05, "{none} per second");
    let muscle = global(&*marker, &head(1.0, 3.0, 7));
    assert!(muscle < 0.05, "steady muscle is no spike: {muscle} per second");
}

#[test]
fn the_same_spikes_have_the_same_rate_over_a_louder_background() {
    let mut stream = Stream::new(31, 0);
    let sizes: Vec<f64> = (0..3 * N_EPOCHS).map(|_| 10.0 + 2.0 * stream.normal()).collect();
    let marker = make("sp_rate", "{}");
    let follows_background = make("sp_rate", r#"{"least_uv": 0.001}"#);
    let rates = |db: f64, seed: u64| {
        let mut data = recording(1.0, 0.0, seed) * (0.7 * 10_f64.powf(db / 20.0));
        let waveform = saccadic_spike_waveform(SFREQ);
        for (spike, size) in sizes.iter().enumerate() {
            let start = 150 + 300 * (spike % 3);
            for (t, v) in waveform.iter().enumerate() {
                data[[spike / 3, 0, start + t]] += size * v;
                data[[spike / 3, 1, start + t]] += size * v;
            }
        }
        let segment = segment(&HEAD, SFREQ, data);
        [global(&*marker, &segment), global(&*follows_background, &segment)]
    };
    let [quiet, quiet_following] = rates(-2.0, 40);
    for (db, seed) in [(0.0, 41), (3.0, 42)] {
        let [found, following] = rates(db, seed);
        assert!((found / quiet - 1.0).abs() < 0.1, "{db} dB: {found} per second, not {quiet}");
        // what the background's standard deviation alone would do
        assert!(db < 3.0 || following / quiet_following < 0.85, "{following} {quiet_following}");
    }
    // a background whose 4.5 standard deviations are more than the fixed size: fewer are seen, and a note says so
    let loud = recording(1.0, 0.0, 43) * 10_f64.powf(12.0 / 20.0);
    let stats = marker.block_stats(&segment(&HEAD, SFREQ, loud)).unwrap();
    assert!(stats.notes.iter().any(|note| note.contains("not 8 µV")), "{:?}", stats.notes);
}

#[test]
fn bursts_of_muscle_count_as_spikes_where_they_are_loud() {
    // the limit of what the rate says: half a second in every ten, of muscle at the frontopolar leads
    let of = |gain: f64| {
        let mut data = recording(0.5, 0.0, 45) * 0.7;
        let muscle = noise(2, N_EPOCHS, SFREQ, 46, |f| if f > 15.0 { 0.16 } else { 0.0 });
        for e in (0..N_EPOCHS).step_by(5) {
            let mut burst = data.slice_mut(s![e, ..2, 250..500]);
            burst.scaled_add(gain, &muscle.slice(s![e, .., 250..500]));
        }
        global(&*make("sp_rate", "{}"), &segment(&HEAD, SFREQ, data))
    };
    // 3.3 µV rms at 20-90 Hz, then 6.7
    let (soft, loud) = (of(1.0), of(2.0));
    assert!(soft < 0.05, "{soft} per second");
    assert!(loud > 0.2, "{loud} per second: the limit is better than its documentation says");
}

#[test]
fn two_windows_count_spikes_from_one_size() {
    let waveform = saccadic_spike_waveform(SFREQ);
    let of = |muscle: f64| {
        let mut data = recording(1.0, muscle, 44);
        for mut epoch in data.outer_iter_mut() {
            for (start, size) in [(150, 12.0), (450, 40.0)] {
                for (t, v) in waveform.iter().enumerate() {
                    epoch[[0, start + t]] += size * v;
                    epoch[[1, start + t]] += size * v;
                }
            }
        }
        SpRate::default().spikes(&segment(&HEAD, SFREQ, data)).unwrap()
    };
    let (quiet, loud) = (of(0.0), of(20.0));
    assert!(quiet.limit_uv < 10.0 && loud.limit_uv > 15.0, "{} {}", quiet.limit_uv, loud.limit_uv);
    let mean = |rates: Array1<f64>| rates.mean().unwrap();
    assert!(mean(quiet.rates_hz(quiet.limit_uv)) - mean(loud.rates_hz(loud.limit_uv)) > 0.3, "own limits");
    let common = quiet.limit_uv.max(loud.limit_uv);
    let difference = mean(quiet.rates_hz(common)) - mean(loud.rates_hz(common));
    // the louder background lifts a few of the small ones over the limit
    assert!(difference.abs() < 0.1, "{difference} per second");
}

#[test]
fn a_flat_electrode_at_the_rim_is_left_out() {
    let marker = make("rim_ratio", "{}");
    let mut data = recording(1.0, 0.3, 15);
    let whole = global(&*marker, &segment(&HEAD, SFREQ, data.clone()));
    data.slice_mut(s![.., 2, ..]).fill(0.0);
    let without = global(&*marker, &segment(&HEAD, SFREQ, data));
    assert!((without - whole).abs() < 0.5, "{without} dB, not {whole}");
}

#[test]
fn the_laplacian_hardly_sees_the_rim_at_the_vertex() {
    let change = |name: &str, params: &str, site: &str| {
        let marker = make(name, params);
        let (before, after) = (head(1.0, 0.0, 11), head(1.0, 1.0, 11));
        10.0 * (by_site(&*marker, &after)[site] / by_site(&*marker, &before)[site]).log10()
    };
    let band = r#"{"band": [55, 90]}"#;
    let viewed = r#"{"band": [55, 90], "view": "laplacian"}"#;
    let (rim, vertex) = (change("band_power", band, "T7"), change("band_power", viewed, "Cz"));
    assert!(rim > 4.0, "{rim} dB at T7");
    assert!(vertex.abs() < 0.3, "{vertex} dB at Cz");
}

#[test]
fn single_epochs_average_to_the_value() {
    let segment = head(1.0, 0.2, 13);
    // the value is of the median or mean spectrum: a dB or a slope of single epochs lies a little lower
    let kinds = [
        ("band_power", 0.3),
        ("relative_power", 0.3),
        ("emg_index", 0.3),
        ("aperiodic_exponent", 0.1),
        ("aperiodic_offset", 0.1),
        ("sp_rate", 1e-9),
    ];
    for (kind, tolerance) in kinds {
        let marker = make(kind, "{}");
        let stats = marker.block_stats(&segment).unwrap();
        let epochs = marker.epoch_values(&stats).unwrap().unwrap();
        assert_eq!(epochs.dim(), (N_EPOCHS, stats.sites.len()));
        let value = marker.evaluate(&stats, plain_counts(stats.n_blocks).view()).unwrap()[[0, 0]];
        let value = if kind.ends_with("_power") { 10.0 * value.log10() } else { value };
        let mean = epochs.column(0).mean().unwrap();
        assert!((mean - value).abs() < tolerance, "{kind}: {mean} {value}");
    }
    let pairs = make("coh", "{}");
    assert_eq!(pairs.epoch_values(&pairs.block_stats(&segment).unwrap()).unwrap(), None);
}

#[test]
fn the_numbers_of_flat_muscle_come_out_of_the_markers() {
    // f^-1.5 plus a tenth (a half) of its density at 40 Hz, seen by the markers themselves with long recordings
    let make_segment = |part: f64| {
        let psd = move |f: f64| {
            1000.0 * (f.max(0.5).powf(-1.5) + if f >= 15.0 { part * 40_f64.powf(-1.5) } else { 0.0 })
        };
        segment(&["Cz"], SFREQ, noise(1, 1500, SFREQ, 21, psd))
    };
    let quiet = make_segment(0.0);
    for (part, low_db, high_db, exponent) in [(0.1, 0.37, 0.92, 1.323), (0.5, 1.59, 3.37, 0.922)] {
        let loud = make_segment(part);
        let power = |segment: &Segment, band: &str| {
            global(&*make("band_power", &format!(r#"{{"band": {band}}}"#)), segment)
        };
        for (band, expected) in [("[30, 45]", low_db), ("[55, 90]", high_db)] {
            let (p_pre, p_post) = (power(&quiet, band), power(&loud, band));
            let found = 10.0 * (p_post / p_pre).log10();
            assert!((found - expected).abs() < 0.05, "{band}: {found} dB, not {expected}");
            let (e_pre, e_post) = (power(&quiet, "[110, 140]"), power(&loud, "[110, 140]"));
            let expected = expected_change_db(p_pre, e_pre, e_post);
            assert!((expected.unwrap() - found).abs() < 0.1);
            assert_eq!(change_verdict(found, expected, None, 0.0, MIN_EXPECTED_DB), Verdict::Confounded);
        }
        let marker = make("aperiodic_exponent", r#"{"range": [20, 90], "fit": "ols"}"#);
        let found = global(&*marker, &loud);
        // the tapers blur a falling spectrum by a few thousandths
        assert!((found - exponent).abs() < 0.02, "{found}, not {exponent}");
    }
}
