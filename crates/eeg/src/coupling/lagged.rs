//! Lagged coherence: of one channel with itself, and between two.

use super::bands::{BandCoefficients, check_channels};
use crate::arrays::{ArrayConnectivity, ConnectivityMode};
use crate::{Recording, Result, parallel};
use dosewave_numerics::phase::{lagged_coherence_squared, rhythmicity};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayView3, s};

/// Lagged coherence of each row with itself, `[row, freq]`: how well the phase of a stretch of `n_cycles` cycles foretells
/// that of the next (Fransen et al. 2015, 10.1016/j.neuroimage.2015.06.003). See [`rhythmicity`]; neurodsp's
/// `compute_lagged_coherence`. NaN for a silent row.
///
/// # Errors
/// Frequencies that the rate does not carry, rows shorter than two stretches, NaN.
///
/// ```
/// use dosewave_eeg::coupling::lagged_coherence;
/// let turn = |hz: f64, t: usize| (std::f64::consts::TAU * hz * t as f64 / 250.0).sin();
/// let x = ndarray::Array2::from_shape_fn((1, 2500), |(_, t)| turn(10.0, t) + ((t * t * 31) % 97) as f64 / 97.0);
/// let found = lagged_coherence(x.view(), 250.0, &[10.0, 27.0], 3.0).unwrap();
/// assert!(found[[0, 0]] > 0.9 && found[[0, 1]] < 0.6);
/// ```
pub fn lagged_coherence(
    x: ArrayView2<'_, f64>,
    sfreq: f64,
    freqs_hz: &[f64],
    n_cycles: f64,
) -> Result<Array2<f64>> {
    rows(x.nrows(), freqs_hz, |row, freq| Ok(rhythmicity(&[x.row(row)], sfreq, freq, n_cycles)?))
}

fn rows(
    n_rows: usize,
    freqs_hz: &[f64],
    of: impl Fn(usize, f64) -> Result<f64> + Sync + Send,
) -> Result<Array2<f64>> {
    let mut values = Array2::zeros((n_rows, freqs_hz.len()));
    parallel::try_rows(values.view_mut(), |row, mut out| {
        for (out, &freq) in out.iter_mut().zip(freqs_hz) {
            *out = of(row, freq)?;
        }
        Ok(())
    })?;
    Ok(values)
}

impl Recording {
    /// [`lagged_coherence`] of each channel, `[channel, freq]`; no stretch spans the gap between two runs.
    ///
    /// # Errors
    /// As [`lagged_coherence`], where no run holds two stretches.
    pub fn lagged_coherence(&self, freqs_hz: &[f64], n_cycles: f64) -> Result<Array2<f64>> {
        let data_uv = self.data_uv();
        rows(data_uv.nrows(), freqs_hz, |row, freq| {
            let run = |run: &crate::Run| s![run.samples.start as usize..run.samples.end as usize];
            let runs: Vec<ArrayView1<'_, f64>> =
                self.runs().iter().map(|r| data_uv.row(row).slice_move(run(r))).collect();
            Ok(rhythmicity(&runs, self.sfreq().0, freq, n_cycles)?)
        })
    }
}

/// What [`lagged_connectivity`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct LaggedParams {
    /// How coefficients are estimated.
    pub mode: ConnectivityMode,
    /// Frequency bands `(low, high)` in Hz, both ends included.
    pub bands: Vec<(f64, f64)>,
    /// Whether values are averaged over the bins of each band.
    pub average_bands: bool,
    /// Pairs of channel indices.
    pub pairs: Vec<(usize, usize)>,
    /// Whether `−ln(1 − ρ²)`, the lagged linear connectivity, is given in place of the squared lagged coherence `ρ²`.
    pub logarithm: bool,
}

/// Lagged coherence between channels over epochs `[epoch, channel, time]`, `ρ² = (Im c)² / (1 − (Re c)²)` with `c` the
/// coherency over epochs: see [`lagged_coherence_squared`]. NaN for a silent channel.
///
/// # Errors
/// Bands without a bin, pairs of channels that are not there.
pub fn lagged_connectivity(
    data: ArrayView3<'_, f64>,
    sfreq: f64,
    params: &LaggedParams,
) -> Result<ArrayConnectivity> {
    check_channels(params.pairs.iter().flat_map(|&(x, y)| [x, y]), data.dim().1)?;
    let bands = BandCoefficients::new(data, sfreq, params.mode, &params.bands, params.average_bands)?;
    let sums = bands.fourier.cross_spectra(&params.pairs)?;
    let of = |c: &num_complex::Complex64| match (c.re.is_nan(), lagged_coherence_squared(*c)) {
        (true, _) => f64::NAN,
        (false, squared) if params.logarithm => -(-squared).ln_1p(),
        (false, squared) => squared,
    };
    let values = bands.means(&sums.sums().coherency().map(of));
    Ok(ArrayConnectivity {
        freqs_hz: bands.freqs_hz(),
        values: vec![values],
        coherency: None,
        n_times: 1,
        n_tapers: bands.n_tapers,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{noise, with_gap};
    use crate::{Seconds, Windows};

    #[test]
    fn no_stretch_spans_a_gap() {
        // runs of 4 and 6 s; stretches of 1.5 s
        let found = with_gap().lagged_coherence(&[2.0], 3.0).unwrap();
        let data_uv = with_gap().data_uv().to_owned();
        let runs = [data_uv.slice(s![0, ..400]), data_uv.slice(s![0, 400..])];
        assert_eq!(found[[0, 0]], rhythmicity(&runs, 100.0, 2.0, 3.0).unwrap());
        assert!(lagged_coherence(data_uv.view(), 100.0, &[2.0], 3.0).unwrap()[[0, 0]] != found[[0, 0]]);
    }

    #[test]
    fn between_channels_it_is_the_formula_per_bin() {
        let epochs = noise(3, 2000, 100.0).epochs(&Windows::fixed(Seconds(1.0))).unwrap();
        let mut params = LaggedParams {
            mode: ConnectivityMode::Fourier,
            bands: vec![(8.0, 10.0)],
            average_bands: true,
            pairs: vec![(1, 0), (2, 1)],
            logarithm: false,
        };
        let found = lagged_connectivity(epochs.data_uv(), 100.0, &params).unwrap();
        let multitaper = dosewave_numerics::spectral::Multitaper::hann(100, 100.0).unwrap();
        let fourier = crate::Fourier::from_epochs(&epochs, &multitaper, 8..11).unwrap();
        let c = fourier.cross_spectra(&params.pairs).unwrap().sums().coherency();
        for pair in 0..2 {
            let each = c.row(pair).mapv(|c| c.im * c.im / (1.0 - c.re * c.re));
            assert!((found.values[0][[pair, 0]] - each.mean().unwrap()).abs() < 1e-14);
        }
        params.logarithm = true;
        params.bands = vec![(9.0, 9.0)];
        let one = lagged_connectivity(epochs.data_uv(), 100.0, &params).unwrap().values[0][[0, 0]];
        let squared = c[[0, 1]].im.powi(2) / (1.0 - c[[0, 1]].re.powi(2));
        assert!((one + (1.0 - squared).ln()).abs() < 1e-14);
        params.pairs = vec![(3, 0)];
        assert!(lagged_connectivity(epochs.data_uv(), 100.0, &params).is_err());
    }
}
