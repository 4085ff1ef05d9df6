use super::*;
use crate::stats::Stream;
use ndarray::s;
use ndarray::{Array3, array};

fn random_epochs(n: usize, seed: u64) -> Vec<Array3<Complex64>> {
    let mut stream = Stream::new(seed, 0);
    (0..n)
        .map(|_| Array3::from_shape_simple_fn((3, 2, 4), || Complex64::new(stream.normal(), stream.normal())))
        .collect()
}

fn sums_of<'a>(epochs: impl IntoIterator<Item = &'a Array3<Complex64>>) -> PairSums {
    let mut sums = PairSums::new(3, &[(1, 0), (2, 0), (2, 1)], 4).unwrap();
    for epoch in epochs {
        sums.add_epoch(epoch.view(), &[1.0, 0.9]).unwrap();
    }
    sums
}

/// The measures from all cross-spectra at once, straight from their definitions.
fn slow(epochs: &[Array3<Complex64>], (x, y): (usize, usize), f: usize) -> Vec<(Measure, f64)> {
    let w = [1.0_f64, 0.9];
    let total: f64 = w.iter().map(|v| v * v).sum();
    let cross = |a: usize, b: usize| -> Vec<Complex64> {
        epochs
            .iter()
            .map(|e| {
                (0..2).map(|k| w[k] * w[k] * e[[a, k, f]] * e[[b, k, f]].conj()).sum::<Complex64>() * 2.0
                    / total
            })
            .collect()
    };
    let s = cross(x, y);
    let n = s.len() as f64;
    let mean = |g: &dyn Fn(&Complex64) -> f64| s.iter().map(g).sum::<f64>() / n;
    let mean_s: Complex64 = s.iter().sum::<Complex64>() / n;
    let auto = |c| cross(c, c).iter().map(|z| z.re).sum::<f64>() / n;
    let coherency = mean_s / (auto(x) * auto(y)).sqrt();
    let u: Complex64 = s.iter().map(|z| z / z.norm()).sum::<Complex64>() / n;
    let pli = mean(&|z| z.im.signum()).abs();
    let (mut numerator, mut denominator, mut phase) = (0.0, 0.0, 0.0);
    for i in 0..s.len() {
        for j in 0..s.len() {
            if i != j {
                numerator += s[i].im * s[j].im;
                denominator += (s[i].im * s[j].im).abs();
                phase += (s[i] / s[i].norm() * (s[j] / s[j].norm()).conj()).re;
            }
        }
    }
    vec![
        (Measure::Coh, coherency.norm()),
        (Measure::Imcoh, coherency.im),
        (Measure::Plv, u.norm()),
        (Measure::Ciplv, u.im.abs() / (1.0 - u.re * u.re).sqrt()),
        (Measure::Ppc, phase / (n * (n - 1.0))),
        (Measure::Pli, pli),
        (Measure::Pli2Unbiased, (n * pli * pli - 1.0) / (n - 1.0)),
        (Measure::Dpli, mean(&|z| if z.im > 0.0 { 1.0 } else { 0.0 })),
        (Measure::Wpli, mean_s.im.abs() / mean(&|z| z.im.abs())),
        (Measure::Wpli2Debiased, numerator / denominator),
    ]
}

#[test]
fn equals_the_definitions() {
    let epochs = random_epochs(9, 4);
    let sums = sums_of(&epochs);
    for (p, pair) in sums.pairs().to_vec().into_iter().enumerate() {
        for f in 0..4 {
            for (measure, expected) in slow(&epochs, pair, f) {
                let got = sums.measure(measure)[[p, f]];
                assert!((got - expected).abs() < 1e-12, "{measure:?}: {got} against {expected}");
            }
        }
    }
}

