//! Connectivity from the analytic signals of bands: every sample is an observation.

use super::connectivity::{ArrayConnectivity, ConnectivityParams};
use super::sliding::SlidingConnectivity;
use super::transform::check_finite;
use crate::{Error, Result, parallel};
use dosewave_numerics::filter::{FirDesign, ZeroPhaseFir, analytic_signal};
use dosewave_numerics::phase::{
    AddEpochs, EpochSums, SampleSums, Samples, SlidingWindows, SplitEpoch, sliding_sample_measures,
};
use ndarray::{Array1, Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use num_complex::Complex64;
use std::ops::Range;

/// Bytes of analytic signals that are in memory at a time, if that is more than an epoch.
const BYTES_AT_ONCE: usize = 16 << 20;

/// The analytic signal of a band: a zero-phase FIR by MNE's rules, the Hilbert transform of the epoch, its ends cut off.
pub(super) struct BandSignal {
    filter: ZeroPhaseFir,
    kept: Range<usize>,
}

impl BandSignal {
    /// For epochs of `n_times` samples. `edge_s` is cut off at both ends; `None` is half the length of the filter, as far as
    /// the ends of an epoch reach.
    pub(super) fn new(
        (low, high): (f64, f64),
        edge_s: Option<f64>,
        n_times: usize,
        sfreq: f64,
    ) -> Result<Self> {
        let design = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) };
        let filter = ZeroPhaseFir::new(design.coefficients(sfreq)?.view())?;
        let half = filter.n_taps() / 2;
        if let Some(edge) = edge_s.filter(|edge| !(edge.is_finite() && *edge >= 0.0)) {
            let (value, allowed) = (format!("{edge} s"), "0 or more".into());
            return Err(Error::Invalid { parameter: "edge", value, allowed });
        }
        let cut = edge_s.map_or(half, |edge| (edge * sfreq).floor() as usize);
        if 2 * cut >= n_times {
            let (edge, length) = (cut as f64 / sfreq, n_times as f64 / sfreq);
            return Err(Error::Invalid {
                parameter: "edge",
                value: format!("{edge:.3} s at both ends of {length:.3} s ({low} to {high} Hz)"),
                allowed: format!(
                    "less than half an epoch; take epochs of more than {:.3} s, whose filter has room, a wider band, or a \
                     shorter edge, and know that the ends are then made of reflections",
                    2.0 * half as f64 / sfreq
                ),
            });
        }
        Ok(Self { filter, kept: cut..n_times - cut })
    }

    /// Samples that are left of an epoch.
    pub(super) fn n_kept(&self) -> usize {
        self.kept.len()
    }

    /// `[channel, kept sample]` of one epoch `[channel, time]`.
    pub(super) fn of_epoch(&self, epoch: ArrayView2<'_, f64>) -> Result<Array2<Complex64>> {
        let mut z = Array2::default((epoch.nrows(), self.kept.len()));
        let mut filtered = Array1::zeros(epoch.ncols());
        for (x, mut out) in epoch.outer_iter().zip(z.outer_iter_mut()) {
            self.filter.filter_into(x, filtered.view_mut())?;
            out.assign(&analytic_signal(filtered.view(), None)?.slice(s![self.kept.clone()]));
        }
        Ok(z)
    }

    fn samples(&self, data: ArrayView3<'_, f64>, first: usize) -> Result<Vec<Samples>> {
        parallel::try_map(data.dim().0, |k| {
            let epoch = data.index_axis(Axis(0), k);
            check_finite(epoch, first + k)?;
            Ok(Samples::new(self.of_epoch(epoch)?.view())?)
        })
    }

    /// Epochs whose samples are in memory at a time.
    fn at_once(&self, n_channels: usize) -> usize {
        (BYTES_AT_ONCE / (16 * n_channels * self.n_kept()).max(1)).clamp(1, 64)
    }
}

/// The middle of each band, Hz.
pub(super) fn middles(bands: &[(f64, f64)]) -> Array1<f64> {
    bands.iter().map(|(low, high)| 0.5 * (low + high)).collect()
}

/// Over all samples of all epochs, one column for each band.
pub(super) fn over_epochs(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &ConnectivityParams,
    edge_s: Option<f64>,
) -> Result<ArrayConnectivity> {
    let (_, n_channels, n_times) = data.dim();
    let dim = (params.pairs.len(), params.bands.len());
    let mut values = vec![Array2::zeros(dim); params.measures.len()];
    let mut coherency = params.coherency.then(|| Array2::default(dim));
    for (column, band) in params.bands.iter().enumerate() {
        let signal = BandSignal::new(*band, edge_s, n_times, sfreq)?;
        let mut sums = SampleSums::new(n_channels, &params.pairs, &params.summed())?;
        let at_once = signal.at_once(n_channels);
        for (lot, epochs) in data.axis_chunks_iter(Axis(0), at_once).enumerate() {
            let samples = signal.samples(epochs, lot * at_once)?;
            let eights: Vec<&SplitEpoch> = samples.iter().flat_map(Samples::eights).collect();
            let n_samples = samples.iter().map(Samples::len).sum();
            parallel::each(sums.adding(&eights, n_samples)?, AddEpochs::run);
        }
        let sums = sums.finish();
        for (values, measure) in values.iter_mut().zip(&params.measures) {
            values.column_mut(column).assign(&sums.measure(*measure).column(0));
        }
        if let Some(coherency) = &mut coherency {
            coherency.column_mut(column).assign(&sums.coherency().column(0));
        }
    }
    Ok(ArrayConnectivity { freqs_hz: middles(&params.bands), values, coherency, n_times: 1, n_tapers: 1 })
}

