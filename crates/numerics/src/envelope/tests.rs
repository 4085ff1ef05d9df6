//! Correlations of envelopes against their definition, closed forms, and what must not matter.

use super::*;
use crate::stats::Stream;
use PairwiseOrthogonalization::{None as Plain, Pairwise};
use ndarray::{Array2, ArrayView2, array};
use num_complex::Complex64;

fn random(n_channels: usize, n_times: usize, seed: u64) -> Array2<Complex64> {
    let mut stream = Stream::new(seed, 0);
    Array2::from_shape_simple_fn((n_channels, n_times), || Complex64::new(stream.normal(), stream.normal()))
}

/// Neighbours share a modulation and some of each other at zero lag.
fn coupled(n_channels: usize, n_times: usize, seed: u64) -> Array2<Complex64> {
    let mut z = random(n_channels, n_times, seed);
    let common = random(2, n_times, seed + 1000);
    for ((c, t), value) in z.indexed_iter_mut() {
        *value = *value * (0.3 + common[[0, t]].norm()) * (c + 1) as f64 + common[[1, t]] * 0.4;
    }
    z
}

fn scaled(z: Complex64, scale: EnvelopeScale) -> f64 {
    match scale {
        EnvelopeScale::Amplitude => z.norm(),
        EnvelopeScale::Power => z.norm_sqr(),
        EnvelopeScale::LogPower => z.norm_sqr().ln(),
    }
}

fn pearson(a: &[f64], b: &[f64]) -> f64 {
    let mean = |v: &[f64]| v.iter().sum::<f64>() / v.len() as f64;
    let (ma, mb) = (mean(a), mean(b));
    let products: f64 = a.iter().zip(b).map(|(a, b)| (a - ma) * (b - mb)).sum();
    let scatter = |v: &[f64], m: f64| v.iter().map(|v| (v - m).powi(2)).sum::<f64>();
    products / (scatter(a, ma) * scatter(b, mb)).sqrt()
}

/// By the definition, sample by sample.
fn slow(
    z: ArrayView2<'_, Complex64>,
    (x, y): (usize, usize),
    scale: EnvelopeScale,
    orthogonalize: PairwiseOrthogonalization,
    absolute: bool,
) -> f64 {
    let level = |c: usize| z.row(c).iter().map(|z| scaled(*z, scale)).collect::<Vec<f64>>();
    if orthogonalize == Plain {
        let r = pearson(&level(x), &level(y));
        return if absolute { r.abs() } else { r };
    }
    let one_way = |x: usize, y: usize| {
        let orthogonal =
            |(x, y): (&Complex64, &Complex64)| scaled(Complex64::from((y * x.conj() / x.norm()).im), scale);
        let r = pearson(&level(x), &z.row(x).iter().zip(z.row(y)).map(orthogonal).collect::<Vec<f64>>());
        if absolute { r.abs() } else { r }
    };
    (one_way(x, y) + one_way(y, x)) / 2.0
}

fn lower_triangle(n: usize) -> Vec<(usize, usize)> {
    (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).collect()
}

fn moments(
    z: ArrayView2<'_, Complex64>,
    scale: EnvelopeScale,
    centring: Centring,
    orthogonalize: PairwiseOrthogonalization,
) -> EnvelopeMoments {
    let pairs = lower_triangle(z.nrows());
    Envelopes::new(z, scale, centring).unwrap().moments(&pairs, orthogonalize).unwrap()
}

#[test]
fn equals_the_definition_for_any_length_and_either_centre() {
    for n_times in [2, 7, 8, 61, 512, 513, 1000, 1531] {
        let z = coupled(4, n_times, n_times as u64);
        for scale in EnvelopeScale::ALL {
            for orthogonalize in [Plain, Pairwise] {
                for centring in [Centring::Mean, Centring::Zero] {
                    let found = moments(z.view(), scale, centring, orthogonalize);
                    for (p, pair) in lower_triangle(4).into_iter().enumerate() {
                        for absolute in [true, false] {
                            let expected = slow(z.view(), pair, scale, orthogonalize, absolute);
                            let got = found.correlation(absolute)[p];
                            assert!(
                                (got - expected).abs() < 1e-9,
                                "{n_times} {scale:?} {orthogonalize:?} {centring:?} {pair:?}: {got}, not {expected}"
                            );
                        }
                    }
                }
            }
        }
    }
}

