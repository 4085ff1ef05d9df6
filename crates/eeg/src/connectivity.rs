//! Connectivity values per pair and frequency.

use crate::{Band, Channels, Error, Result};
use dosewave_numerics::phase::Measure;
use dosewave_numerics::spectral::{MainsMask, band_bins};
use ndarray::{Array1, Array2};

/// One value per pair and frequency, NaN where the measure is undefined (a silent channel); [`Self::band_mean`] turns
/// those into missing values.
#[derive(Clone, Debug, PartialEq)]
pub struct Connectivity {
    pub(crate) channels: Channels,
    pub(crate) pairs: Vec<(usize, usize)>,
    pub(crate) freqs_hz: Array1<f64>,
    pub(crate) measure: Measure,
    pub(crate) values: Array2<f64>,
}

impl Connectivity {
    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Pairs of channel indices.
    #[must_use]
    pub fn pairs(&self) -> &[(usize, usize)] {
        &self.pairs
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> &Array1<f64> {
        &self.freqs_hz
    }

    /// The measure.
    #[must_use]
    pub fn measure(&self) -> Measure {
        self.measure
    }

    /// Values `[pair, freq]`, NaN where undefined; [`Self::value`] and [`Self::band_mean`] have `None` there.
    #[must_use]
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }

    /// The value of a pair at a frequency bin; `None` where the measure is undefined (a silent channel, too few epochs)
    /// or there is no such pair or bin.
    #[must_use]
    pub fn value(&self, pair: usize, bin: usize) -> Option<f64> {
        self.values.get((pair, bin)).copied().filter(|value| value.is_finite())
    }

    /// Mean over the bins of a band that the mask keeps and where the measure is defined, per pair (mne-connectivity's
    /// `faverage`); `None` where it is defined at no bin.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a band that reaches beyond the frequencies that were computed, [`Error::NothingLeft`] when
    /// it holds no bin outside the mains.
    ///
    /// ```
    /// use dosewave_eeg::{Band, Hz, Recording, Seconds, SpectrumParams, Windows};
    /// use dosewave_numerics::{phase::Measure, spectral::MainsMask};
    /// // the second channel is twice the first: coherent, and nothing imaginary
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 2000), |(c, t)| (c + 1) as f64 * ((t * t) % 97) as f64);
    /// let recording = Recording::new(data_uv, Hz(200.0), &["C3", "C4"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let fourier = epochs.fourier(&SpectrumParams::default(), Hz(8.0), Hz(13.0)).unwrap();
    /// let coh = fourier.cross_spectra(&[(1, 0)]).unwrap().connectivity(Measure::Coh);
    /// let alpha = coh.band_mean(Band::ALPHA, &MainsMask::NONE).unwrap();
    /// assert!((alpha[0].unwrap() - 1.0).abs() < 1e-12);
    /// ```
    pub fn band_mean(&self, band: Band, mains: &MainsMask) -> Result<Vec<Option<f64>>> {
        self.check_covered(band)?;
        let bins = band_bins(self.freqs_hz.view(), band.low().0, band.high().0, mains).map_err(|_| {
            Error::NothingLeft {
                step: "band_mean",
                hint: format!(
                    "no frequency bin of {band} outside the mains; widen the band or use longer epochs"
                ),
            }
        })?;
        let mean = |pair: usize| {
            let defined: Vec<f64> = bins.iter().filter_map(|&bin| self.value(pair, bin)).collect();
            (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
        };
        Ok((0..self.pairs.len()).map(mean).collect())
    }

    /// Refuses a band of which some bins were not computed: a mean over the rest would bear the band's name wrongly.
    fn check_covered(&self, band: Band) -> Result<()> {
        let (Some(&first), Some(&last)) = (self.freqs_hz.first(), self.freqs_hz.last()) else {
            return Ok(());
        };
        let step = self.freqs_hz.get(1).map_or(f64::INFINITY, |second| second - first);
        let below = first - step > -1e-9 && band.low().0 <= first - step + 1e-9;
        let above = band.high().0 > last + step + 1e-9;
        if !below && !above {
            return Ok(());
        }
        Err(Error::Invalid {
            parameter: "band",
            value: band.to_string(),
            allowed: format!("within the frequencies that were computed, {first} to {last} Hz"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Channel, Hz};
    use ndarray::array;

    /// Two pairs at 28, 30 … 48 Hz; the first pair's value is the frequency, the second has none at 30 and 32 Hz.
    fn connectivity() -> Connectivity {
        let freqs_hz = Array1::from_iter((0..11).map(|k| 28.0 + 2.0 * f64::from(k)));
        let mut values = ndarray::stack![ndarray::Axis(0), freqs_hz, freqs_hz];
        values[[1, 1]] = f64::NAN;
        values[[1, 2]] = f64::NAN;
        let channels = ["Fz", "Cz", "Pz"].map(Channel::from_name).into();
        Connectivity { channels, pairs: vec![(1, 0), (2, 0)], freqs_hz, measure: Measure::Coh, values }
    }

    fn mean(low: f64, high: f64, mains: &MainsMask) -> Result<Vec<Option<f64>>> {
        connectivity().band_mean(Band::new(Hz(low), Hz(high)).unwrap(), mains)
    }

    #[test]
    fn means_are_over_the_bins_that_are_kept_and_defined() {
        let mains = MainsMask { line_hz: Some(37.0), half_width_hz: 1.5 };
        // 30 32 34 | 36 38 are the mains' | 40 42 44
        assert_eq!(mean(30.0, 46.0, &mains).unwrap(), [Some(37.0), Some((34.0 + 40.0 + 42.0 + 44.0) / 4.0)]);
        assert_eq!(mean(30.0, 33.0, &MainsMask::NONE).unwrap(), [Some(31.0), None]);
        assert_eq!((connectivity().value(1, 1), connectivity().value(0, 1)), (None, Some(30.0)));
        assert_eq!(connectivity().value(2, 0), None);
    }

    #[test]
    fn a_band_that_was_computed_in_part_is_refused() {
        for (low, high) in [(26.0, 40.0), (8.0, 13.0), (30.0, 55.0), (60.0, 90.0)] {
            assert!(matches!(mean(low, high, &MainsMask::NONE), Err(Error::Invalid { .. })), "{low}–{high}");
        }
        for (low, high) in [(27.0, 50.0), (28.0, 48.0)] {
            assert!(mean(low, high, &MainsMask::NONE).is_ok(), "{low}–{high}");
        }
        let error = mean(33.0, 34.0, &MainsMask::NONE).unwrap_err().to_string();
        assert!(error.contains("no frequency bin of 33–34 Hz"), "{error}");
    }

    #[test]
    fn one_bin_is_its_own_mean() {
        let one = Connectivity {
            pairs: vec![(1, 0)],
            freqs_hz: array![10.0],
            values: array![[0.25]],
            ..connectivity()
        };
        assert_eq!(one.band_mean(Band::ALPHA, &MainsMask::NONE).unwrap(), [Some(0.25)]);
    }
}
