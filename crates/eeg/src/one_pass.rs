//! Spectra and pair sums from one pass over the epochs: each tapered transform is computed once.

use crate::epochs::bins_between;
use crate::fourier::block_sums;
use crate::{Band, CrossSpectra, EpochSpectra, Epochs, Error, Result, SpectrumParams, parallel};
use dosewave_numerics::phase::SplitEpoch;
use dosewave_numerics::spectral::{BinsInto, Multitaper};
use ndarray::{Array3, ArrayView2, ArrayViewMut2, Axis, s};
use std::ops::Range;
use std::sync::OnceLock;

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
    /// # Errors
    /// [`Error::Invalid`] for Welch or adaptive settings, a band without a bin, or an epoch that is not there;
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
        if !matches!(params, SpectrumParams::Multitaper { adaptive: false, .. }) {
            return Err(Error::Invalid {
                parameter: "spectrum",
                value: format!("{params:?}"),
                allowed: "multitaper with adaptive = false".into(),
            });
        }
        let freqs = multitaper.freqs_hz();
        let bins: Vec<Range<usize>> =
            bands.iter().map(|band| bins_between(&freqs, band.low(), band.high())).collect::<Result<_>>()?;
        let all_bins: Vec<Vec<usize>> = bins.iter().map(|bins| bins.clone().collect()).collect();
        let mut psd = Array3::zeros((self.n_epochs(), self.channels().len(), freqs.len()));
        let split: Vec<OnceLock<Vec<SplitEpoch>>> = (0..self.n_epochs()).map(|_| OnceLock::new()).collect();
        parallel::try_rows(psd.view_mut(), |epoch, psd| {
            let samples = self.data_uv().index_axis_move(Axis(0), epoch);
            let bands = transform(samples, &multitaper, &all_bins, psd)?;
            split[epoch].get_or_init(|| bands);
            Ok(())
        })?;
        let spectra = EpochSpectra::of_densities(self, freqs.clone(), psd)?;
        let of_band = |band: usize| -> Result<Vec<CrossSpectra>> {
            let epochs: Vec<&SplitEpoch> =
                split.iter().filter_map(|epoch| epoch.get().and_then(|bands| bands.get(band))).collect();
            let freqs_hz = freqs.slice(s![bins[band].clone()]).to_owned();
            let sums = block_sums(&epochs, self.channels().len(), pairs, freqs_hz.len(), blocks)?;
            let labelled =
                |sums| CrossSpectra { channels: self.channels().clone(), freqs_hz: freqs_hz.clone(), sums };
            Ok(sums.into_iter().map(labelled).collect())
        };
        Ok(OnePass { spectra, bands: (0..bins.len()).map(of_band).collect::<Result<_>>()? })
    }
}

/// One epoch `[channel, time]`: its PSD `[channel, freq]` into `psd`, and its coefficients at the bins of each band.
fn transform(
    samples: ArrayView2<'_, f64>,
    multitaper: &Multitaper,
    bins: &[Vec<usize>],
    psd: ArrayViewMut2<'_, f64>,
) -> Result<Vec<SplitEpoch>> {
    let roots: Vec<f64> = multitaper.tapers().eigenvalues.iter().map(|lambda| lambda.sqrt()).collect();
    let mut bands: Vec<SplitEpoch> =
        bins.iter().map(|bins| SplitEpoch::zeros(samples.nrows(), &roots, bins.len())).collect();
    let mut splits: Vec<BinsInto<'_>> = bins.iter().map(Vec::as_slice).zip(&mut bands).collect();
    multitaper.split(samples, Some(psd), &mut splits, &mut multitaper.scratch())?;
    Ok(bands)
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
    fn epochs_must_be_there_and_settings_plain() {
        let run = |params: &SpectrumParams, blocks: &[Vec<usize>]| {
            epochs().one_pass(params, &[Band::ALPHA], &PAIRS, blocks).map_err(|e| e.to_string())
        };
        let params = SpectrumParams::default();
        assert!(run(&params, &[vec![10]]).unwrap_err().contains("epoch index = 10"));
        let adaptive = SpectrumParams::Multitaper { bandwidth: 4.0, low_bias: true, adaptive: true };
        for params in [SpectrumParams::welch(1.0, 0.5), adaptive] {
            assert!(run(&params, &[vec![0]]).unwrap_err().contains("adaptive = false"));
        }
    }
}