/// Equal envelopes and independent phases: what orthogonalisation leaves is known, and another number for each scale.
#[test]
fn equal_envelopes_are_attenuated_as_known() {
    let n_times = 400_000;
    let mut stream = Stream::new(3, 0);
    let mut z = Array2::default((2, n_times));
    for t in 0..n_times {
        let amplitude = Complex64::new(stream.normal(), stream.normal()).norm();
        for c in 0..2 {
            z[[c, t]] = Complex64::from_polar(amplitude, std::f64::consts::TAU * stream.uniform());
        }
    }
    for (scale, known) in EnvelopeScale::ALL.into_iter().zip([0.692, 0.7071, 0.5774]) {
        assert!((scale.attenuation() - known).abs() < 2e-4, "{scale:?}");
        let found = moments(z.view(), scale, Centring::Mean, Pairwise).correlation(true)[0];
        // one over the root of the samples is 0.0016
        assert!((found - scale.attenuation()).abs() < 0.005, "{scale:?}: {found}");
        let whole = moments(z.view(), scale, Centring::Mean, Plain).correlation(true)[0];
        assert!((whole - 1.0).abs() < 1e-9, "{scale:?}: {whole}");
    }
}

/// Independent signals, one of which also reaches the other at zero lag: what is shared is taken out.
#[test]
fn sharing_at_zero_lag_alone_is_no_coupling() {
    let mut z = random(2, 200_000, 5);
    for t in 0..z.ncols() {
        let leak = z[[0, t]] * 0.8;
        z[[1, t]] += leak;
    }
    for scale in EnvelopeScale::ALL {
        let plain = moments(z.view(), scale, Centring::Mean, Plain).correlation(true)[0];
        let orthogonal = moments(z.view(), scale, Centring::Mean, Pairwise).correlation(false)[0];
        assert!(plain > 0.15, "{scale:?}: {plain}");
        assert!(orthogonal.abs() < 0.01, "{scale:?}: {orthogonal}");
    }
}

#[test]
fn one_signal_in_two_channels_has_no_value() {
    let x = random(1, 700, 6);
    // exactly, in the other direction, and up to rounding
    let z = ndarray::concatenate![ndarray::Axis(0), x, x.mapv(|z| z * -2.5), x.mapv(|z| z / 3.0 * 1.7)];
    for scale in EnvelopeScale::ALL {
        let found = moments(z.view(), scale, Centring::Mean, Pairwise).correlation(true);
        assert!(found.iter().all(|r| r.is_nan()), "{scale:?}: {found}");
        assert!((moments(z.view(), scale, Centring::Mean, Plain).correlation(true)[0] - 1.0).abs() < 1e-9);
    }
}

#[test]
fn flat_and_silent_channels_have_no_value_and_leave_the_others_alone() {
    let mut z = coupled(4, 300, 7);
    let alone = moments(z.slice(ndarray::s![..2, ..]), EnvelopeScale::LogPower, Centring::Mean, Pairwise);
    z.row_mut(2).fill(Complex64::ZERO);
    z.row_mut(3).indexed_iter_mut().for_each(|(t, z)| *z = Complex64::from_polar(3.0, 0.37 * t as f64));
    for scale in EnvelopeScale::ALL {
        for orthogonalize in [Plain, Pairwise] {
            let found = moments(z.view(), scale, Centring::Mean, orthogonalize).correlation(true);
            let undefined: Vec<bool> = found.iter().map(|r| r.is_nan()).collect();
            assert_eq!(
                undefined,
                [false, true, true, true, true, true],
                "{scale:?} {orthogonalize:?} {found}"
            );
        }
    }
    let found = moments(z.view(), EnvelopeScale::LogPower, Centring::Mean, Pairwise);
    assert_eq!(found.correlation(true)[0], alone.correlation(true)[0]);
}

