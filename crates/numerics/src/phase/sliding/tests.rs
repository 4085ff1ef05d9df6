use super::*;
use crate::phase::PairSums;
use crate::stats::Stream;
use ndarray::Array3;
use num_complex::Complex64;

const PAIRS: [(usize, usize); 6] = [(1, 0), (2, 0), (2, 1), (3, 0), (3, 1), (0, 3)];

fn random(n: usize, n_freqs: usize) -> Vec<SplitEpoch> {
    let mut stream = Stream::new(12, 0);
    let mut z = move || Complex64::new(stream.normal(), stream.normal());
    (0..n)
        .map(|_| {
            let coefs = Array3::from_shape_simple_fn((4, 2, n_freqs), &mut z);
            SplitEpoch::new(coefs.view(), &[1.0, 0.8]).unwrap()
        })
        .collect()
}

/// Every window alone, for lengths and steps that divide each other, have a common part, or none.
#[test]
fn every_window_is_as_if_it_were_alone() {
    let epochs = random(23, 11);
    let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
    let groups = [vec![0], vec![2, 3, 4], vec![6, 7, 8, 9], vec![10, 1]];
    for (length, step) in [(1, 1), (6, 1), (6, 3), (6, 4), (4, 6), (5, 3), (23, 1), (7, 11), (12, 12)] {
        let windows = SlidingWindows { length, step };
        let values = sliding_measures(&epochs, &PAIRS, windows, &Measure::ALL, &groups).unwrap();
        assert_eq!(values.dim(), (Measure::ALL.len(), (23 - length) / step + 1, 6, 4));
        for window in 0..values.dim().1 {
            let mut sums = PairSums::new(4, &PAIRS, 11).unwrap();
            sums.add_epochs(&epochs[window * step..window * step + length]).unwrap();
            for (m, measure) in Measure::ALL.into_iter().enumerate() {
                let alone = sums.measure(measure);
                for (group, bins) in groups.iter().enumerate() {
                    for pair in 0..PAIRS.len() {
                        let expected =
                            bins.iter().map(|f| alone[[pair, *f]]).sum::<f64>() / bins.len() as f64;
                        let got = values[[m, window, pair, group]];
                        let same = (got - expected).abs() < 1e-10 || (got.is_nan() && expected.is_nan());
                        assert!(same, "{measure:?} {length}/{step} window {window}: {got} {expected}");
                    }
                }
            }
        }
    }
}

/// What only one measure needs is computed the same as together with all others.
#[test]
fn a_measure_alone_is_as_among_all() {
    let epochs = random(9, 5);
    let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
    let (windows, groups) = (SlidingWindows { length: 4, step: 2 }, [vec![0, 1, 2, 3, 4]]);
    let all = sliding_measures(&epochs, &PAIRS, windows, &Measure::ALL, &groups).unwrap();
    for (m, measure) in Measure::ALL.into_iter().enumerate() {
        let one = sliding_measures(&epochs, &PAIRS, windows, &[measure], &groups).unwrap();
        assert_eq!(one.index_axis(ndarray::Axis(0), 0), all.index_axis(ndarray::Axis(0), m));
    }
}

#[test]
fn what_is_not_there_is_refused() {
    let epochs = random(5, 3);
    let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
    let run = |pair, length, bin| {
        let windows = SlidingWindows { length, step: 1 };
        sliding_measures(&epochs, &[pair], windows, &[Measure::Wpli], &[vec![bin]]).map_err(|e| e.to_string())
    };
    assert!(run((1, 0), 5, 2).is_ok());
    assert_eq!(run((1, 0), 6, 2).unwrap_err(), "epochs of a window: 5 given, at least 6 needed");
    assert_eq!(run((1, 0), 0, 2).unwrap_err(), "window length = 0 epochs; allowed: 1 or more");
    assert!(run((4, 0), 2, 2).unwrap_err().contains("channel indices below 4"));
    assert!(run((1, 0), 2, 3).unwrap_err().contains("below 3"));
}

/// No measure, no pair and no group are no error, and give nothing.
#[test]
fn nothing_asked_is_nothing_given() {
    let epochs = random(5, 3);
    let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
    let windows = SlidingWindows { length: 2, step: 1 };
    let of = |pairs: &[(usize, usize)], measures: &[Measure], groups: &[Vec<usize>]| {
        sliding_measures(&epochs, pairs, windows, measures, groups).unwrap().dim()
    };
    assert_eq!(of(&PAIRS, &[], &[vec![0]]), (0, 4, 6, 1));
    assert_eq!(of(&[], &[Measure::Pli], &[vec![0]]), (1, 4, 0, 1));
    assert_eq!(of(&PAIRS, &[Measure::Pli], &[]), (1, 4, 6, 0));
}

/// Windows of the widest vectors that there are and of vectors of four.
#[cfg(target_arch = "x86_64")]
#[test]
fn the_width_of_vectors_changes_no_bit() {
    let Some(four) = pulp::x86::V3::try_new() else { return };
    let epochs = random(23, 11);
    let epochs: Vec<&SplitEpoch> = epochs.iter().collect();
    let (windows, groups) = (SlidingWindows { length: 6, step: 1 }, [vec![0, 1, 2, 3], (4..11).collect()]);
    let wide = sliding_measures(&epochs, &PAIRS, windows, &Measure::ALL, &groups).unwrap();
    let mut sums = WindowSums::new(&epochs, &PAIRS, windows, &Measure::ALL, &groups).unwrap();
    for block in 0..sums.n_blocks() {
        let WindowSums { course, measures, groups, pairs, totals, .. } = &mut sums;
        pulp::Simd::vectorize(
            four,
            Slide { course, epochs: &epochs, block, pairs, measures, groups, totals },
        );
    }
    let bits = |values: Array4<f64>| values.mapv(f64::to_bits);
    assert_eq!(bits(wide), bits(sums.values()));
}
