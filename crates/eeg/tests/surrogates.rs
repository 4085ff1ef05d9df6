//! Surrogates: p-values of signals that have nothing to do with each other, and of those that do.

#![allow(clippy::needless_pass_by_value, clippy::unwrap_used)]

use dosewave_eeg::arrays::{
    ConnectivityMode, ConnectivityParams, connectivity_surrogates, spectral_connectivity,
};
use dosewave_eeg::{SurrogateParams, SurrogateTest};
use dosewave_numerics::phase::{Measure, SurrogateKind};
use dosewave_numerics::stats::Stream;
use ndarray::{Array3, ArrayView3, s};

const SFREQ: f64 = 100.0;

/// Independent smoothed noise, `[epoch, channel, time]`, cut from one gapless signal per channel.
fn independent(n_epochs: usize, n_channels: usize, n_times: usize, seed: u64) -> Array3<f64> {
    let mut data = Array3::zeros((n_epochs, n_channels, n_times));
    for channel in 0..n_channels {
        let mut stream = Stream::new(seed, channel as u64);
        let mut last = 0.0;
        for epoch in 0..n_epochs {
            for time in 0..n_times {
                last = 0.7 * last + stream.normal();
                data[[epoch, channel, time]] = last;
            }
        }
    }
    data
}

fn all_pairs(n: usize) -> Vec<(usize, usize)> {
    (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).collect()
}

fn params(mode: ConnectivityMode, pairs: Vec<(usize, usize)>) -> ConnectivityParams {
    let bands = vec![(8.0, 13.0), (15.0, 30.0)];
    let mode = mode.into();
    ConnectivityParams { mode, measures: Vec::new(), coherency: false, bands, average_bands: true, pairs }
}

const MULTITAPER: ConnectivityMode = ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true };

fn run(
    data: ArrayView3<'_, f64>,
    mode: ConnectivityMode,
    kind: SurrogateKind,
    measure: Measure,
    n_surrogates: u32,
) -> SurrogateTest {
    let null = SurrogateParams { kind, n_surrogates, seed: 5, ..SurrogateParams::of(measure) };
    connectivity_surrogates(data, SFREQ, &params(mode, all_pairs(data.dim().1)), &null).unwrap()
}

/// Largest distance between the distribution of p-values and the uniform one.
fn kolmogorov(p: &mut [f64]) -> f64 {
    p.sort_by(f64::total_cmp);
    let n = p.len() as f64;
    p.iter().enumerate().map(|(i, p)| (p - (i + 1) as f64 / n).abs()).fold(0.0, f64::max)
}

/// 1020 p-values of independent pairs, from many small recordings: pairs of one recording share channels, so few of each
/// are taken. The bound is that of p = 0.001, and the step of `1/(1 + n)`.
fn assert_uniform(kind: SurrogateKind, n_epochs: usize, cases: [(Measure, ConnectivityMode); 3]) {
    for (measure, mode) in cases {
        let mut p = Vec::new();
        for seed in 0..170 {
            let data = independent(n_epochs, 4, 100, 1000 * n_epochs as u64 + seed);
            let test = run(data.view(), mode, kind, measure, 99);
            // two pairs without a common channel and a third, two bands
            p.extend([0, 5, 2].iter().flat_map(|pair| test.p.row(*pair).to_vec()));
        }
        let distance = kolmogorov(&mut p);
        let bound = 1.95 / (p.len() as f64).sqrt() + 0.01;
        assert!(
            p.len() >= 1000 && distance < bound,
            "{kind:?} {measure:?} {mode:?}: {distance} over {bound}"
        );
    }
}

#[test]
fn p_of_epoch_shuffles_is_uniform_where_nothing_is_coupled() {
    let fourier = ConnectivityMode::Fourier;
    let cases = [(Measure::Wpli2Debiased, fourier), (Measure::Coh, MULTITAPER), (Measure::Imcoh, fourier)];
    assert_uniform(SurrogateKind::EpochShuffle, 20, cases);
}

#[test]
fn p_of_phases_is_uniform_where_nothing_is_coupled() {
    let fourier = ConnectivityMode::Fourier;
    let cases = [(Measure::Wpli2Debiased, MULTITAPER), (Measure::Plv, fourier), (Measure::Ciplv, fourier)];
    assert_uniform(SurrogateKind::Phase, 21, cases);
}

/// A pair has only as many time shifts as there are epochs.
#[test]
fn p_of_time_shifts_is_uniform_where_nothing_is_coupled() {
    let fourier = ConnectivityMode::Fourier;
    let cases = [(Measure::Wpli, fourier), (Measure::Ppc, fourier), (Measure::Coh, fourier)];
    assert_uniform(SurrogateKind::TimeShift, 60, cases);
}

/// Channel 1 follows channel 0 by 10 ms; the others are alone.
fn coupled() -> Array3<f64> {
    let mut data = independent(40, 6, 200, 77);
    let source = independent(40, 1, 200, 78);
    let flat: Vec<f64> = source.iter().copied().collect();
    for epoch in 0..40 {
        for time in 0..200 {
            let now = epoch * 200 + time;
            data[[epoch, 0, time]] += 1.5 * flat[now];
            data[[epoch, 1, time]] += 1.5 * flat[now.saturating_sub(1)];
        }
    }
    data
}

