//! Time-frequency maps and band envelopes: what must not change them, and what must in a known way.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

mod common;

use common::{recording, recording_with_gap};
use dosewave_eeg::{Filter, Hz, Recording, Seconds, TfrMethod, TfrParams, TimeFrequency, Windows};

fn params() -> TfrParams {
    let tapers = TfrMethod::Multitaper { time_bandwidth: 4.0 };
    TfrParams { method: tapers, ..TfrParams::morlet(&[6.0, 10.0, 40.0], &[4.0, 5.0, 7.0]) }
}

fn map(recording: &Recording) -> TimeFrequency {
    recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap().time_frequency(&params()).unwrap()
}

/// Runs `work` on so many threads; without the feature there is one.
fn on_threads<T: Send>(threads: usize, work: impl FnOnce() -> T + Send) -> T {
    #[cfg(feature = "parallel")]
    return rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap().install(work);
    #[cfg(not(feature = "parallel"))]
    return (work(), threads).0;
}

#[test]
fn the_same_bits_for_any_number_of_threads() {
    let all = |recording: &Recording| {
        let map = map(recording);
        let alpha = recording.band_envelope(&Filter::band_pass(Hz(8.0), Hz(13.0))).unwrap();
        let numbers = map.power_uv2().iter().chain(map.itpc()).copied().collect::<Vec<f64>>();
        let phases = alpha.amplitude_uv.iter().chain(&alpha.phase_rad).copied();
        numbers.into_iter().chain(phases).map(f64::to_bits).collect::<Vec<u64>>()
    };
    let with = |threads| on_threads(threads, || all(&recording_with_gap()));
    let one = with(1);
    assert!(one == with(2) && one == with(7));
}

#[test]
fn channels_may_come_in_any_order() {
    let order = [2, 0, 3, 1];
    let (plain, turned) = (map(&recording()), map(&recording().pick(&order).unwrap()));
    for (row, &channel) in order.iter().enumerate() {
        let (a, b) = (plain.power_uv2(), turned.power_uv2());
        assert_eq!(a.index_axis(ndarray::Axis(0), channel), b.index_axis(ndarray::Axis(0), row));
    }
}

#[test]
fn twice_the_voltage_is_four_times_the_power() {
    let (header, data_uv) = recording().into_parts();
    let twice = Recording::from_parts(header, data_uv * 2.0).unwrap();
    let (once, twice) = (map(&recording()), map(&twice));
    assert!(once.power_uv2().iter().zip(twice.power_uv2()).all(|(a, b)| *b == 4.0 * a));
    assert!(once.itpc().iter().zip(twice.itpc()).all(|(a, b)| (a - b).abs() < 1e-14));
}
