//! Phase-slope index of pairs.

use super::bands::{BandCoefficients, check_channels};
use crate::arrays::ConnectivityMode;
use crate::{Result, parallel};
use dosewave_numerics::phase::{PhaseSlope, phase_slope};
use ndarray::{Array1, Array2, Array3, ArrayView3, Axis, s};
use num_complex::Complex64;

/// What [`phase_slope_index`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct SlopeParams {
    /// How coefficients are estimated.
    pub mode: ConnectivityMode,
    /// Frequency bands `(low, high)` in Hz, both ends included; each must hold two bins.
    pub bands: Vec<(f64, f64)>,
    /// Pairs of channel indices.
    pub pairs: Vec<(usize, usize)>,
}

/// Phase slopes `[pair, band]`, as [`phase_slope_index`] returns them.
#[derive(Clone, Debug, PartialEq)]
pub struct BandSlopes {
    /// Mean frequency of each band, Hz.
    pub freqs_hz: Array1<f64>,
    /// Phase-slope index: positive where the first channel of a pair leads. NaN for a silent channel.
    pub psi: Array2<f64>,
    /// Its standard error by the jackknife over epochs; NaN of a single epoch.
    pub standard_error: Array2<f64>,
    /// Number of tapers.
    pub n_tapers: usize,
}

/// Phase-slope index of pairs over epochs `[epoch, channel, time]` (Nolte et al. 2008, 10.1103/PhysRevLett.100.234101):
/// `Im Σ_f c*(f) c(f + δf)` over the neighbouring bins of a band; see [`phase_slope`]. mne-connectivity's `phase_slope_index`.
///
/// # Errors
/// Bands with fewer than two bins, pairs of channels that are not there.
///
/// ```
/// use dosewave_eeg::arrays::ConnectivityMode;
/// use dosewave_eeg::coupling::{SlopeParams, phase_slope_index};
/// // noise that reaches the second channel two samples later
/// let noise = |e: usize, t: usize| ((t * t * 31 + e * 17 + e * t) % 997) as f64;
/// let data = ndarray::Array3::from_shape_fn((20, 2, 200), |(e, c, t)| noise(e, 2 + t - 2 * c));
/// let params = SlopeParams { mode: ConnectivityMode::Fourier, bands: vec![(5.0, 25.0)], pairs: vec![(0, 1), (1, 0)] };
/// let found = phase_slope_index(data.view(), 200.0, &params).unwrap();
/// assert!(found.psi[[0, 0]] > 0.0 && (found.psi[[0, 0]] + found.psi[[1, 0]]).abs() < 1e-12);
/// ```
pub fn phase_slope_index(data: ArrayView3<'_, f64>, sfreq: f64, params: &SlopeParams) -> Result<BandSlopes> {
    check_channels(params.pairs.iter().flat_map(|&(x, y)| [x, y]), data.dim().1)?;
    let bands = BandCoefficients::new(data, sfreq, params.mode, &params.bands, true)?;
    let auto = auto_spectra(&bands);
    let found = parallel::try_map(params.pairs.len(), |pair| {
        let (x, y) = params.pairs[pair];
        let cross = cross_spectrum(&bands, x, y);
        let of_band = |bins: &Vec<usize>| -> Result<PhaseSlope> {
            let range = s![.., bins[0]..=bins[bins.len() - 1]];
            let part = |channel: usize| auto.index_axis(Axis(0), channel).slice_move(range);
            Ok(phase_slope(cross.slice(range), part(x), part(y))?)
        };
        bands.columns.iter().map(of_band).collect::<Result<Vec<_>>>()
    })?;
    let table = |of: fn(&PhaseSlope) -> f64| {
        Array2::from_shape_fn((found.len(), bands.columns.len()), |(pair, band)| of(&found[pair][band]))
    };
    Ok(BandSlopes {
        freqs_hz: bands.freqs_hz(),
        psi: table(|slope| slope.psi),
        standard_error: table(|slope| slope.standard_error),
        n_tapers: bands.n_tapers,
    })
}

/// Squared weights of the tapers.
fn weights(bands: &BandCoefficients) -> Vec<f64> {
    bands.fourier.weights().iter().map(|w| w * w).collect()
}

/// `Σ_k w_k² |X_k|²`, `[channel, epoch, freq]`.
fn auto_spectra(bands: &BandCoefficients) -> Array3<f64> {
    let (coefs, weights) = (bands.fourier.coefs(), weights(bands));
    let (n_epochs, n_channels, n_tapers, n_freqs) = coefs.dim();
    Array3::from_shape_fn((n_channels, n_epochs, n_freqs), |(c, e, f)| {
        (0..n_tapers).map(|k| weights[k] * coefs[[e, c, k, f]].norm_sqr()).sum()
    })
}

/// `Σ_k w_k² X_k Y_k*`, `[epoch, freq]`.
fn cross_spectrum(bands: &BandCoefficients, x: usize, y: usize) -> Array2<Complex64> {
    let (coefs, weights) = (bands.fourier.coefs(), weights(bands));
    let (n_epochs, _, n_tapers, n_freqs) = coefs.dim();
    Array2::from_shape_fn((n_epochs, n_freqs), |(e, f)| {
        (0..n_tapers).map(|k| weights[k] * coefs[[e, x, k, f]] * coefs[[e, y, k, f]].conj()).sum()
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Seconds, Windows};

    /// The definition on the coherency of the pair sums.
    #[test]
    fn is_the_slope_of_the_coherency_of_all_epochs() {
        let epochs = noise(3, 2000, 100.0).epochs(&Windows::fixed(Seconds(1.0))).unwrap();
        let mode = ConnectivityMode::Multitaper { bandwidth_hz: None, low_bias: true };
        let pairs = vec![(1, 0), (0, 2)];
        let params = SlopeParams { mode, bands: vec![(8.0, 12.0), (10.0, 20.0)], pairs: pairs.clone() };
        let found = phase_slope_index(epochs.data_uv(), 100.0, &params).unwrap();
        assert_eq!((found.freqs_hz.to_vec(), found.n_tapers), (vec![10.0, 15.0], 7));
        let bands = BandCoefficients::new(epochs.data_uv(), 100.0, mode, &[(8.0, 20.0)], true).unwrap();
        let c = bands.fourier.cross_spectra(&pairs).unwrap().sums().coherency();
        for (pair, c) in c.outer_iter().enumerate() {
            let slope = |from: usize, to: usize| (from..to).map(|f| (c[f].conj() * c[f + 1]).im).sum::<f64>();
            assert!((found.psi[[pair, 0]] - slope(0, 4)).abs() < 1e-13);
            assert!((found.psi[[pair, 1]] - slope(2, 12)).abs() < 1e-13);
        }
        assert!(found.standard_error.iter().all(|e| *e > 0.0));
        let one = SlopeParams { bands: vec![(8.0, 8.5)], ..params };
        assert!(
            phase_slope_index(epochs.data_uv(), 100.0, &one)
                .unwrap_err()
                .to_string()
                .contains("neighbouring")
        );
    }
}