#[test]
fn what_is_coupled_is_found_after_correction_and_nothing_else() {
    let data = coupled();
    for kind in SurrogateKind::ALL {
        for measure in Measure::ALL {
            let test = run(data.view(), MULTITAPER, kind, measure, 199);
            let planted = test.pairs.iter().position(|pair| *pair == (1, 0)).unwrap();
            assert!(test.p_max[[planted, 1]] <= 0.05, "{kind:?} {measure:?}: {}", test.p_max[[planted, 1]]);
            let others = (0..test.pairs.len()).filter(|pair| *pair != planted);
            assert!(others.clone().all(|pair| test.p_max[[pair, 1]] > 0.01), "{kind:?} {measure:?}");
            assert!(test.p_max.iter().zip(&test.p).all(|(corrected, alone)| corrected >= alone));
        }
    }
}

#[test]
fn the_mean_of_the_null_is_the_expected_bias() {
    let data = independent(50, 6, 200, 3);
    for measure in Measure::ALL {
        let test = run(data.view(), ConnectivityMode::Fourier, SurrogateKind::EpochShuffle, measure, 100);
        assert_eq!((test.n_epochs, test.n_tapers), (50, 1));
        for mean in &test.null_mean {
            assert!((mean - test.expected).abs() < 0.02, "{measure:?}: {mean} {}", test.expected);
        }
    }
}

#[test]
fn values_are_those_of_spectral_connectivity() {
    let data = coupled();
    for mode in [ConnectivityMode::Fourier, MULTITAPER] {
        let asked = ConnectivityParams { measures: Measure::ALL.to_vec(), ..params(mode, all_pairs(6)) };
        let expected = spectral_connectivity(data.view(), SFREQ, &asked).unwrap();
        for (measure, expected_values) in Measure::ALL.into_iter().zip(&expected.values) {
            let test = run(data.view(), mode, SurrogateKind::Phase, measure, 1);
            assert_eq!(test.freqs_hz, expected.freqs_hz);
            for (got, expected) in test.values.iter().zip(expected_values) {
                assert!((got - expected).abs() < 1e-12, "{measure:?}: {got} {expected}");
            }
        }
    }
}

/// An epoch shuffle is what one gets from data whose epochs are shuffled: channel by channel, in the order that the
/// surrogate's stream gives.
#[test]
fn an_epoch_shuffle_is_the_measure_of_shuffled_epochs() {
    let data = coupled();
    let asked = ConnectivityParams { measures: vec![Measure::Wpli], ..params(MULTITAPER, all_pairs(6)) };
    let null = SurrogateParams { n_surrogates: 3, seed: 8, keep: true, ..SurrogateParams::of(Measure::Wpli) };
    let test = connectivity_surrogates(data.view(), SFREQ, &asked, &null).unwrap();
    let kept = test.surrogates.unwrap();
    for surrogate in 0..3_u64 {
        let mut shuffled = data.clone();
        for channel in 0..6_u64 {
            let mut order: Vec<usize> = (0..40).collect();
            Stream::new(8, surrogate << 32 | channel).shuffle(&mut order);
            for (to, from) in order.into_iter().enumerate() {
                let c = channel as usize;
                shuffled.slice_mut(s![to, c, ..]).assign(&data.slice(s![from, c, ..]));
            }
        }
        let expected = &spectral_connectivity(shuffled.view(), SFREQ, &asked).unwrap().values[0];
        for (got, expected) in kept.index_axis(ndarray::Axis(0), surrogate as usize).iter().zip(expected) {
            assert!((got - expected).abs() < 1e-12, "{got} {expected}");
        }
    }
    let mean = kept.mean_axis(ndarray::Axis(0)).unwrap();
    assert!((&mean - &test.null_mean).iter().all(|gap| gap.abs() < 1e-14));
}

#[test]
fn seeds_matter_and_channels_keep_their_streams() {
    let data = coupled();
    let with_seed = |seed| {
        let null = SurrogateParams { n_surrogates: 70, seed, ..SurrogateParams::of(Measure::Plv) };
        connectivity_surrogates(data.view(), SFREQ, &params(MULTITAPER, all_pairs(6)), &null).unwrap()
    };
    let first = with_seed(1);
    assert_eq!(first, with_seed(1));
    assert_ne!(first.null_mean, with_seed(2).null_mean);
    // fewer channels and pairs: the same surrogates of what is left
    let fewer = SurrogateParams { n_surrogates: 70, seed: 1, ..SurrogateParams::of(Measure::Plv) };
    let part = connectivity_surrogates(
        data.slice(s![.., ..3, ..]),
        SFREQ,
        &params(MULTITAPER, vec![(2, 1)]),
        &fewer,
    );
    let place = first.pairs.iter().position(|pair| *pair == (2, 1)).unwrap();
    assert_eq!(part.unwrap().null_mean.row(0), first.null_mean.row(place));
}

#[test]
fn no_surrogate_or_one_epoch_is_refused() {
    let data = independent(3, 2, 100, 1);
    let null = |n_surrogates| SurrogateParams { n_surrogates, ..SurrogateParams::of(Measure::Plv) };
    let asked = params(ConnectivityMode::Fourier, vec![(1, 0)]);
    let error = connectivity_surrogates(data.view(), SFREQ, &asked, &null(0)).unwrap_err().to_string();
    assert_eq!(error, "n_surrogates = 0; allowed: at least 1");
    let error = connectivity_surrogates(data.slice(s![..1, .., ..]), SFREQ, &asked, &null(9)).unwrap_err();
    assert!(error.to_string().contains("epochs for surrogates: 1 given, at least 2 needed"), "{error}");
}
