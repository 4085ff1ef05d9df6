//! A vector autoregression of epochs.

use crate::{Channels, Epochs, Error, Hz, Result};
use dosewave_numerics::directed::{
    VarFit, VarMeasure, VarModel, VarParams, Whiteness, durbin_watson, fit_var, portmanteau,
    var_connectivity, var_residuals,
};
use ndarray::Array3;

/// A vector autoregression with labels, and what it leaves.
#[derive(Clone, Debug, PartialEq)]
pub struct EpochsVar {
    /// Channels.
    pub channels: Channels,
    /// Sampling frequency.
    pub sfreq: Hz,
    /// The model.
    pub model: VarModel,
    /// Number of predicted samples.
    pub n_samples: usize,
    /// Largest modulus of an eigenvalue; stable below 1.
    pub spectral_radius: f64,
    /// Durbin and Watson's statistic of each channel's residuals.
    pub durbin_watson: Vec<f64>,
    residuals: Array3<f64>,
}

impl Epochs {
    /// One vector autoregression of all channels over all epochs (see [`fit_var`]).
    ///
    /// # Errors
    /// [`Error::NothingLeft`] without an epoch; [`Error::Kernel`] as [`fit_var`].
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds, Windows};
    /// use dosewave_numerics::directed::{VarMeasure, VarModel, VarParams};
    /// use dosewave_numerics::stats::Stream;
    /// let truth = VarModel::new(ndarray::array![[[0.5, 0.0], [0.5, 0.3]]], ndarray::Array2::eye(2)).unwrap();
    /// let data_uv = truth.simulate(10_000, 100, &mut Stream::new(1, 0)).unwrap();
    /// let epochs = Recording::new(data_uv, Hz(100.0), &["Fz", "Pz"]).unwrap().epochs(&Windows::fixed(Seconds(2.0))).unwrap();
    /// let var = epochs.var(&VarParams { order: 1, ridge: 0.0, demean: true }).unwrap();
    /// assert!(var.spectral_radius < 1.0 && var.whiteness(10).unwrap().p > 0.01);
    /// let pdc = var.connectivity(VarMeasure::Pdc, &[10.0]).unwrap(); // [to, from, freq]
    /// assert!(pdc[[1, 0, 0]] > 5.0 * pdc[[0, 1, 0]]);
    /// ```
    pub fn var(&self, params: &VarParams) -> Result<EpochsVar> {
        self.check_not_empty("var")?;
        let VarFit { model, n_samples } = fit_var(self.data_uv(), params)?;
        let residuals = var_residuals(&model, self.data_uv(), params.demean)?;
        Ok(EpochsVar {
            channels: self.channels().clone(),
            sfreq: self.sfreq(),
            spectral_radius: model.spectral_radius()?,
            durbin_watson: durbin_watson(residuals.view()),
            model,
            n_samples,
            residuals,
        })
    }
}

impl EpochsVar {
    /// What the model leaves, `[epoch, channel, time − order]`.
    #[must_use]
    pub fn residuals(&self) -> &Array3<f64> {
        &self.residuals
    }

    /// Whether the residuals are white up to `n_lags` (see [`portmanteau`]).
    ///
    /// # Errors
    /// [`Error::Kernel`] as there.
    pub fn whiteness(&self, n_lags: usize) -> Result<Whiteness> {
        Ok(portmanteau(self.residuals.view(), self.model.order(), n_lags)?)
    }

    /// A measure `[to, from, freq]` at `freqs_hz`.
    ///
    /// # Errors
    /// [`Error::Invalid`] for a frequency above half the rate; [`Error::Kernel`] at a pole of the model.
    pub fn connectivity(&self, measure: VarMeasure, freqs_hz: &[f64]) -> Result<Array3<f64>> {
        let nyquist = self.sfreq.0 / 2.0;
        if let Some(freq) = freqs_hz.iter().find(|freq| !(0.0..=nyquist).contains(*freq)) {
            let allowed = format!("0 to {nyquist} Hz");
            return Err(Error::Invalid { parameter: "freqs", value: format!("{freq} Hz"), allowed });
        }
        Ok(var_connectivity(&self.model, measure, freqs_hz, self.sfreq.0)?)
    }
}

#[cfg(test)]
mod tests {
    use crate::testing::noise;
    use crate::{Seconds, Windows};
    use dosewave_numerics::directed::{VarMeasure, VarParams};

    #[test]
    fn noise_is_white_and_tells_nothing() {
        let epochs = noise(3, 6000, 100.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap();
        let var = epochs.var(&VarParams { order: 2, ridge: 0.0, demean: true }).unwrap();
        assert_eq!((var.n_samples, var.residuals().dim()), (30 * 198, (30, 3, 198)));
        assert!(var.spectral_radius < 0.3 && var.whiteness(8).unwrap().p > 0.01);
        let dtf = var.connectivity(VarMeasure::Dtf, &[5.0, 20.0]).unwrap();
        assert!(dtf.indexed_iter().all(|((to, from, _), v)| if to == from { *v > 0.95 } else { *v < 0.1 }));
        assert!(var.connectivity(VarMeasure::Dtf, &[51.0]).is_err());
        assert!(var.whiteness(2).is_err());
    }
}