/// The logarithm of nothing at one sample of three hundred.
#[test]
fn one_sample_without_an_orthogonal_part_has_no_logarithm() {
    for t in [0, 5, 255, 299] {
        let mut z = coupled(3, 300, 8);
        z[[1, t]] = z[[0, t]] * 2.0;
        let log = moments(z.view(), EnvelopeScale::LogPower, Centring::Mean, Pairwise).correlation(true);
        assert!(log[0].is_nan() && log[1].is_finite() && log[2].is_finite(), "{t}: {log}");
        let power = moments(z.view(), EnvelopeScale::Power, Centring::Mean, Pairwise).correlation(true);
        assert!(power.iter().all(|r| r.is_finite()));
    }
}

#[test]
fn size_turn_and_order_do_not_matter() {
    let z = coupled(3, 333, 9);
    let turned = Array2::from_shape_fn((3, 333), |(c, t)| z[[c, t]] * Complex64::from_polar(7.0, 1.0) * 1e-6);
    for scale in EnvelopeScale::ALL {
        let found = moments(z.view(), scale, Centring::Mean, Pairwise).correlation(true);
        let again = moments(turned.view(), scale, Centring::Mean, Pairwise).correlation(true);
        assert!((&found - &again).iter().all(|d| d.abs() < 1e-11), "{scale:?}");
        let envelopes = Envelopes::new(z.view(), scale, Centring::Mean).unwrap();
        let swapped = envelopes.moments(&[(0, 1), (0, 2), (1, 2)], Pairwise).unwrap().correlation(true);
        assert!((&found - &swapped).iter().all(|d| d.abs() < 1e-14), "{scale:?}");
        let alone = envelopes.moments(&[(2, 1)], Pairwise).unwrap().correlation(true);
        assert_eq!(alone[0], found[2]);
    }
}

#[test]
fn stretches_add_up_to_the_whole_and_counts_repeat_them() {
    let z = coupled(3, 900, 10);
    let part = |from: usize, to: usize| z.slice(ndarray::s![.., from..to]).to_owned();
    for scale in EnvelopeScale::ALL {
        let of = |z: Array2<Complex64>| moments(z.view(), scale, Centring::Zero, Pairwise);
        let blocks = [of(part(0, 301)), of(part(301, 600)), of(part(600, 900))];
        let mut merged = blocks[0].clone();
        blocks[1..].iter().for_each(|block| merged.merge(block).unwrap());
        let whole = of(z.clone()).correlation(false);
        assert!((&merged.correlation(false) - &whole).iter().all(|d| d.abs() < 1e-12), "{scale:?}");
        let blocks: Vec<&EnvelopeMoments> = blocks.iter().collect();
        let twice = ndarray::concatenate![ndarray::Axis(1), part(0, 301), part(0, 301), part(600, 900)];
        let twice = of(twice).correlation(true);
        for pair in 0..3 {
            let counts = array![[1, 1, 1], [2, 0, 1], [0, 0, 0]];
            let drawn = resample_envelope_correlation(&blocks, pair, counts.view(), true).unwrap();
            assert!((drawn[0] - whole[pair].abs()).abs() < 0.2, "one direction may be negative");
            assert!((drawn[1] - twice[pair]).abs() < 1e-12 && drawn[2].is_nan(), "{scale:?}");
        }
    }
}

#[test]
fn a_block_without_a_value_spoils_only_draws_that_hold_it() {
    let z = coupled(2, 400, 11);
    let mut silent = z.clone();
    silent[[0, 3]] = Complex64::ZERO;
    let of = |z: &Array2<Complex64>| moments(z.view(), EnvelopeScale::LogPower, Centring::Zero, Pairwise);
    let (good, bad) = (of(&z), of(&silent));
    let counts = array![[1, 0], [1, 1], [0, 1]];
    let drawn = resample_envelope_correlation(&[&good, &bad], 0, counts.view(), true).unwrap();
    assert_eq!(drawn[0], good.correlation(true)[0]);
    assert!(drawn[1].is_nan() && drawn[2].is_nan());
}