/// Over all samples of windows of epochs.
pub(super) fn over_windows(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    windows: SlidingWindows,
    params: &ConnectivityParams,
    edge_s: Option<f64>,
) -> Result<SlidingConnectivity> {
    let (n_epochs, n_channels, n_times) = data.dim();
    let n_windows = windows.count(n_epochs)?;
    let dim = (n_windows, params.pairs.len(), params.bands.len());
    let mut values = vec![Array3::zeros(dim); params.measures.len()];
    for (column, band) in params.bands.iter().enumerate() {
        let signal = BandSignal::new(*band, edge_s, n_times, sfreq)?;
        let epochs: Vec<EpochSums> = parallel::try_map(n_epochs, |e| {
            let epoch = data.index_axis(Axis(0), e);
            check_finite(epoch, e)?;
            let mut sums = SampleSums::new(n_channels, &params.pairs, &params.measures)?;
            sums.add(&Samples::new(signal.of_epoch(epoch)?.view())?)?;
            Ok(sums.of_epoch())
        })?;
        let found = sliding_sample_measures(&epochs, windows, &params.measures)?;
        for (values, found) in values.iter_mut().zip(found.outer_iter()) {
            values.index_axis_mut(Axis(2), column).assign(&found);
        }
    }
    Ok(SlidingConnectivity {
        freqs_hz: middles(&params.bands),
        values,
        first_epochs: (0..n_windows).map(|window| window * windows.step).collect(),
        n_tapers: 1,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::arrays::{
        Coefficients, TimeConnectivityParams, TimeTransform, sliding_connectivity, spectral_connectivity,
        spectral_connectivity_time,
    };
    use crate::testing::noise;
    use dosewave_numerics::filter::fir_zero_phase;
    use dosewave_numerics::phase::{Measure, PairSums, SpectralSmoothing};

    const PAIRS: [(usize, usize); 3] = [(1, 0), (2, 0), (1, 2)];
    const BANDS: [(f64, f64); 2] = [(8.0, 13.0), (20.0, 30.0)];

    /// 12 epochs of 3 s at 100 Hz.
    fn data() -> Array3<f64> {
        let noise = noise(3, 12 * 300, 100.0);
        Array3::from_shape_fn((12, 3, 300), |(e, c, t)| noise.data_uv()[[c, e * 300 + t]])
    }

    fn params(measures: &[Measure], edge_s: Option<f64>) -> ConnectivityParams {
        ConnectivityParams {
            mode: Coefficients::Hilbert { edge_s },
            measures: measures.to_vec(),
            coherency: false,
            bands: BANDS.to_vec(),
            average_bands: false,
            pairs: PAIRS.to_vec(),
        }
    }

    /// Filter, Hilbert transform, one sample after the other.
    fn slow(data: ArrayView3<'_, f64>, (low, high): (f64, f64), edge: Option<usize>) -> PairSums {
        let h = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) }.coefficients(100.0).unwrap();
        let cut = edge.unwrap_or((h.len() - 1) / 2);
        let mut sums = PairSums::new(3, &PAIRS, 1).unwrap();
        for epoch in data.outer_iter() {
            let z: Vec<Array1<Complex64>> = epoch
                .outer_iter()
                .map(|x| analytic_signal(fir_zero_phase(x, h.view()).unwrap().view(), None).unwrap())
                .collect();
            let kept = cut..300 - cut;
            for sample in kept.map(|t| Array3::from_shape_fn((3, 1, 1), |(c, ..)| z[c][t])) {
                sums.add_epoch(sample.view(), &[1.0]).unwrap();
            }
        }
        sums
    }

    #[test]
    fn every_sample_is_an_observation() {
        let data = data();
        for (edge_s, edge) in [(None, None), (Some(0.5), Some(50))] {
            let params = ConnectivityParams { coherency: true, ..params(&Measure::ALL, edge_s) };
            let found = spectral_connectivity(data.view(), 100.0, &params).unwrap();
            assert_eq!((found.freqs_hz.to_vec(), found.n_times), (vec![10.5, 25.0], 1));
            for (column, band) in BANDS.into_iter().enumerate() {
                let slow = slow(data.view(), band, edge);
                for (values, measure) in found.values.iter().zip(Measure::ALL) {
                    let gap = &values.column(column) - &slow.measure(measure).column(0);
                    assert!(gap.iter().all(|gap| gap.abs() < 1e-12), "{measure:?}: {gap}");
                }
                let gap = &found.coherency.as_ref().unwrap().column(column) - &slow.coherency().column(0);
                assert!(gap.iter().all(|gap| gap.norm() < 1e-12));
            }
        }
    }

    #[test]
    fn windows_are_the_connectivity_of_their_epochs_and_one_epoch_is_over_time() {
        let data = data();
        let params = params(&[Measure::Wpli, Measure::Coh, Measure::Ppc], None);
        for (length, step) in [(4, 3), (1, 1)] {
            let windows = SlidingWindows { length, step };
            let course = sliding_connectivity(data.view(), 100.0, windows, &params).unwrap();
            for (window, first) in course.first_epochs.iter().enumerate() {
                let alone = data.slice(s![*first..first + length, .., ..]);
                let alone = spectral_connectivity(alone, 100.0, &params).unwrap();
                assert_eq!(course.freqs_hz, alone.freqs_hz);
                for (course, alone) in course.values.iter().zip(&alone.values) {
                    let gap = &course.index_axis(Axis(0), window) - alone;
                    assert!(gap.iter().all(|gap| gap.abs() < 1e-12), "{gap}");
                }
            }
            if length > 1 {
                continue;
            }
            let over_time = TimeConnectivityParams {
                transform: TimeTransform::Hilbert,
                measures: params.measures.clone(),
                coherency: false,
                bands: BANDS.to_vec(),
                average_bands: false,
                smoothing: SpectralSmoothing::none(),
                padding_s: None,
                pairs: PAIRS.to_vec(),
                average_epochs: false,
            };
            let over_time = spectral_connectivity_time(data.view(), 100.0, &over_time).unwrap();
            assert_eq!(over_time.freqs_hz, course.freqs_hz);
            for (over_time, course) in over_time.values.iter().zip(&course.values) {
                assert!((over_time - course).iter().all(|gap| gap.abs() < 1e-12));
            }
        }
    }

    /// A band-limited source that the second channel has 10 ms later, and mixing without a lag.
    #[test]
    fn a_lag_is_a_lead_and_mixing_is_none() {
        let source = noise(2, 120_100, 100.0);
        let x = source.data_uv();
        let lagged = Array3::from_shape_fn((400, 2, 300), |(e, c, t)| x[[0, 10 + e * 300 + t - c]]);
        let mixed = Array3::from_shape_fn((400, 2, 300), |(e, c, t)| {
            x[[0, e * 300 + t]] + [0.5, -0.7][c] * x[[1, e * 300 + t]]
        });
        let run = |data: &Array3<f64>, measure| {
            let params = ConnectivityParams { pairs: vec![(0, 1)], ..params(&[measure], None) };
            spectral_connectivity(data.view(), 100.0, &params).unwrap().values[0][[0, 0]]
        };
        // where the envelope is near zero the phase may turn back: that counts in dPLI and has no weight in wPLI
        let (dpli, wpli) = (run(&lagged, Measure::Dpli), run(&lagged, Measure::Wpli));
        assert!(dpli > 0.97 && wpli > 0.999, "dPLI {dpli}, wPLI {wpli}");
        // coherency (1 − 0.35) / √(1.25 · 1.49) = 0.48, all of it real; 400 epochs of a band of 5 Hz scatter by 0.02
        let (coh, imcoh) = (run(&mixed, Measure::Coh), run(&mixed, Measure::Imcoh));
        assert!((coh - 0.48).abs() < 0.1 && imcoh.abs() < 0.1, "coh {coh}, imcoh {imcoh}");
        let same = Array3::from_shape_fn((400, 2, 300), |(e, c, t)| [1.0, -2.0][c] * x[[0, e * 300 + t]]);
        assert!(run(&same, Measure::Imcoh).abs() < 1e-12);
    }

    #[test]
    fn what_leaves_nothing_is_refused_with_what_would() {
        let data = data();
        let run = |band, edge_s| {
            let params = ConnectivityParams { bands: vec![band], ..params(&[Measure::Plv], edge_s) };
            spectral_connectivity(data.view(), 100.0, &params).map(|_| ()).map_err(|error| error.to_string())
        };
        let delta = run((1.0, 4.0), None).unwrap_err();
        assert!(delta.contains("take epochs of more than 3.3"), "{delta}");
        assert!(run((1.0, 4.0), Some(0.2)).is_ok());
        assert!(run((8.0, 13.0), Some(1.5)).unwrap_err().contains("less than half an epoch"));
        assert!(run((8.0, 13.0), Some(-1.0)).unwrap_err().contains("0 or more"));
        assert!(run((8.0, 50.0), None).is_err());
        let mut broken = data.clone();
        broken[[7, 1, 3]] = f64::NAN;
        let error = spectral_connectivity(broken.view(), 100.0, &params(&[Measure::Plv], None)).unwrap_err();
        assert!(error.to_string().contains("ch1 in epoch 7"), "{error}");
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            let windows = SlidingWindows { length: 5, step: 2 };
            let params = params(&Measure::ALL, None);
            pool.install(|| {
                let one = spectral_connectivity(data().view(), 100.0, &params).unwrap();
                (one, sliding_connectivity(data().view(), 100.0, windows, &params).unwrap())
            })
        };
        let one = with(1);
        assert!(one == with(2) && one == with(16));
    }
}
