//! Envelopes of a band, summed over blocks of time.

use crate::{Band, Result, parallel};
use dosewave_numerics::envelope::{
    Centring, EnvelopeMoments, EnvelopeScale, Envelopes, PairwiseOrthogonalization,
};
use dosewave_numerics::filter::{FirDesign, analytic_signal, fir_zero_phase};
use ndarray::{Array2, Axis};
use num_complex::Complex64;
use std::ops::Range;

/// A stretch of signal without a gap, and which of its samples belong to which block.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// `[channel, time]`, µV.
    pub samples_uv: Array2<f64>,
    /// Samples of blocks; what is in none is filtered, and then left out.
    pub parts: Vec<(usize, Range<usize>)>,
}

/// How envelopes are summed over blocks.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct BlockEnvelopes {
    /// The band, filtered by MNE's FIR.
    pub band: Band,
    /// What of the analytic signal is correlated.
    pub scale: EnvelopeScale,
    /// What is done to pairs before.
    pub orthogonalize: PairwiseOrthogonalization,
}

/// Sums of the envelopes of `pairs` of channels over each of `n_blocks` blocks, from stretches without a gap: each is
/// filtered and made analytic as a whole. Sums of blocks add, so that blocks can be drawn again and again.
///
/// # Errors
/// Edges that the rate does not carry, pairs of channels that are not there.
pub fn envelope_blocks(
    stretches: Vec<Stretch>,
    n_blocks: usize,
    sfreq: f64,
    pairs: &[(usize, usize)],
    params: &BlockEnvelopes,
) -> Result<Vec<EnvelopeMoments>> {
    let (low, high) = (params.band.low().0, params.band.high().0);
    let coefficients = FirDesign { high_pass_hz: Some(low), low_pass_hz: Some(high) }.coefficients(sfreq)?;
    let n_channels = stretches.first().map_or(0, |stretch| stretch.samples_uv.nrows());
    let empty = EnvelopeMoments::empty(n_channels, pairs, params.scale, params.orthogonalize)?;
    let mut blocks = vec![empty; n_blocks];
    for Stretch { samples_uv, parts } in stretches {
        let mut z: Array2<Complex64> = Array2::default(samples_uv.dim());
        parallel::try_rows(z.view_mut(), |channel, mut out| {
            let filtered = fir_zero_phase(samples_uv.row(channel), coefficients.view())?;
            out.assign(&analytic_signal(filtered.view(), None)?);
            Ok(())
        })?;
        drop(samples_uv);
        let sums = parallel::try_map(parts.len(), |part| {
            let range = parts[part].1.clone();
            let envelopes =
                Envelopes::new(z.slice_axis(Axis(1), range.into()), params.scale, Centring::Zero)?;
            Ok(envelopes.moments(pairs, params.orthogonalize)?)
        })?;
        for ((block, _), sums) in parts.iter().zip(&sums) {
            if let Some(whole) = blocks.get_mut(*block) {
                whole.merge(sums)?;
            }
        }
    }
    Ok(blocks)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::coupling::{EnvelopeParams, envelope_correlation_of_bands};
    use crate::testing::noise;

    const PAIRS: [(usize, usize); 3] = [(1, 0), (2, 0), (2, 1)];

    fn params() -> BlockEnvelopes {
        BlockEnvelopes {
            band: Band::ALPHA,
            scale: EnvelopeScale::LogPower,
            orthogonalize: PairwiseOrthogonalization::Pairwise,
        }
    }

    /// One stretch in one block is one epoch; cut into three, their sum.
    #[test]
    fn blocks_add_up_to_the_whole_stretch() {
        let samples_uv = noise(3, 2000, 100.0).data_uv().to_owned();
        let of = |parts: Vec<(usize, Range<usize>)>, n_blocks| {
            let stretch = Stretch { samples_uv: samples_uv.clone(), parts };
            envelope_blocks(vec![stretch], n_blocks, 100.0, &PAIRS, &params()).unwrap()
        };
        let whole = of(vec![(0, 0..2000)], 1);
        let epoch = samples_uv.clone().insert_axis(Axis(0));
        let settings = EnvelopeParams { scale: EnvelopeScale::LogPower, ..EnvelopeParams::default() };
        let expected = &envelope_correlation_of_bands(epoch.view(), 100.0, &[(8.0, 13.0)], &PAIRS, &settings)
            .unwrap()[0];
        let gap = &whole[0].correlation(true) - &expected.row(0);
        assert!(gap.iter().all(|d| d.abs() < 1e-12), "{gap}");
        let mut parts = of(vec![(1, 0..700), (0, 700..1998), (1, 1998..2000)], 2);
        assert_eq!((parts[0].n_times(), parts[1].n_times()), (1298, 702));
        let second = parts.remove(1);
        parts[0].merge(&second).unwrap();
        let gap = parts[0].correlation(true) - whole[0].correlation(true);
        assert!(gap.iter().all(|d| d.abs() < 1e-12), "{gap}");
    }

    #[test]
    fn a_block_without_samples_is_empty() {
        let samples_uv = noise(3, 400, 100.0).data_uv().to_owned();
        let stretch = Stretch { samples_uv, parts: vec![(1, 90..310)] };
        let blocks = envelope_blocks(vec![stretch], 3, 100.0, &PAIRS, &params()).unwrap();
        let n_times: Vec<usize> = blocks.iter().map(EnvelopeMoments::n_times).collect();
        assert_eq!(n_times, [0, 220, 0]);
        assert!(blocks[0].correlation(true).iter().all(|r| r.is_nan()));
        assert!(blocks[1].correlation(true).iter().all(|r| r.is_finite()));
    }
}