#[test]
fn nonsense_is_refused() {
    let z = coupled(2, 30, 12);
    let envelopes = |scale| Envelopes::new(z.view(), scale, Centring::Mean).unwrap();
    let power = envelopes(EnvelopeScale::Power);
    let error = power.moments(&[(1, 2)], Plain).unwrap_err().to_string();
    assert_eq!(error, "pairs = (1, 2); allowed: channel indices below 2");
    assert!(Envelopes::new(z.slice(ndarray::s![.., ..1]), EnvelopeScale::Power, Centring::Mean).is_err());
    let mut broken = z.clone();
    broken[[1, 4]].im = f64::NAN;
    assert!(Envelopes::new(broken.view(), EnvelopeScale::Power, Centring::Mean).is_err());
    // centres of their own: not sums around one and the same value
    let mut first = power.moments(&[(1, 0)], Plain).unwrap();
    let other = coupled(2, 30, 13);
    let other = Envelopes::new(other.view(), EnvelopeScale::Power, Centring::Mean).unwrap();
    assert!(first.merge(&other.moments(&[(1, 0)], Plain).unwrap()).is_err());
    let counts = array![[1, 1]];
    assert!(resample_envelope_correlation(&[&first], 0, counts.view(), true).is_err());
    assert!(resample_envelope_correlation(&[&first, &first], 1, counts.view(), true).is_err());
    assert!(resample_envelope_correlation(&[], 0, counts.view(), true).is_err());
}

/// Orthogonal, closest for its lengths, and every channel nearest to the one it came from.
#[test]
fn joint_orthogonalisation_is_the_nearest() {
    let (n_channels, n_times) = (5, 400);
    let mut stream = Stream::new(14, 0);
    let mixing = Array2::from_shape_simple_fn((n_channels, n_channels), || 0.3 * stream.normal())
        + Array2::<f64>::eye(n_channels);
    let sources = Array2::from_shape_simple_fn((n_channels, n_times), || stream.normal());
    let x = mixing.dot(&sources);
    let p = symmetric_orthogonalization(x.view(), SymmetricOrthogonalization::default()).unwrap();
    let gram = p.dot(&p.t());
    for ((i, j), value) in gram.indexed_iter() {
        let size = (gram[[i, i]] * gram[[j, j]]).sqrt();
        assert!(i == j || value.abs() < 1e-10 * size, "{i} {j}: {value}");
    }
    let error = |p: &Array2<f64>| (&x - p).mapv(|v| v * v).sum();
    // no turn in the plane of two channels comes closer, with the best lengths for it
    let best = error(&p);
    for (i, j) in lower_triangle(n_channels) {
        for angle in [-0.02_f64, 0.02] {
            let mut turned = p.clone();
            let unit = |c: usize| p.row(c).mapv(|v| v / gram[[c, c]].sqrt());
            let (a, b) = (unit(i), unit(j));
            let pairs = [(i, angle.cos() * &a + angle.sin() * &b), (j, angle.cos() * &b - angle.sin() * &a)];
            for (c, row) in pairs {
                let length = row.dot(&x.row(c));
                turned.row_mut(c).assign(&(length * row));
            }
            assert!(error(&turned) > best, "{i} {j}");
        }
    }
    // signals that are orthogonal already stay
    let again = symmetric_orthogonalization(p.view(), SymmetricOrthogonalization::default()).unwrap();
    assert!((&again - &p).iter().all(|d| d.abs() < 1e-10));
}

#[test]
fn channels_that_depend_on_each_other_are_not_orthogonalised() {
    let mut x = random(4, 100, 15).mapv(|z| z.re);
    let mean = x.mean_axis(ndarray::Axis(0)).unwrap();
    x -= &mean;
    let params = SymmetricOrthogonalization::default();
    let error = symmetric_orthogonalization(x.view(), params).unwrap_err().to_string();
    assert!(error.contains("rank of the channels = 3; allowed: 4"), "{error}");
    assert!(symmetric_orthogonalization(x.slice(ndarray::s![..3, ..]), params).is_ok());
    assert!(symmetric_orthogonalization(x.slice(ndarray::s![.., ..3]), params).is_err());
    let hasty = SymmetricOrthogonalization { n_iter: 1, ..params };
    let error = symmetric_orthogonalization(x.slice(ndarray::s![..3, ..]), hasty).unwrap_err();
    assert!(error.to_string().contains("did not converge in 1 iterations"), "{error}");
}