/// What is left out when only some measures are asked for changes no bit of theirs.
#[test]
fn a_measure_alone_is_as_among_all() {
    let epochs = random_epochs(11, 3);
    let all = sums_of(&epochs);
    for measure in Measure::ALL {
        let mut alone = PairSums::for_measures(3, &[(1, 0), (2, 0), (2, 1)], 4, &[measure]).unwrap();
        for epoch in &epochs {
            alone.add_epoch(epoch.view(), &[1.0, 0.9]).unwrap();
        }
        assert_eq!(alone.measure(measure), all.measure(measure), "{measure:?}");
        let other = if measure.needs().contains(&Sum::UnitRe) { Measure::Wpli } else { Measure::Plv };
        assert!(!alone.keeps(other) && alone.measure(other).iter().all(|v| v.is_nan()), "{measure:?}");
    }
    let (coh, imcoh, coherency) = (all.measure(Measure::Coh), all.measure(Measure::Imcoh), all.coherency());
    for ((z, modulus), imaginary) in coherency.iter().zip(&coh).zip(&imcoh) {
        assert!((z.norm() - modulus).abs() < 1e-15 && (z.im - imaginary).abs() < 1e-15);
    }
}

/// More pairs than one part holds, more frequencies than one block, more epochs than go at a time; each alone.
#[test]
fn pairs_frequencies_and_epochs_do_not_see_each_other() {
    let mut stream = Stream::new(10, 0);
    let mut epoch =
        || Array3::from_shape_simple_fn((26, 1, 19), || Complex64::new(stream.normal(), stream.normal()));
    let epochs: Vec<Array3<Complex64>> = (0..13).map(|_| epoch()).collect();
    let split: Vec<SplitEpoch> = epochs.iter().map(|e| SplitEpoch::new(e.view(), &[1.0]).unwrap()).collect();
    let pairs: Vec<(usize, usize)> = (0..26).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
    assert!(pairs.len() > pairs_of_a_part(pairs.len(), 3));
    let mut together = PairSums::new(26, &pairs, 19).unwrap();
    together.add_epochs(&split.iter().collect::<Vec<_>>()).unwrap();
    for (p, f) in [(0, 0), (3, 7), (4, 8), (255, 15), (256, 16), (324, 18)] {
        let mut alone = PairSums::new(26, &[pairs[p]], 1).unwrap();
        for epoch in &epochs {
            alone.add_epoch(epoch.slice(s![.., .., f..=f]), &[1.0]).unwrap();
        }
        for measure in Measure::ALL {
            assert_eq!(
                together.measure(measure)[[p, f]],
                alone.measure(measure)[[0, 0]],
                "{measure:?} {p} {f}"
            );
        }
    }
}

/// The first channel from one epoch and the second from another, as surrogates have it.
#[test]
fn shuffled_epochs_are_those_of_shuffled_channels() {
    let epochs = random_epochs(6, 12);
    let order = [3, 5, 1, 0, 2, 4];
    let split: Vec<SplitEpoch> =
        epochs.iter().map(|e| SplitEpoch::new(e.view(), &[1.0, 0.9]).unwrap()).collect();
    let (firsts, seconds): (Vec<_>, Vec<_>) =
        order.iter().enumerate().map(|(e, k)| (&split[e], &split[*k])).unzip();
    let mut got = PairSums::new(3, &[(2, 0)], 4).unwrap();
    got.adding(&firsts, &seconds).unwrap().into_iter().for_each(AddEpochs::run);
    let mut expected = PairSums::new(3, &[(2, 0)], 4).unwrap();
    for (e, k) in order.into_iter().enumerate() {
        let mut mixed = epochs[e].clone();
        mixed.slice_mut(s![0, .., ..]).assign(&epochs[k].slice(s![0, .., ..]));
        expected.add_epoch(mixed.view(), &[1.0, 0.9]).unwrap();
    }
    for measure in [Measure::Plv, Measure::Wpli, Measure::Dpli] {
        assert_eq!(got.measure(measure), expected.measure(measure));
    }
    assert!(got.adding(&firsts, &seconds[1..]).is_err());
}

