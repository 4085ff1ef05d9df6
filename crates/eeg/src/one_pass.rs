//! Spectra and pair sums from one pass over the epochs: each tapered transform is computed once and thrown away.

use crate::epochs::bins_between;
use crate::{Band, CrossSpectra, EpochSpectra, Epochs, Error, Result, SpectrumParams, parallel};
use dosewave_numerics::phase::{PairSums, SplitEpoch};
use dosewave_numerics::spectral::Multitaper;
use ndarray::{Array1, Array3, ArrayViewMut2, Axis, s};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

/// Pairs whose sums are worked on together: they stay in the cache while the epochs of a block pass by.
const PAIRS_AT_ONCE: usize = 64;

/// What [`Epochs::one_pass`] computes.
#[derive(Clone, Debug, PartialEq)]
pub struct OnePass {
    /// PSD of every epoch and channel.
    pub spectra: EpochSpectra,
    /// Pair sums, by band and block.
    pub bands: Vec<Vec<CrossSpectra>>,
}

impl Epochs {
    /// The spectra of [`Epochs::spectrum`], and the sums of [`Fourier::cross_spectra_blocks`](crate::Fourier::cross_spectra_blocks)
    /// over the bins of each band (both ends included) for each block of epochs, to the same bits, in one pass.
    ///
    /// Memory is that of the results: no coefficient outlives its block.
    ///
    /// # Errors
    /// [`Error::Invalid`] for Welch or adaptive settings, a band without a bin, or an epoch in no block or in two;
    /// [`Error::NothingLeft`] without an epoch; [`Error::Kernel`] when the bandwidth does not fit the length of an epoch.
    ///
    /// ```
    /// use dosewave_eeg::{Band, Hz, Recording, Seconds, SpectrumParams, Windows};
    /// let noise = |c: usize, t: usize| ((t * t * 31 + 7 * t + 13 * c * t) % 997) as f64;
    /// let data_uv = ndarray::Array2::from_shape_fn((3, 4000), |(c, t)| noise(c, t));
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Cz", "Pz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let (params, band) = (SpectrumParams::default(), Band::ALPHA);
    /// let blocks = [(0..5).collect::<Vec<usize>>(), (5..10).collect()];
    /// let both = epochs.one_pass(&params, &[band], &[(1, 0), (2, 0)], &blocks).unwrap();
    /// let fourier = epochs.fourier(&params, band.low(), band.high()).unwrap();
    /// assert_eq!(both.spectra, epochs.spectrum(&params).unwrap());
    /// assert_eq!(both.bands[0], fourier.cross_spectra_blocks(&[(1, 0), (2, 0)], &blocks).unwrap());
    /// ```
    pub fn one_pass(
        &self,
        params: &SpectrumParams,
        bands: &[Band],
        pairs: &[(usize, usize)],
        blocks: &[Vec<usize>],
    ) -> Result<OnePass> {
        self.check_not_empty("one_pass")?;
        let multitaper = params.fourier_estimator(self.n_times(), self.sfreq())?;
        let plain = matches!(params, SpectrumParams::Multitaper { .. }) && multitaper.psd_weight(0).is_some();
        if !plain {
            return Err(Error::Invalid {
                parameter: "spectrum",
                value: format!("{params:?}"),
                allowed: "multitaper with adaptive = false".into(),
            });
        }
        let freqs = multitaper.freqs_hz();
        let bins: Vec<Range<usize>> =
            bands.iter().map(|band| bins_between(&freqs, band.low(), band.high())).collect::<Result<_>>()?;
        let pass = Pass { epochs: self, multitaper: &multitaper, bins: &bins, pairs };
        let mut psd = Array3::zeros((self.n_epochs(), self.channels().len(), freqs.len()));
        let rows = rows_of_blocks(&mut psd, blocks)?;
        let sums = parallel::try_map(blocks.len(), |block| {
            let mut rows = rows[block].lock().unwrap_or_else(PoisonError::into_inner);
            pass.block(&blocks[block], &mut rows)
        })?;
        drop(rows);
        let spectra = EpochSpectra::of_densities(self, freqs.clone(), psd)?;
        Ok(OnePass { spectra, bands: by_band(self, &freqs, &bins, sums) })
    }
}

/// The PSD of each block's epochs, to be written by whoever works on the block.
fn rows_of_blocks<'a>(
    psd: &'a mut Array3<f64>,
    blocks: &[Vec<usize>],
) -> Result<Vec<Mutex<Vec<ArrayViewMut2<'a, f64>>>>> {
    let mut rows: Vec<Option<ArrayViewMut2<'a, f64>>> = psd.axis_iter_mut(Axis(0)).map(Some).collect();
    let mut take = |epoch: &usize| {
        rows.get_mut(*epoch).and_then(Option::take).ok_or_else(|| Error::Invalid {
            parameter: "blocks",
            value: format!("epoch {epoch} twice, or not there"),
            allowed: "every epoch in one block".into(),
        })
    };
    let taken: Vec<_> = blocks
        .iter()
        .map(|block| Ok(Mutex::new(block.iter().map(&mut take).collect::<Result<Vec<_>>>()?)))
        .collect::<Result<_>>()?;
    match rows.iter().position(Option::is_some) {
        None => Ok(taken),
        Some(epoch) => Err(Error::Invalid {
            parameter: "blocks",
            value: format!("epoch {epoch} in no block"),
            allowed: "every epoch in one block".into(),
        }),
    }
}

