//! Tapered Fourier coefficients.

use crate::{Channels, CrossSpectra, Epochs, Error, Result, Seconds, parallel};
use dosewave_numerics::phase::{AddEpochs, PairSums, SplitEpoch};
use dosewave_numerics::spectral::Multitaper;
use ndarray::{Array1, Array4, ArrayView1, ArrayView4, Axis, s};
use num_complex::Complex64;
use std::ops::Range;

/// Tapered Fourier coefficients `[epoch, channel, taper, freq]` of mean-free epochs, with one weight per taper (the
/// root of its eigenvalue).
#[derive(Clone, Debug, PartialEq)]
pub struct Fourier {
    channels: Channels,
    freqs_hz: Array1<f64>,
    weights: Array1<f64>,
    coefs: Array4<Complex64>,
    onsets: Vec<Seconds>,
}

impl Fourier {
    /// Coefficients of the frequency bins `bins` of each epoch.
    ///
    /// # Errors
    /// [`Error::Kernel`] when the estimator was planned for another length, [`Error::Shape`] for bins it lacks.
    pub fn from_epochs(epochs: &Epochs, multitaper: &Multitaper, bins: Range<usize>) -> Result<Self> {
        let freqs = multitaper.freqs_hz();
        if bins.end > freqs.len() || bins.is_empty() {
            return Err(Error::Shape {
                what: "frequency bins",
                expected: format!("some of 0..{}", freqs.len()),
                got: format!("{bins:?}"),
            });
        }
        let weights = multitaper.tapers().eigenvalues.mapv(f64::sqrt);
        let (n_epochs, n_channels, n_tapers) = (epochs.n_epochs(), epochs.channels().len(), weights.len());
        let data_uv = epochs.data_uv();
        let mut coefs = Array4::default((n_epochs, n_channels, n_tapers, bins.len()));
        parallel::try_rows(coefs.view_mut(), |e, mut block| {
            let epoch = data_uv.index_axis(Axis(0), e);
            multitaper.each_spectrum(
                epoch,
                bins.clone(),
                &mut multitaper.scratch(),
                |channel, taper, z| {
                    block.slice_mut(s![channel, taper, ..]).assign(&ArrayView1::from(z));
                },
            )?;
            Ok(())
        })?;
        let freqs_hz = freqs.slice(s![bins]).to_owned();
        Ok(Self {
            channels: epochs.channels().clone(),
            freqs_hz,
            weights,
            coefs,
            onsets: epochs.onsets().to_vec(),
        })
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> ArrayView1<'_, f64> {
        self.freqs_hz.view()
    }