/// A channel with itself: the imaginary part is 0 to the bit, whatever the tapers and the processor.
#[test]
fn a_channel_with_itself_has_no_imaginary_part() {
    let epochs = random_epochs(5, 2);
    let mut sums = PairSums::new(3, &[(1, 1)], 4).unwrap();
    for epoch in &epochs {
        sums.add_epoch(epoch.view(), &[1.0, 0.9]).unwrap();
    }
    for (measure, expected) in
        [(Measure::Pli, 0.0), (Measure::Imcoh, 0.0), (Measure::Ciplv, 0.0), (Measure::Dpli, 0.5)]
    {
        assert!(sums.measure(measure).iter().all(|v| *v == expected), "{measure:?}");
    }
    assert!(sums.measure(Measure::Wpli).iter().all(|v| v.is_nan()));
    assert!(sums.measure(Measure::Plv).iter().all(|v| (v - 1.0).abs() < 1e-14));
}

#[test]
fn parts_merge_into_the_whole_and_counts_repeat_epochs() {
    let epochs = random_epochs(6, 5);
    let (mut first, second) = (sums_of(&epochs[..2]), sums_of(&epochs[2..]));
    let repeated = sums_of(epochs[..2].iter().chain(&epochs[..2]).chain(&epochs[2..]));
    let combined = PairSums::combine(&[&first, &second], &[2, 1]).unwrap();
    first.merge(&second).unwrap();
    let whole = sums_of(&epochs);
    for measure in Measure::ALL {
        for (a, b) in [(&first, &whole), (&combined, &repeated)] {
            let gap =
                (a.measure(measure) - b.measure(measure)).mapv(f64::abs).fold(0.0, |m: f64, v| m.max(*v));
            assert!(gap < 1e-13, "{measure:?}: {gap}");
        }
    }
    assert_eq!(combined.n(), 8);
}

#[test]
fn zero_lag_mixing_gives_nothing_imaginary() {
    let mut stream = Stream::new(6, 0);
    let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
    for _ in 0..50 {
        let x = Complex64::new(stream.normal(), stream.normal());
        sums.add_epoch(array![[[x]], [[x * 0.5]]].view(), &[1.0]).unwrap();
    }
    for measure in [Measure::Imcoh, Measure::Ciplv, Measure::Pli] {
        let value = sums.measure(measure)[[0, 0]];
        assert!(value.is_nan() || value.abs() < 1e-7, "{measure:?}: {value}");
    }
}

#[test]
fn bias_of_independent_signals_is_as_known() {
    let (n, repeats) = (50, 1500);
    let mut stream = Stream::new(8, 0);
    let known = [
        (Measure::Plv, 0.125),
        (Measure::Coh, 0.125),
        (Measure::Pli, 0.112),
        (Measure::Wpli, 0.158),
        (Measure::Ciplv, 0.079),
        (Measure::Ppc, 0.0),
        (Measure::Wpli2Debiased, 0.0),
    ];
    let mut means = [0.0; 7];
    for _ in 0..repeats {
        let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
        for _ in 0..n {
            let mut z = || Complex64::new(stream.normal(), stream.normal());
            sums.add_epoch(array![[[z()]], [[z()]]].view(), &[1.0]).unwrap();
        }
        for (mean, (measure, _)) in means.iter_mut().zip(known) {
            *mean += sums.measure(measure)[[0, 0]] / f64::from(repeats);
        }
    }
    for (mean, (measure, expected)) in means.iter().zip(known) {
        assert!((mean - expected).abs() < 0.008, "{measure:?}: {mean} against {expected}");
    }
}

#[test]
fn silent_channels_are_undefined() {
    let mut sums = PairSums::new(2, &[(1, 0)], 1).unwrap();
    let one = Complex64::new(1.0, 0.5);
    for _ in 0..3 {
        sums.add_epoch(array![[[one]], [[Complex64::default()]]].view(), &[1.0]).unwrap();
    }
    for measure in [Measure::Coh, Measure::Imcoh, Measure::Wpli, Measure::Wpli2Debiased] {
        assert!(sums.measure(measure)[[0, 0]].is_nan(), "{measure:?}");
    }
    assert!(PairSums::new(2, &[(2, 0)], 1).is_err());
}
