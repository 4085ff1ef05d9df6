use super::*;
use crate::{Channel, Hz, Seconds};
use dosewave_numerics::stats::Stream;

const NAMES: [&str; 16] =
    ["Fp1", "Fp2", "F3", "Fz", "F4", "T7", "C3", "Cz", "C4", "T8", "P3", "Pz", "P4", "O1", "Oz", "EOG"];

/// 60 epochs of smooth fields with noise.
fn epochs(change: impl Fn(&mut Array3<f64>)) -> Epochs {
    let mut stream = Stream::new(2, 0);
    let channels: Vec<Channel> = NAMES.iter().map(|n| Channel::from_name(n)).collect();
    let mut data_uv = Array3::zeros((60, 16, 100));
    for mut epoch in data_uv.outer_iter_mut() {
        for t in 0..100 {
            let field: [f64; 3] = std::array::from_fn(|_| 10.0 * stream.normal());
            for (c, channel) in channels.iter().enumerate() {
                let place = channel.position.unwrap_or_default();
                let smooth: f64 = field.iter().zip(place).map(|(f, p)| f * p / 0.095).sum();
                epoch[[c, t]] = smooth + stream.normal();
            }
        }
    }
    change(&mut data_uv);
    let onsets = (0..60).map(|k| Seconds(f64::from(k))).collect();
    Epochs::new(channels.into(), Hz(100.0), data_uv, onsets).unwrap()
}

#[test]
fn a_bad_channel_is_repaired_and_a_movement_is_thrown_away() {
    let spoil = |data: &mut Array3<f64>| {
        for epoch in [5, 20, 33] {
            data.slice_mut(ndarray::s![epoch, 7, 20..60]).mapv_inplace(|v| v + 900.0);
        }
        for t in 0..100 {
            data.slice_mut(ndarray::s![11, .., t]).mapv_inplace(|v| v + 15.0 * t as f64);
        }
    };
    let (clean, spoilt) = (epochs(|_| ()), epochs(spoil));
    let limits = LearnedLimits::learn(&spoilt, &LearnedLimitsParams::default()).unwrap();
    assert_eq!(limits.channels.len(), 15, "the EOG has no limit");
    let repaired = limits.apply(&spoilt).unwrap();
    let rejected: Vec<f64> = repaired.epochs.rejected().iter().map(|r| r.onset.0).collect();
    assert_eq!(rejected, [11.0]);
    assert_eq!(repaired.epochs.rejected()[0].reason, "channels");
    assert!(repaired.interpolated.iter().any(|(name, n)| name == "Cz" && *n >= 3), "{repaired:?}");
    let difference =
        &repaired.epochs.data_uv().index_axis(Axis(0), 5) - &clean.data_uv().index_axis(Axis(0), 5);
    assert!(difference.row(7).iter().all(|d| d.abs() < 20.0), "near what it was");
    assert_eq!(limits, LearnedLimits::learn(&spoilt, &LearnedLimitsParams::default()).unwrap());
}

#[test]
fn limits_scale_with_the_data() {
    let params = LearnedLimitsParams::default();
    let small = LearnedLimits::learn(&epochs(|_| ()), &params).unwrap();
    let large = LearnedLimits::learn(&epochs(|data| data.mapv_inplace(|v| v * 7.0)), &params).unwrap();
    assert_eq!((small.consensus, small.n_interpolate), (large.consensus, large.n_interpolate));
    for (a, b) in small.peak_to_peak_uv.iter().zip(&large.peak_to_peak_uv) {
        assert!((b / a - 7.0).abs() < 1e-9);
    }
}

#[test]
fn nonsense_and_other_channels_are_refused() {
    let epochs = epochs(|_| ());
    let bad = LearnedLimitsParams { consensus: vec![1.5], ..Default::default() };
    assert!(LearnedLimits::learn(&epochs, &bad).unwrap_err().to_string().contains("[1.5]"));
    let few = epochs.select(&(0..12).collect::<Vec<_>>()).unwrap();
    assert!(LearnedLimits::learn(&few, &LearnedLimitsParams::default()).is_err());
    let mut limits = LearnedLimits::learn(&epochs, &LearnedLimitsParams::default()).unwrap();
    limits.channels.swap(0, 1);
    assert!(matches!(limits.apply(&epochs), Err(Error::Shape { .. })));
}

#[test]
fn only_channels_that_were_put_back_are_reported() {
    let spoilt = epochs(|data| {
        for (epoch, channel) in [(5, 7), (5, 3), (9, 3)] {
            data.slice_mut(ndarray::s![epoch, channel, 20..60]).mapv_inplace(|v| v + 900.0);
        }
    });
    let mut channels = spoilt.channels().to_vec();
    channels[3].position = None;
    let onsets = spoilt.onsets().to_vec();
    let spoilt =
        Epochs::new(channels.into(), spoilt.sfreq(), spoilt.data_uv().to_owned(), onsets.clone()).unwrap();
    let limits = LearnedLimits {
        channels: NAMES[..15].iter().map(ToString::to_string).collect(),
        peak_to_peak_uv: vec![500.0; 15],
        consensus: 0.5,
        n_interpolate: 4,
        error_uv: 1.0,
    };
    let repaired = limits.apply(&spoilt).unwrap();
    assert_eq!(repaired.interpolated, [("Cz".to_owned(), 1)], "Fz has no position");
    let (before, after) = (spoilt.data_uv(), repaired.epochs.data_uv());
    for (epoch, channel, changed) in [(5, 7, true), (5, 3, false), (9, 3, false)] {
        let same =
            before.slice(ndarray::s![epoch, channel, ..]) == after.slice(ndarray::s![epoch, channel, ..]);
        assert_eq!(same, !changed, "epoch {epoch}, channel {channel}");
    }
    // with three good places nothing is put back, and nothing said to be
    let mut channels = spoilt.channels().to_vec();
    channels
        .iter_mut()
        .enumerate()
        .filter(|(k, _)| ![0, 1, 2, 7].contains(k))
        .for_each(|(_, c)| c.position = None);
    let few = Epochs::new(channels.into(), spoilt.sfreq(), spoilt.data_uv().to_owned(), onsets).unwrap();
    let repaired = limits.apply(&few).unwrap();
    assert_eq!(repaired.interpolated, []);
    assert_eq!(repaired.epochs.data_uv(), few.data_uv());
}
