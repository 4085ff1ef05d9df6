//! Joint orthogonalisation of many signals.

use crate::error::check_finite;
use crate::{Error, Result};
use faer::Mat;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};

/// When [`symmetric_orthogonalization`] stops; the defaults are mne-connectivity's.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SymmetricOrthogonalization {
    /// Most rounds.
    pub n_iter: usize,
    /// It stops where the error falls by less than this share of itself.
    pub tol: f64,
}

impl Default for SymmetricOrthogonalization {
    fn default() -> Self {
        Self { n_iter: 50, tol: 1e-6 }
    }
}

/// Smallest singular value, as a share of the largest, of signals that are independent of each other.
const RANK_TOLERANCE: f64 = 1e-6;

/// The mutually orthogonal signals closest to `x [channel, time]`, all channels treated alike (Colclough et al. 2015,
/// 10.1016/j.neuroimage.2015.04.047): `P = D O` with `O Oᵀ = 1` and `D` diagonal minimises `‖x − P‖²`. In turn, `O` is the
/// polar factor of `D x` and `D` the diagonal of `x Oᵀ`.
///
/// The error of a round is `(‖x‖² − Σ d²) / ‖x‖²`. The singular values are those of the triangle of a QR
/// decomposition, so a round costs nothing per sample.
///
/// # Errors
/// [`Error::TooShort`] for fewer samples than channels, [`Error::Value`] for NaN, [`Error::Invalid`] where the channels
/// depend on each other, as those of an average reference do: some of the results would be noise.
/// [`Error::NotConverged`] after `n_iter` rounds.
///
/// ```
/// use dosewave_numerics::envelope::{SymmetricOrthogonalization, symmetric_orthogonalization};
/// let x = ndarray::Array2::from_shape_fn((3, 200), |(c, t)| ((t * (c + 2)) % 17) as f64 + (t % 5) as f64 - 10.0);
/// let p = symmetric_orthogonalization(x.view(), SymmetricOrthogonalization::default()).unwrap();
/// let gram = p.dot(&p.t());
/// assert!(gram[[0, 1]].abs() < 1e-9 * gram[[0, 0]]);
/// ```
pub fn symmetric_orthogonalization(
    x: ArrayView2<'_, f64>,
    params: SymmetricOrthogonalization,
) -> Result<Array2<f64>> {
    let (n_channels, n_times) = x.dim();
    if n_times < n_channels {
        return Err(Error::TooShort {
            what: "samples of signals to orthogonalise, as many as channels",
            got: n_times,
            need: n_channels,
        });
    }
    check_finite(&x, "samples")?;
    // x = Rᵀ Qᵀ
    let qr = Mat::from_fn(n_times, n_channels, |t, c| x[[c, t]]).qr();
    let (q, r) = (qr.compute_thin_Q(), qr.thin_R().to_owned());
    let power: f64 = x.iter().map(|v| v * v).sum();
    let mut d = vec![1.0; n_channels];
    let mut last = f64::INFINITY;
    for round in 0..params.n_iter {
        // the polar factor of Q R D is Q times that of R D
        let scaled = Mat::from_fn(n_channels, n_channels, |i, j| r[(i, j)] * d[j]);
        let failed = Error::NotConverged { what: "singular values of signals", iterations: 1 };
        let svd = scaled.svd().map_err(|_| failed)?;
        if round == 0 {
            check_rank(svd.S().column_vector().iter().copied())?;
        }
        let polar = svd.U() * svd.V().transpose();
        for (j, d) in d.iter_mut().enumerate() {
            *d = (0..n_channels).map(|i| r[(i, j)] * polar[(i, j)]).sum();
        }
        let error = (power - d.iter().map(|d| d * d).sum::<f64>()).max(0.0) / power;
        if error == 0.0 || (last - error) / error < params.tol {
            let o = &q * polar;
            return Ok(Array2::from_shape_fn((n_channels, n_times), |(c, t)| d[c] * o[(t, c)]));
        }
        last = error;
    }
    Err(Error::NotConverged { what: "symmetric orthogonalisation", iterations: params.n_iter })
}

fn check_rank(singular_values: impl Iterator<Item = f64>) -> Result<()> {
    let values: Vec<f64> = singular_values.collect();
    let largest = values.iter().fold(0.0, |m: f64, v| m.max(*v));
    let rank = values.iter().filter(|v| **v > RANK_TOLERANCE * largest).count();
    if rank == values.len() {
        return Ok(());
    }
    Err(Error::Invalid {
        parameter: "rank of the channels",
        value: rank.to_string(),
        allowed: format!(
            "{}, one for each channel; leave out channels that are sums of the others (of an average reference, one)",
            values.len()
        ),
    })
}