    /// Coefficients `[epoch, channel, taper, freq]`.
    #[must_use]
    pub fn coefs(&self) -> ArrayView4<'_, Complex64> {
        self.coefs.view()
    }

    /// One weight per taper.
    #[must_use]
    pub fn weights(&self) -> ArrayView1<'_, f64> {
        self.weights.view()
    }

    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// True onset of each epoch.
    #[must_use]
    pub fn onsets(&self) -> &[Seconds] {
        &self.onsets
    }

    /// Running pair sums over all epochs, for `pairs` of channel indices (first, second).
    ///
    /// # Errors
    /// [`Error::Kernel`] when a pair names a channel that is not there.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds, SpectrumParams, Windows};
    /// use dosewave_numerics::phase::Measure;
    /// // noise that reaches the second channel two samples later
    /// let noise = |t: usize| ((t * t * 31 + 7 * t) % 997) as f64;
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 4000), |(c, t)| noise(t + 2 - 2 * c));
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Pz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
    /// let cross = fourier.cross_spectra(&[(0, 1)]).unwrap();
    /// let lead = cross.connectivity(Measure::Dpli);
    /// assert_eq!((cross.n_epochs(), lead.value(0, 0)), (10, Some(1.0))); // the first leads in every epoch
    /// ```
    pub fn cross_spectra(&self, pairs: &[(usize, usize)]) -> Result<CrossSpectra> {
        let all: Vec<usize> = (0..self.onsets.len()).collect();
        let mut blocks = self.cross_spectra_blocks(pairs, &[all])?;
        blocks.pop().ok_or(Error::NothingLeft { step: "cross-spectra", hint: "there is no epoch".into() })
    }

    /// The same, one for each group of epochs: what resampling by blocks needs.
    ///
    /// # Errors
    /// As [`Self::cross_spectra`]; [`Error::Invalid`] for an epoch that is not there.
    pub fn cross_spectra_blocks(
        &self,
        pairs: &[(usize, usize)],
        blocks: &[Vec<usize>],
    ) -> Result<Vec<CrossSpectra>> {
        let split = self.split()?;
        let split: Vec<&SplitEpoch> = split.iter().collect();
        let sums = block_sums(&split, self.channels.len(), pairs, self.freqs_hz.len(), blocks)?;
        Ok(sums.into_iter().map(|sums| self.labelled(sums)).collect())
    }

    /// The coefficients of every epoch as the pair kernels take them: made once for all that is asked of them.
    pub(crate) fn split(&self) -> Result<Vec<SplitEpoch>> {
        let weights = self.weights.to_vec();
        parallel::try_map(self.onsets.len(), |e| {
            Ok(SplitEpoch::new(self.coefs.index_axis(Axis(0), e), &weights)?)
        })
    }

    pub(crate) fn labelled(&self, sums: PairSums) -> CrossSpectra {
        CrossSpectra { channels: self.channels.clone(), freqs_hz: self.freqs_hz.clone(), sums }
    }
}

/// Pair sums of each block of epochs.
pub(crate) fn block_sums(
    epochs: &[&SplitEpoch],
    n_channels: usize,
    pairs: &[(usize, usize)],
    n_freqs: usize,
    blocks: &[Vec<usize>],
) -> Result<Vec<PairSums>> {
    if let Some(index) = blocks.iter().flatten().find(|e| **e >= epochs.len()) {
        let allowed = format!("below {}", epochs.len());
        return Err(Error::Invalid { parameter: "epoch index", value: index.to_string(), allowed });
    }
    parallel::try_map(blocks.len(), |block| {
        let members: Vec<&SplitEpoch> = blocks[block].iter().map(|e| epochs[*e]).collect();
        sums_of(&members, n_channels, pairs, n_freqs)
    })
}

