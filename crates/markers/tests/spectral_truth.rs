//! Spectral markers on signals whose answer is known.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{HEAD, by_site, head, make, noise, segment};
use dosewave_markers::{Segment, values};
use ndarray::{Array3, Axis};

/// Channels without a place, `E0` to `E99`.
fn numbered(n: usize) -> Vec<String> {
    (0..n).map(|i| format!("E{i}")).collect()
}

fn numbered_segment(data_uv: Array3<f64>, sfreq: f64) -> Segment {
    let names = numbered(data_uv.len_of(Axis(1)));
    segment(&names.iter().map(String::as_str).collect::<Vec<_>>(), sfreq, data_uv)
}

/// 1/f and an alpha rhythm around `centre` whose peak is `height` times the background there.
fn with_alpha(centre: f64, height: f64) -> impl Fn(f64) -> f64 + Copy {
    let background = |f: f64| 20.0 * f.max(0.5).powf(-1.2);
    move |f: f64| background(f) + height * background(centre) * (-0.5 * (f - centre).powi(2)).exp()
}

#[test]
fn a_mean_over_epochs_has_no_bias_where_a_median_has() {
    let segment = numbered_segment(noise(20, 100, 250.0, 41, |_| 0.5), 250.0);
    for (kind, expected) in [("band_power", 0.5), ("relative_power", 8.0 / 88.0)] {
        let value = |average: &str| {
            let params = format!(r#"{{"band": [4, 8], "average": "{average}"}}"#);
            by_site(&*make(kind, &params), &segment)["global"] / expected
        };
        let (mean, median) = (value("mean"), value("median"));
        eprintln!("{kind} of white noise, 4-8 Hz: mean {mean:.4}, median {median:.4} of the truth");
        assert!((mean - 1.0).abs() < 0.015, "{kind}: {mean}");
        assert!((0.95..0.99).contains(&median), "{kind}: {median}");
    }
}

#[test]
fn edges_of_power_laws_are_found() {
    // bins of 0.5 Hz and a Hann window on 2 s blur the lowest bins, which moves the edges of a steep spectrum down
    for (exponent, truth, bias) in [
        (0.0, [42.8, 23.0], [0.0, 0.0]),
        (1.0, [37.201, 6.708], [-0.2, -0.25]),
        (1.5, [27.235, 3.029], [-1.0, -0.28]),
    ] {
        let segment =
            numbered_segment(noise(12, 100, 250.0, 42, |f| 10.0 * f.max(0.25).powf(-exponent)), 250.0);
        for (edge, truth, bias, tolerance) in [(0.95, truth[0], bias[0], 0.1), (0.5, truth[1], bias[1], 0.1)]
        {
            let marker = make("spectral_edge", &format!(r#"{{"edge": {edge}}}"#));
            let value = by_site(&*marker, &segment)["global"];
            eprintln!("exponent {exponent}, share {edge}: {value:.3} Hz, truth {truth}");
            assert!((value - truth - bias).abs() < tolerance, "exponent {exponent}, share {edge}: {value}");
            let stats = marker.block_stats(&segment).unwrap();
            let single = marker.epoch_values(&stats).unwrap().unwrap();
            assert_eq!(single.dim(), (100, stats.sites.len()));
            assert!((single.column(0).mean().unwrap() / value - 1.0).abs() < 0.3);
        }
    }
}

#[test]
fn an_edge_within_a_range_with_mains_leaves_them_out() {
    let mut data_uv = noise(1, 60, 500.0, 43, |_| 0.1);
    let value = |data_uv: &Array3<f64>| {
        let segment = segment(&["Cz"], 500.0, data_uv.clone());
        by_site(&*make("spectral_edge", r#"{"range": [20, 80], "edge": 0.5}"#), &segment)["Cz"]
    };
    let quiet = value(&data_uv);
    // 20 to 47.5 and 52.5 to 80 Hz are kept; the middle is on the edge of the gap
    assert!((quiet - 50.0).abs() < 3.0, "{quiet}");
    for ((_, _, t), value) in data_uv.indexed_iter_mut() {
        *value += 5.0 * (std::f64::consts::TAU * 50.0 * t as f64 / 500.0).sin();
    }
    assert!((value(&data_uv) - quiet).abs() < 0.5, "{} with mains, {quiet} without", value(&data_uv));
}

/// What either method means on the true spectrum of [`with_alpha`]: the centre of gravity of the bell between 7 and 13 Hz, or
/// the top of the ratio to the background (above the centre, since the background falls).
fn true_alpha_hz(method: &str, centre: f64) -> f64 {
    let freqs = || (0..=6000).map(|k| 7.0 + 0.001 * f64::from(k));
    let bell = |f: f64| with_alpha(centre, 4.0)(f) - with_alpha(centre, 0.0)(f);
    if method == "peak" {
        let ratio = |f: &f64| bell(*f) / with_alpha(centre, 0.0)(*f);
        return freqs().max_by(|a, b| ratio(a).total_cmp(&ratio(b))).unwrap();
    }
    freqs().map(|f| f * bell(f)).sum::<f64>() / freqs().map(bell).sum::<f64>()
}

#[test]
fn simulated_alpha_rhythms_are_found() {
    for centre in [8.0, 9.3, 10.3, 11.6] {
        let segment = numbered_segment(noise(60, 60, 250.0, 44, with_alpha(centre, 4.0)), 250.0);
        for (method, bias, spread) in [("peak", 0.06, 0.25), ("centre_of_gravity", 0.1, 0.15)] {
            let marker = make("alpha_frequency", &format!(r#"{{"method": "{method}"}}"#));
            let stats = marker.block_stats(&segment).unwrap();
            let found = values(&*marker, &stats).unwrap();
            let truth = true_alpha_hz(method, centre);
            let errors: Vec<f64> = found[1..].iter().map(|value| value.unwrap() - truth).collect();
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            let rms = (errors.iter().map(|e| e * e).sum::<f64>() / errors.len() as f64).sqrt();
            eprintln!("{method} of alpha at {centre} Hz ({truth:.3}): bias {mean:.3}, RMS {rms:.3} Hz");
            assert!(mean.abs() < bias && rms < spread, "{method} at {centre}: bias {mean}, RMS {rms}");
            assert!((found[0].unwrap() - truth - mean).abs() < 1e-9, "global is the mean over channels");
            assert!(marker.epoch_values(&stats).unwrap().is_none());
        }
    }
}

#[test]
fn without_alpha_there_is_no_alpha_frequency() {
    let quiet = numbered_segment(noise(100, 60, 250.0, 45, with_alpha(10.0, 0.0)), 250.0);
    let marker = make("alpha_frequency", r#"{"method": "peak"}"#);
    let false_alarms = match marker.block_stats(&quiet) {
        Ok(stats) => values(&*marker, &stats).unwrap()[1..].iter().flatten().count(),
        Err(_) => 0,
    };
    eprintln!("hills of 1.5 dB in 1/f noise: {false_alarms} of 100 channels");
    assert!(false_alarms <= 2, "{false_alarms}");

    // one channel with alpha, one without
    let mut data_uv = noise(2, 90, 250.0, 46, with_alpha(10.0, 0.0));
    let alpha = noise(1, 90, 250.0, 47, with_alpha(10.0, 5.0));
    data_uv.index_axis_mut(Axis(1), 1).assign(&alpha.index_axis(Axis(1), 0));
    let both = segment(&["F3", "O1"], 250.0, data_uv);
    let stats = marker.block_stats(&both).unwrap();
    assert_eq!(stats.sites, ["global", "frontal", "occipital", "F3", "O1"]);
    let found = values(&*marker, &stats).unwrap();
    assert!(found[1].is_none() && found[3].is_none() && (found[4].unwrap() - 10.0).abs() < 0.5);
    assert_eq!(found[0], found[4]);
    assert!(stats.notes[0].contains("1.5 dB") && stats.notes[0].ends_with("at F3"), "{:?}", stats.notes);

    let none = segment(&["F3"], 250.0, noise(1, 90, 250.0, 46, with_alpha(10.0, 0.0)));
    let reason = marker.block_stats(&none).unwrap_err().to_string();
    assert!(reason.contains("7–13 Hz") && reason.contains("at any channel"), "{reason}");
}

#[test]
fn an_electrode_with_more_theta_stands_out_in_cordance() {
    let mut data_uv = head(5);
    let theta = noise(1, 24, 700.0, 48, |f| if (4.0..8.0).contains(&f) { 20.0 } else { 0.0 });
    let planted = HEAD.iter().position(|name| *name == "Fp1").unwrap();
    let mut fp1 = data_uv.index_axis_mut(Axis(1), planted);
    fp1 += &theta.index_axis(Axis(1), 0);
    let segment = segment(&HEAD, 700.0, data_uv);
    for version in ["reattributed", "unattributed"] {
        let marker = make("theta_cordance", &format!(r#"{{"version": "{version}"}}"#));
        let stats = marker.block_stats(&segment).unwrap();
        assert_eq!(stats.sites[..3], ["global", "prefrontal", "frontal"]);
        assert!(!stats.sites.contains(&"M1".to_owned()) && stats.notes[0].contains("19 electrodes; 2"));
        let sites = by_site(&*marker, &segment);
        eprintln!("{version}: Fp1 {:.2}, prefrontal {:.2}", sites["Fp1"], sites["prefrontal"]);
        assert!(sites["global"].abs() < 1e-9);
        assert!(HEAD.iter().all(|name| sites.get(*name).is_none_or(|c| *c <= sites["Fp1"])), "{sites:?}");
        assert!(sites["Fp1"] > 3.0 && sites["prefrontal"] > 1.5);
        let epochs = marker.epoch_values(&stats).unwrap().unwrap();
        let fp1 = stats.sites.iter().position(|site| site == "Fp1").unwrap();
        let mean = epochs.column(fp1).mean().unwrap();
        eprintln!("{version}: mean of single epochs {mean:.2}");
        assert!(mean > 3.0 && epochs.column(0).iter().all(|c| c.abs() < 1e-9));
    }
}

#[test]
fn cordance_needs_eight_electrodes_with_a_place() {
    let seven = segment(&HEAD[..7], 250.0, noise(7, 12, 250.0, 49, |_| 1.0));
    let reason = make("theta_cordance", "{}").block_stats(&seven).unwrap_err().to_string();
    assert!(reason.contains("7 EEG channel(s), at least 8"), "{reason}");
    let nowhere = numbered_segment(noise(9, 12, 250.0, 49, |_| 1.0), 250.0);
    let reason = make("theta_cordance", "{}").block_stats(&nowhere).unwrap_err().to_string();
    assert!(reason.contains("0 electrode(s) of the scalp with a position"), "{reason}");
}

#[test]
fn asymmetry_is_the_logarithm_of_the_ratio() {
    let mut data_uv = noise(4, 20, 250.0, 50, with_alpha(10.0, 4.0));
    // F4 (second) is 1.3 times F3, Fp1 (fourth) twice Fp2
    let (left, right) =
        (data_uv.index_axis(Axis(1), 0).to_owned(), data_uv.index_axis(Axis(1), 2).to_owned());
    data_uv.index_axis_mut(Axis(1), 1).assign(&(1.3 * left));
    data_uv.index_axis_mut(Axis(1), 3).assign(&(2.0 * right));
    let marker = make("alpha_asymmetry", "{}");
    let all = segment(&["F3", "F4", "Fp2", "Fp1"], 250.0, data_uv.clone());
    let stats = marker.block_stats(&all).unwrap();
    assert_eq!(stats.sites, ["global", "F4-F3", "Fp2-Fp1"]);
    let sites = by_site(&*marker, &all);
    assert!((sites["F4-F3"] - 2.0 * 1.3_f64.ln()).abs() < 1e-12 && sites["global"] == sites["F4-F3"]);
    assert!((sites["Fp2-Fp1"] + 2.0 * 2_f64.ln()).abs() < 1e-12);
    let single = marker.epoch_values(&stats).unwrap().unwrap();
    assert!(single.column(1).iter().all(|a| (a - 2.0 * 1.3_f64.ln()).abs() < 1e-12));

    // F7 and F8 stand in where F3 is missing
    let others = segment(&["F7", "F8", "Fp2", "Fp1"], 250.0, data_uv.clone());
    let sites = by_site(&*marker, &others);
    assert!((sites["global"] - f64::midpoint(sites["F8-F7"], sites["Fp2-Fp1"])).abs() < 1e-12);
    assert!(marker.block_stats(&others).unwrap().notes[0].contains("mean of F8-F7, Fp2-Fp1"));
    let none = segment(&["Cz", "F4", "Pz", "Oz"], 250.0, data_uv);
    assert!(marker.block_stats(&none).unwrap_err().to_string().contains("F4 and F3"));
}

#[test]
fn the_gamma_beta_ratio_is_behind_over_in_front() {
    let names = ["F3", "Fz", "C3", "P3", "O1"];
    let mut data_uv = noise(5, 60, 500.0, 51, |_| 0.3);
    let marker = make("gamma_beta_ratio", "{}");
    let ratio = |data_uv: &Array3<f64>| by_site(&*marker, &segment(&names, 500.0, data_uv.clone()));
    let flat = ratio(&data_uv);
    eprintln!("gamma-beta ratio of white noise: {:.4}", flat["global"]);
    assert_eq!(flat.len(), 1);
    assert!((flat["global"] - 1.0).abs() < 0.05);
    // twice the voltage at one of two posterior electrodes doubles the geometric mean of power; C3 is in neither group
    data_uv.index_axis_mut(Axis(1), 3).mapv_inplace(|x| 2.0 * x);
    data_uv.index_axis_mut(Axis(1), 2).mapv_inplace(|x| 9.0 * x);
    assert!((ratio(&data_uv)["global"] / flat["global"] - 2.0).abs() < 1e-9);
    let front = segment(&["F3", "Fz"], 500.0, noise(2, 12, 500.0, 51, |_| 0.3));
    assert!(marker.block_stats(&front).unwrap_err().to_string().contains("there are 0 and 2"));
}

#[test]
fn a_single_epoch_has_its_gamma_beta_ratio_in_decibels() {
    let marker = make("gamma_beta_ratio", "{}");
    let one = segment(&["F3", "P3"], 500.0, noise(2, 1, 500.0, 52, |f| 10.0 / f.max(1.0)));
    let stats = marker.block_stats(&one).unwrap();
    let decibel = marker.epoch_values(&stats).unwrap().unwrap()[[0, 0]];
    let ratio = by_site(&*marker, &one)["global"];
    assert!((decibel - 10.0 * ratio.log10()).abs() < 1e-9);
}

/// Ten epochs with alpha behind, ten with a steep slow spectrum, ten flat.
#[test]
fn epochs_are_staged_by_what_dominates() {
    let names = ["F3", "F4", "T7", "P3", "O1", "O2"];
    let occipital = |channel: usize| if channel >= 4 { 60.0 } else { 20.0 };
    let density = |stage: usize, channel: usize, f: f64| match stage {
        0 => 5.0 / f.max(1.0) + occipital(channel) * (-0.5 * (f - 10.0).powi(2)).exp(),
        1 => 400.0 * f.max(1.0).powf(-2.5),
        _ => 2.0 / f.max(1.0).sqrt(),
    };
    let mut data_uv = Array3::zeros((30, 6, 500));
    for stage in 0..3 {
        for channel in 0..6 {
            let seed = 60 + 10 * stage as u64 + channel as u64;
            let part = noise(1, 10, 250.0, seed, |f| density(stage, channel, f));
            let mut slot = data_uv.slice_mut(ndarray::s![10 * stage..10 * stage + 10, channel, ..]);
            slot.assign(&part.index_axis(Axis(1), 0));
        }
    }
    let segment = segment(&names, 250.0, data_uv);
    let share =
        |stage: &str| by_site(&*make("vigilance", &format!(r#"{{"stage": "{stage}"}}"#)), &segment)["global"];
    let shares = ["a1", "a2", "a3", "b1", "b23"].map(share);
    eprintln!("shares of A1, A2, A3, B1, B2/3: {shares:.3?}");
    assert!((shares.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    assert!((shares[0] - 1.0 / 3.0).abs() < 0.04 && (shares[3] - 1.0 / 3.0).abs() < 0.04);
    assert!((shares[4] - 1.0 / 3.0).abs() < 0.04);
    let marker = make("vigilance", r#"{"stage": "b1"}"#);
    let stats = marker.block_stats(&segment).unwrap();
    let epochs = marker.epoch_values(&stats).unwrap().unwrap();
    assert!(epochs.iter().take(20).sum::<f64>() <= 1.0 && epochs.iter().skip(20).sum::<f64>() >= 9.0);
}

#[test]
fn vigilance_needs_front_and_back() {
    let front = segment(&["F3", "Cz"], 250.0, noise(2, 12, 250.0, 53, |_| 1.0));
    let reason = make("vigilance", "{}").block_stats(&front).unwrap_err().to_string();
    assert!(reason.contains("frontal and occipital electrodes; there are 1 and 0"), "{reason}");
}

#[test]
fn gamma_above_the_background_is_its_bump_and_no_tilt() {
    let law = |f: f64| 20.0 * f.max(0.5).powf(-1.3);
    let bump = |f: f64| if (30.0..45.0).contains(&f) { 2.0 } else { 1.0 };
    let above = |psd: &dyn Fn(f64) -> f64, params: &str| {
        let segment = numbered_segment(noise(10, 150, 500.0, 51, psd), 500.0);
        by_site(&*make("power_above_1f", params), &segment)["global"]
    };
    let wide = r#"{"range": [4, 90]}"#;
    let (plain, lifted) = (above(&law, wide), above(&|f| law(f) * bump(f), wide));
    eprintln!("power above 1/f: {plain:.3} dB without, {lifted:.3} dB with a bump of 3.01 dB");
    assert!(plain.abs() < 0.15, "{plain}");
    // tapers of 4 Hz blur the bump's ends, and the line takes a little of it
    assert!((2.2..3.0).contains(&(lifted - plain)), "{}", lifted - plain);
    let louder = above(&|f| 4.0 * law(f), wide);
    assert!((louder - plain).abs() < 1e-9, "{louder}");
    let steeper = above(&|f| law(f) * f.max(0.5).powf(-0.5), wide);
    assert!((steeper - plain).abs() < 0.1, "{steeper}");
}

#[test]
fn exponents_of_the_upper_ranges_and_knees_are_recovered() {
    let psd = |f: f64| 400.0 / (144.0 + f * f);
    let segment = numbered_segment(noise(10, 200, 500.0, 52, psd), 500.0);
    for fit in ["robust", "ols", "specparam"] {
        let knee =
            by_site(&*make("knee_frequency", &format!(r#"{{"range": [2, 90], "fit": "{fit}"}}"#)), &segment);
        let exponent =
            make("aperiodic_exponent", &format!(r#"{{"range": [2, 90], "mode": "knee", "fit": "{fit}"}}"#));
        let exponent = by_site(&*exponent, &segment)["global"];
        eprintln!("{fit}: knee {:.2} Hz of 12, exponent {exponent:.3} of 2", knee["global"]);
        assert!((knee["global"] - 12.0).abs() < 1.0, "{fit}: {}", knee["global"]);
        assert!((exponent - 2.0).abs() < 0.1, "{fit}: {exponent}");
    }
    let law = numbered_segment(noise(10, 150, 500.0, 53, |f| 20.0 * f.max(0.5).powf(-1.3)), 500.0);
    for range in ["[30, 45]", "[20, 90]"] {
        let marker = make("aperiodic_exponent", &format!(r#"{{"range": {range}, "fit": "ols"}}"#));
        let exponent = by_site(&*marker, &law)["global"];
        assert!((exponent - 1.3).abs() < 0.1, "{range}: {exponent}");
    }
}

#[test]
fn planted_bursts_are_counted_timed_and_added_up() {
    let (sfreq, n_epochs, n) = (500.0, 30, 1000);
    let mut data_uv = noise(2, n_epochs, sfreq, 54, |_| 1e-4);
    // a burst of 300 ms at 37.5 Hz in every second epoch, the rhythm small between them
    for epoch in 0..n_epochs {
        for t in 0..n {
            let seconds = (epoch * n + t) as f64 / sfreq;
            let size = if epoch % 2 == 0 && (400..550).contains(&t) { 20.0 } else { 1.0 };
            for channel in 0..2 {
                data_uv[[epoch, channel, t]] += size * (2.0 * std::f64::consts::PI * 37.5 * seconds).sin();
            }
        }
    }
    let segment = numbered_segment(data_uv, sfreq);
    let value = |kind: &str| by_site(&*make(kind, r#"{"threshold_mad": 20}"#), &segment)["global"];
    let (rate, occupancy, dwell) = (value("burst_rate"), value("burst_occupancy"), value("burst_dwell"));
    eprintln!("bursts: {rate:.4} per s, {occupancy:.4} of the time, {dwell:.0} ms");
    assert!((rate - 0.25).abs() < 0.01, "{rate}");
    // the filter's rise lengthens a burst at a height of 20 of 1
    assert!((300.0..380.0).contains(&dwell), "{dwell}");
    assert!((occupancy - rate * dwell / 1000.0).abs() < 1e-9, "{occupancy}");
}
