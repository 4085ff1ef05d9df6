//! Connectivity values per pair and frequency.

use crate::{Band, Channels, Result};
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

    /// Values `[pair, freq]`.
    #[must_use]
    pub fn values(&self) -> &Array2<f64> {
        &self.values
    }

    /// Mean over the bins of a band that the mask keeps and where the measure is defined, per pair; `None` where it is
    /// defined at no bin.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] when no bin lies in the band.
    pub fn band_mean(&self, band: Band, mains: &MainsMask) -> Result<Vec<Option<f64>>> {
        let bins = band_bins(self.freqs_hz.view(), band.low().0, band.high().0, mains)?;
        let mean = |row: ndarray::ArrayView1<'_, f64>| {
            let defined: Vec<f64> = bins.iter().map(|k| row[*k]).filter(|v| v.is_finite()).collect();
            (!defined.is_empty()).then(|| defined.iter().sum::<f64>() / defined.len() as f64)
        };
        Ok(self.values.outer_iter().map(mean).collect())
    }
}