fn by_band(
    epochs: &Epochs,
    freqs: &Array1<f64>,
    bins: &[Range<usize>],
    blocks: Vec<Vec<PairSums>>,
) -> Vec<Vec<CrossSpectra>> {
    let mut bands: Vec<Vec<CrossSpectra>> = bins.iter().map(|_| Vec::with_capacity(blocks.len())).collect();
    for block in blocks {
        for ((sums, bins), band) in block.into_iter().zip(bins).zip(&mut bands) {
            let freqs_hz = freqs.slice(s![bins.clone()]).to_owned();
            band.push(CrossSpectra { channels: epochs.channels().clone(), freqs_hz, sums });
        }
    }
    bands
}

struct Pass<'a> {
    epochs: &'a Epochs,
    multitaper: &'a Multitaper,
    bins: &'a [Range<usize>],
    pairs: &'a [(usize, usize)],
}

impl Pass<'_> {
    /// PSD into `rows`, one for each epoch; sums of the block, one for each band.
    fn block(&self, block: &[usize], rows: &mut [ArrayViewMut2<'_, f64>]) -> Result<Vec<PairSums>> {
        let n_channels = self.epochs.channels().len();
        let weights: Vec<f64> = self.multitaper.tapers().eigenvalues.iter().map(|v| v.sqrt()).collect();
        let mut split: Vec<Vec<SplitEpoch>> = self
            .bins
            .iter()
            .map(|bins| vec![SplitEpoch::zeros(n_channels, &weights, bins.len()); block.len()])
            .collect();
        let mut scratch = self.multitaper.scratch();
        let data_uv = self.epochs.data_uv();
        for (i, (epoch, psd)) in block.iter().zip(rows).enumerate() {
            let channels = data_uv.index_axis(Axis(0), *epoch);
            for (c, (x, mut out)) in channels.outer_iter().zip(psd.outer_iter_mut()).enumerate() {
                let mut problem = Ok(());
                self.multitaper.each_spectrum(x, &mut scratch, |k, spectrum| {
                    let weight = self.multitaper.psd_weight(k).unwrap_or(0.0);
                    out.iter_mut().zip(spectrum).for_each(|(out, z)| *out += weight * z.norm_sqr());
                    for (band, bins) in split.iter_mut().zip(self.bins) {
                        let row = band[i].set_row(c, k, &spectrum[bins.clone()]);
                        problem = std::mem::replace(&mut problem, Ok(())).and(row);
                    }
                })?;
                problem?;
            }
        }
        split.iter().zip(self.bins).map(|(epochs, bins)| self.sums(epochs, n_channels, bins.len())).collect()
    }

    fn sums(&self, epochs: &[SplitEpoch], n_channels: usize, n_freqs: usize) -> Result<PairSums> {
        let chunks: Vec<&[(usize, usize)]> =
            if self.pairs.is_empty() { vec![self.pairs] } else { self.pairs.chunks(PAIRS_AT_ONCE).collect() };
        let mut parts = Vec::with_capacity(chunks.len());
        for (i, chunk) in chunks.into_iter().enumerate() {
            let mut sums = PairSums::new(n_channels, chunk, n_freqs)?;
            for epoch in epochs {
                if i == 0 { sums.add_split(epoch)? } else { sums.add_split_pairs(epoch)? }
            }
            parts.push(sums);
        }
        Ok(PairSums::stack(parts)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Seconds, Windows};

    fn epochs() -> Epochs {
        noise(3, 4000, 200.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap()
    }

    const PAIRS: [(usize, usize); 3] = [(1, 0), (2, 0), (2, 1)];

    #[test]
    fn two_bands_and_uneven_blocks_equal_the_separate_ways_to_the_bit() {
        let (epochs, params) = (epochs(), SpectrumParams::default());
        let blocks = [vec![0, 1, 2], vec![5], vec![3, 4, 6, 7, 8, 9]];
        let bands = [Band::ALPHA, Band::LOW_GAMMA];
        let both = epochs.one_pass(&params, &bands, &PAIRS, &blocks).unwrap();
        assert_eq!(both.spectra, epochs.spectrum(&params).unwrap());
        for (band, sums) in bands.iter().zip(&both.bands) {
            let fourier = epochs.fourier(&params, band.low(), band.high()).unwrap();
            assert_eq!(*sums, fourier.cross_spectra_blocks(&PAIRS, &blocks).unwrap(), "{band}");
        }
        let none = epochs.one_pass(&params, &[], &[], &blocks).unwrap();
        assert_eq!((none.spectra, none.bands.len()), (both.spectra, 0));
    }

    #[test]
    fn epochs_belong_to_one_block_each_and_settings_must_be_plain() {
        let run = |params: &SpectrumParams, blocks: &[Vec<usize>]| {
            epochs().one_pass(params, &[Band::ALPHA], &PAIRS, blocks).map_err(|e| e.to_string())
        };
        let all: Vec<usize> = (0..10).collect();
        let params = SpectrumParams::default();
        assert!(run(&params, &[all[..9].to_vec()]).unwrap_err().contains("epoch 9 in no block"));
        assert!(run(&params, &[all.clone(), vec![3]]).unwrap_err().contains("epoch 3 twice"));
        assert!(run(&params, &[all.clone(), vec![10]]).unwrap_err().contains("epoch 10 twice, or not there"));
        let welch = SpectrumParams::Welch { window: 1.0, overlap: 0.5 };
        assert!(run(&welch, &[all]).unwrap_err().contains("adaptive = false"));
    }
}
