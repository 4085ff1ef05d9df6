//! What channels have in common: those that correlate with none, and pairs that record the same place.

use super::{BadChannelParams, BadChannels, Criterion, Judged};
use crate::{Result, parallel};
use dosewave_numerics::stats::median;
use ndarray::{Array2, ArrayView2, Axis, s};

/// Channels that correlate with none are looked for among at least so many with a position: in fewer, or bipolar, ones that
/// record different places nothing need correlate. The number is our own judgement.
pub const FEWEST_FOR_CORRELATION: usize = 16;

impl Judged {
    /// Channels that nothing correlates with, and pairs that are one, from the covariances of each window.
    pub(super) fn uncorrelated(
        &self,
        params: &BadChannelParams,
        alive: &[usize],
        reasons: &mut [Vec<(Criterion, f64, f64)>],
        found: &mut BadChannels,
    ) -> Result<()> {
        if alive.len() < 2 {
            found.not_applied.push("one channel has no other to correlate with".into());
            return Ok(());
        }
        let n_windows = self.band.ncols() / self.window;
        let windows = parallel::try_map(n_windows, |k| {
            let columns = s![.., k * self.window..(k + 1) * self.window];
            Ok(covariance(self.band.slice(columns).select(Axis(0), alive).view()))
        })?;
        match self.alone(params, alive, &windows) {
            Ok(alone) => {
                for (c, share) in alone {
                    reasons[c].push((Criterion::Uncorrelated, share, params.uncorrelated_share));
                }
            }
            Err(why) => found.not_applied.push(why),
        }
        if let Some(limit) = params.bridged_share {
            for i in 0..alive.len() {
                for j in i + 1..alive.len() {
                    let shares: Vec<f64> = windows.iter().map(|w| difference_share(w, i, j)).collect();
                    if let Some(share) = median(&shares).filter(|share| *share < limit) {
                        let name = |k: usize| self.names[alive[k]].clone();
                        found.bridged.push((name(i), name(j), share));
                    }
                }
            }
        }
        Ok(())
    }

    /// Channels without a correlated one in too many windows, with the share of these; why the criterion does not hold here.
    fn alone(
        &self,
        params: &BadChannelParams,
        alive: &[usize],
        windows: &[Array2<f64>],
    ) -> std::result::Result<Vec<(usize, f64)>, String> {
        let Some(limit) = params.correlation else { return Ok(Vec::new()) };
        let n_placed = alive.iter().filter(|&&c| self.channels[c].position.is_some()).count();
        if n_placed < FEWEST_FOR_CORRELATION {
            return Err(format!(
                "{n_placed} channels with a position are too few to ask whether each correlates with another; \
                 {FEWEST_FOR_CORRELATION} are needed"
            ));
        }
        let share = |i: usize| {
            let alone = windows.iter().filter(|w| largest_correlation(w, i) < limit).count();
            alone as f64 / windows.len() as f64
        };
        let shares = alive.iter().enumerate().map(|(i, &c)| (c, share(i)));
        let alone: Vec<(usize, f64)> =
            shares.filter(|(_, share)| *share > params.uncorrelated_share).collect();
        if 2 * alone.len() > alive.len() {
            return Err(format!(
                "{} of {} channels correlate with no other (below {limit} in more than {:.0} % of windows): that is the \
                 montage or the reference, so none is called bad for it",
                alone.len(),
                alive.len(),
                100.0 * params.uncorrelated_share
            ));
        }
        Ok(alone)
    }
}

fn covariance(x: ArrayView2<'_, f64>) -> Array2<f64> {
    let means = x.sum_axis(Axis(1)).insert_axis(Axis(1)) / x.ncols() as f64;
    let centred = &x - &means;
    centred.dot(&centred.t())
}

fn largest_correlation(covariance: &Array2<f64>, i: usize) -> f64 {
    let correlation = |j: usize| {
        let scale = (covariance[[i, i]] * covariance[[j, j]]).sqrt();
        if scale > 0.0 { (covariance[[i, j]] / scale).abs() } else { 0.0 }
    };
    (0..covariance.nrows()).filter(|j| *j != i).map(correlation).fold(0.0, f64::max)
}

/// Variance of the difference as a share of the sum of both variances.
fn difference_share(covariance: &Array2<f64>, i: usize, j: usize) -> f64 {
    let sum = covariance[[i, i]] + covariance[[j, j]];
    if sum > 0.0 { ((sum - 2.0 * covariance[[i, j]]) / sum).max(0.0) } else { 1.0 }
}