/// Pair sums of all of `epochs`.
pub(crate) fn sums_of(
    epochs: &[&SplitEpoch],
    n_channels: usize,
    pairs: &[(usize, usize)],
    n_freqs: usize,
) -> Result<PairSums> {
    let mut sums = PairSums::new(n_channels, pairs, n_freqs)?;
    parallel::each(sums.adding(epochs, epochs)?, AddEpochs::run);
    Ok(sums)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Hz, Recording, SpectrumParams, Windows};
    use dosewave_numerics::phase::Measure;
    use ndarray::Array2;

    /// The second channel is the first, 5 ms later; the third is independent.
    fn fourier() -> Fourier {
        let wave = |t: f64| {
            (2.0 * std::f64::consts::PI * 10.0 * t).sin()
                + 0.3 * (2.0 * std::f64::consts::PI * 11.3 * t).cos()
        };
        let data = Array2::from_shape_fn((3, 4000), |(c, t)| {
            let t_s = t as f64 / 200.0;
            [wave(t_s), wave(t_s - 0.005), ((t * t * 31) % 997) as f64 / 997.0][c]
        });
        let rec = Recording::new(data, Hz(200.0), &["Fz", "Cz", "Pz"]).unwrap();
        let epochs = rec.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap()
    }

    #[test]
    fn a_lead_of_5_ms_at_10_hz_is_seen() {
        let cross = fourier().cross_spectra(&[(0, 1), (1, 0)]).unwrap();
        let dpli = cross.connectivity(Measure::Dpli);
        let at_10_hz = cross.freqs_hz().iter().position(|f| (*f - 10.0).abs() < 1e-9).unwrap();
        assert!((dpli.values()[[0, at_10_hz]] - 1.0).abs() < 1e-12);
        assert!(dpli.values()[[1, at_10_hz]].abs() < 1e-12);
        let coh = cross.connectivity(Measure::Coh);
        assert!(coh.values()[[0, at_10_hz]] > 0.999);
    }

    #[test]
    fn blocks_merge_into_the_whole() {
        let fourier = fourier();
        let pairs = [(1, 0), (2, 0), (2, 1)];
        let blocks = fourier.cross_spectra_blocks(&pairs, &[vec![0, 1, 2], (3..10).collect()]).unwrap();
        let mut merged = blocks[0].clone();
        merged.merge(&blocks[1]).unwrap();
        let whole = fourier.cross_spectra(&pairs).unwrap();
        assert_eq!(merged.n_epochs(), whole.n_epochs());
        let gap = merged.connectivity(Measure::Wpli).values() - whole.connectivity(Measure::Wpli).values();
        assert!(gap.iter().all(|v| v.abs() < 1e-12));
    }

    /// More pairs than one task takes: each must come out as if it were alone.
    #[test]
    fn every_pair_is_as_if_it_were_alone() {
        let rec = crate::testing::noise(8, 600, 100.0);
        let twice = ndarray::concatenate![Axis(0), rec.data_uv(), rec.data_uv().mapv(f64::abs)];
        let names: Vec<String> = (0..16).map(|c| format!("E{c}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let epochs = Recording::new(twice, Hz(100.0), &names).unwrap();
        let epochs = epochs.epochs(&Windows::fixed(Seconds(1.0))).unwrap();
        let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
        let pairs: Vec<(usize, usize)> = (0..16).flat_map(|i| (0..i).map(move |j| (i, j))).collect();
        for measure in [Measure::Coh, Measure::Wpli2Debiased] {
            let together = fourier.cross_spectra(&pairs).unwrap().connectivity(measure);
            for (p, pair) in pairs.iter().enumerate() {
                let alone = fourier.cross_spectra(&[*pair]).unwrap().connectivity(measure);
                assert_eq!(together.values().row(p), alone.values().row(0), "{pair:?}");
            }
        }
    }

    #[test]
    fn what_is_not_there_is_refused() {
        let fourier = fourier();
        assert!(matches!(fourier.cross_spectra(&[(3, 0)]), Err(Error::Kernel(_))));
        let error = fourier.cross_spectra_blocks(&[(1, 0)], &[vec![0, 10]]).unwrap_err().to_string();
        assert_eq!(error, "epoch index = 10; allowed: below 10");
        assert_eq!(fourier.cross_spectra(&[]).unwrap().n_epochs(), 10);
    }

    /// With one epoch and one taper weight, the summed auto-spectrum is the PSD times the rate.
    #[test]
    fn coefficients_are_scaled_as_one_sided_spectra() {
        let rec = crate::testing::noise(2, 200, 100.0);
        let epochs = rec.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        let params = SpectrumParams::default();
        let spectra = epochs.spectrum(&params).unwrap();
        let cross = epochs.fourier(&params, Hz(0.0), Hz(50.0)).unwrap().cross_spectra(&[(1, 0)]).unwrap();
        for (power, psd) in cross.sums().auto().iter().zip(spectra.psd_uv2_hz()) {
            assert!((power / psd / 100.0 - 1.0).abs() < 1e-12);
        }
    }

    #[cfg(feature = "parallel")]
    #[test]
    fn the_same_bytes_for_any_number_of_threads() {
        let with = |threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| fourier().cross_spectra(&[(1, 0), (2, 0), (2, 1)]).unwrap())
        };
        assert_eq!(with(1), with(4));
    }
}
