//! What must not change a result: the number of threads, the order of channels, a pause elsewhere; and what must change
//! it in a known way: the unit of the signal.

#![allow(clippy::unwrap_used)] // a test may stop where it is surprised

mod common;

use common::{recording, recording_with_gap};
use dosewave_eeg::{
    Annotation, Band, Filter, FirDesign, Hz, Recording, Reference, Rejection, Seconds, SpectrumParams,
    Windows,
};
use dosewave_numerics::phase::Measure;
use dosewave_numerics::spectral::MainsMask;
use proptest::prelude::*;

const BAND_PASS: Filter = Filter::Fir(FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(60.0) });
const MAINS: MainsMask = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
const PAIRS: [(usize, usize); 3] = [(1, 0), (2, 0), (2, 1)];

/// Everything the chain produces, as bits.
fn chain(recording: &Recording) -> Vec<u64> {
    let clean = recording.filter(&BAND_PASS).unwrap().set_reference(&Reference::Average).unwrap();
    let epochs = clean.epochs(&Windows::Fixed { length: Seconds(1.0), overlap: 0.5 }).unwrap();
    let spectra = epochs.spectrum(&SpectrumParams::default()).unwrap();
    let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(45.0)).unwrap();
    let blocks: Vec<Vec<usize>> =
        (0..epochs.n_epochs()).collect::<Vec<_>>().chunks(5).map(<[_]>::to_vec).collect();
    let sums = fourier.cross_spectra_blocks(&PAIRS, &blocks).unwrap();
    let mut numbers: Vec<f64> = spectra.psd_uv2_hz().iter().copied().collect();
    numbers.extend(spectra.median().psd_uv2_hz);
    numbers.extend(spectra.band_power(Band::LOW_GAMMA, &MAINS).unwrap());
    for block in &sums {
        numbers.extend(block.connectivity(Measure::Wpli2Debiased).values());
    }
    numbers.extend(fourier.cross_spectra(&PAIRS).unwrap().connectivity(Measure::Ciplv).values());
    numbers.into_iter().map(f64::to_bits).collect()
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
    let with = |threads| on_threads(threads, || chain(&recording_with_gap()));
    let one = with(1);
    assert!(one == with(2) && one == with(7));
}

#[test]
fn channels_may_come_in_any_order() {
    let order = [2, 0, 3, 1];
    let power = |recording: &Recording| {
        let epochs = recording.filter(&BAND_PASS).unwrap().epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        epochs.spectrum(&SpectrumParams::default()).unwrap().band_power(Band::ALPHA, &MAINS).unwrap()
    };
    let (plain, turned) = (power(&recording()), power(&recording().pick(&order).unwrap()));
    for (new, old) in order.into_iter().enumerate() {
        assert_eq!(turned.column(new), plain.column(old));
    }
}

#[test]
fn a_turned_pair_has_the_same_strength_and_the_other_sign() {
    let epochs = recording().epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    let fourier = epochs.fourier(&SpectrumParams::default(), Hz(30.0), Hz(45.0)).unwrap();
    let (there, back) =
        (fourier.cross_spectra(&PAIRS).unwrap(), fourier.cross_spectra(&PAIRS.map(|(a, b)| (b, a))).unwrap());
    for (measure, sign) in [(Measure::Coh, 1.0), (Measure::Imcoh, -1.0), (Measure::Wpli2Debiased, 1.0)] {
        let (a, b) = (there.connectivity(measure), back.connectivity(measure));
        let gap = a.values() - &(b.values() * sign);
        assert!(gap.iter().all(|v| v.abs() < 1e-14), "{measure:?}");
    }
}

#[test]
fn twice_the_signal_is_four_times_the_power_and_the_same_coupling() {
    let (header, data_uv) = recording().into_parts();
    let loud = Recording::from_parts(header, data_uv * 2.0).unwrap();
    let both = [recording(), loud]
        .map(|r| r.filter(&BAND_PASS).unwrap().epochs(&Windows::fixed(Seconds(2.0))).unwrap());
    let power = both
        .each_ref()
        .map(|e| e.spectrum(&SpectrumParams::default()).unwrap().band_power(Band::BETA, &MAINS).unwrap());
    assert!((&power[1] / &power[0]).iter().all(|ratio| (ratio - 4.0).abs() < 1e-12));
    let coupling = both.each_ref().map(|e| {
        let fourier = e.fourier(&SpectrumParams::default(), Hz(13.0), Hz(30.0)).unwrap();
        fourier.cross_spectra(&PAIRS).unwrap().connectivity(Measure::Ciplv)
    });
    let gap = coupling[0].values() - coupling[1].values();
    assert!(gap.iter().all(|v| v.abs() < 1e-12));
    // amplitude limits see the difference
    let limit = Rejection { peak_to_peak_uv: Some(80.0), ..Rejection::NONE };
    let kept = both.each_ref().map(|e| e.reject(&limit).map_or(0, |e| e.n_epochs()));
    assert!(kept[0] > kept[1], "{kept:?}");
}

#[test]
fn the_spectrum_of_a_run_does_not_know_of_the_pause() {
    let with_gap =
        recording_with_gap().filter(&BAND_PASS).unwrap().epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    let (from, to) = (Seconds(68.0), Seconds(1000.0));
    let alone = recording_with_gap().crop(from, to).unwrap().filter(&BAND_PASS).unwrap();
    let alone = alone.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    let after: Vec<usize> = (0..with_gap.n_epochs()).filter(|&e| with_gap.onsets()[e].0 >= 68.0).collect();
    assert_eq!(with_gap.select(&after).unwrap(), alone);
    // 8 s and 16 s make 4 and 8 epochs; glued together they would make 12 with other onsets
    assert_eq!((with_gap.n_epochs(), after.len()), (12, 8));
    assert_eq!(with_gap.onsets()[4], Seconds(68.0));
}

#[test]
fn events_after_a_pause_are_found_at_their_true_time() {
    let stimulus = |onset| Annotation::new(Seconds(onset), Seconds(0.0), "stimulus");
    let recording =
        recording_with_gap().with_annotations(vec![stimulus(70.0), stimulus(7.9), stimulus(30.0)]);
    let windows = Windows::Events { label: "stimulus".into(), tmin: Seconds(-0.1), tmax: Seconds(0.4) };
    let epochs = recording.epochs(&windows).unwrap();
    // 7.9 s runs into the pause and 30 s lies in it
    assert_eq!(epochs.n_epochs(), 1);
    let column = 2000 + ((70.0 - 0.1 - 68.0) * 250.0_f64).round() as usize;
    assert_eq!(epochs.data_uv()[[0, 2, 0]], recording.data_uv()[[2, column]]);
}

proptest! {
    /// Whatever the window, a crop holds exactly the samples whose true time lies in it, at their true times.
    #[test]
    fn crops_hold_the_samples_of_their_window(from in -5.0..90.0_f64, length in 0.001..60.0_f64) {
        let recording = recording_with_gap();
        let to = from + length;
        let expected: Vec<u64> = (0..6000)
            .filter(|&k| recording.header().time_of(k).is_some_and(|t| t.0 >= from - 1e-9 && t.0 < to - 1e-9))
            .collect();
        match recording.crop(Seconds(from), Seconds(to)) {
            Err(_) => prop_assert!(expected.is_empty()),
            Ok(part) => {
                prop_assert_eq!(part.data_uv().ncols(), expected.len());
                for (column, &k) in expected.iter().enumerate() {
                    prop_assert_eq!(part.data_uv()[[0, column]], recording.data_uv()[[0, k as usize]]);
                    let (ours, true_time) =
                        (part.header().time_of(column as u64).unwrap(), recording.header().time_of(k).unwrap());
                    prop_assert!((ours.0 - true_time.0).abs() < 1e-9);
                }
            }
        }
    }
}
