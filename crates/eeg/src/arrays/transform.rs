//! Epochs into coefficients, some at a time.

use super::connectivity::{Coefficients, check_bands};
use crate::{Error, Result, parallel};
use dosewave_numerics::first_not_finite;
use dosewave_numerics::phase::SplitEpoch;
use dosewave_numerics::spectral::{Multitaper, MultitaperScratch};
use dosewave_numerics::time_frequency::{Tfr, TfrParams};
use ndarray::{Array1, ArrayView2, ArrayView3, Axis};

/// Bytes of coefficients that are in memory at a time, if that is more than a few epochs: what the caches hold, and little
/// enough that its pages cost nothing.
const BYTES_AT_ONCE: usize = 2 << 20;

/// A planned transform of epochs, and the frequencies that it gives.
pub(super) struct EpochTransform {
    method: Method,
    /// Frequencies that lie in any of the bands.
    freqs_hz: Array1<f64>,
    n_times: usize,
    weights: Vec<f64>,
}

enum Method {
    /// With the bins that are kept, ascending.
    Tapers(Multitaper, Vec<usize>),
    Wavelets(Tfr),
}

impl EpochTransform {
    /// A plan that computes the frequencies in `bands` and as few others as it can.
    pub(super) fn new(mode: &Coefficients, n_times: usize, sfreq: f64, bands: &[(f64, f64)]) -> Result<Self> {
        let multitaper = match mode {
            Coefficients::Tapers(mode) => mode.estimator(n_times, sfreq)?,
            Coefficients::CwtMorlet { freqs_hz, n_cycles } => {
                return Self::wavelets(freqs_hz, n_cycles, n_times, sfreq, bands);
            }
            Coefficients::Hilbert { .. } => {
                let allowed = "multitaper, fourier, cwt_morlet: an analytic signal has no frequencies".into();
                return Err(Error::Invalid { parameter: "mode", value: "hilbert".into(), allowed });
            }
        };
        let freqs = multitaper.freqs_hz();
        check_bands(&freqs, bands)?;
        let bins: Vec<usize> = (0..freqs.len()).filter(|k| wanted(&freqs[*k], bands)).collect();
        let weights = multitaper.tapers().eigenvalues.mapv(f64::sqrt).to_vec();
        let freqs_hz = bins.iter().map(|k| freqs[*k]).collect();
        Ok(Self { method: Method::Tapers(multitaper, bins), freqs_hz, n_times: 1, weights })
    }

    fn wavelets(
        freqs_hz: &[f64],
        n_cycles: &[f64],
        n_times: usize,
        sfreq: f64,
        bands: &[(f64, f64)],
    ) -> Result<Self> {
        check_bands(&Array1::from(freqs_hz.to_vec()), bands)?;
        let wanted = |f: &f64| wanted(f, bands);
        let kept = freqs_hz.iter().enumerate().filter(|(_, f)| wanted(f));
        // a wrong number of cycles is left for the transform to refuse
        let cycles_of = |k: usize| if n_cycles.len() == freqs_hz.len() { Some(n_cycles[k]) } else { None };
        let (freqs, cycles): (Vec<f64>, Vec<Option<f64>>) = kept.map(|(k, f)| (*f, cycles_of(k))).unzip();
        let cycles: Option<Vec<f64>> = cycles.into_iter().collect();
        let params = TfrParams::morlet(&freqs, cycles.as_deref().unwrap_or(n_cycles));
        let tfr = Tfr::new(n_times, sfreq, &params)?;
        Ok(Self { method: Method::Wavelets(tfr), freqs_hz: freqs.into(), n_times, weights: vec![1.0] })
    }

    /// Frequencies, Hz.
    pub(super) fn freqs_hz(&self) -> &Array1<f64> {
        &self.freqs_hz
    }

    /// Values of one frequency.
    pub(super) fn n_times(&self) -> usize {
        self.n_times
    }

    /// Values of one channel and taper.
    pub(super) fn n_values(&self) -> usize {
        self.freqs_hz.len() * self.n_times
    }

    /// Bytes of one epoch's coefficients.
    pub(super) fn bytes(&self, n_channels: usize) -> usize {
        (16 * n_channels * self.n_tapers() * self.n_values()).max(1)
    }

    pub(super) fn n_tapers(&self) -> usize {
        self.weights.len()
    }

    /// One epoch `[channel, time]`, which is called `index` where it has to be named.
    fn one(
        &self,
        epoch: ArrayView2<'_, f64>,
        index: usize,
        out: &mut SplitEpoch,
        scratch: &mut Option<MultitaperScratch>,
    ) -> Result<()> {
        match &self.method {
            Method::Tapers(multitaper, bins) => {
                let scratch = scratch.get_or_insert_with(|| multitaper.scratch());
                if !multitaper.split(epoch, None, &mut [(bins, out)], scratch)? {
                    check_finite(epoch, index)?;
                }
            }
            Method::Wavelets(tfr) => {
                check_finite(epoch, index)?;
                for (channel, x) in epoch.outer_iter().enumerate() {
                    let coefs = tfr.coefficients(x)?;
                    out.set_row(channel, 0, coefs.as_slice().unwrap_or_default())?;
                }
            }
        }
        Ok(())
    }
}

fn wanted(f: &f64, bands: &[(f64, f64)]) -> bool {
    bands.iter().any(|(low, high)| f >= low && f <= high)
}

/// Memory for the coefficients of some epochs, used over and over.
pub(super) struct Split<'a> {
    transform: &'a EpochTransform,
    epochs: Vec<SplitEpoch>,
}

impl<'a> Split<'a> {
    /// Room for `n_epochs`, or fewer where they would take much memory.
    pub(super) fn new(transform: &'a EpochTransform, n_channels: usize, n_epochs: usize) -> Self {
        let at_once = (BYTES_AT_ONCE / transform.bytes(n_channels)).clamp(8, 64).min(n_epochs);
        Self::exactly(transform, n_channels, at_once)
    }

    /// Room for `n_epochs`.
    pub(super) fn exactly(transform: &'a EpochTransform, n_channels: usize, n_epochs: usize) -> Self {
        let room = || SplitEpoch::zeros(n_channels, &transform.weights, transform.n_values());
        Self { transform, epochs: (0..n_epochs).map(|_| room()).collect() }
    }

    /// How many epochs there is room for.
    pub(super) fn at_once(&self) -> usize {
        self.epochs.len()
    }

    /// The coefficients of epochs `[epoch, channel, time]`, as many as there is room for at most; the first is called
    /// epoch `first` where one has to be named.
    ///
    /// # Errors
    /// NaN or infinity, named by epoch, channel and sample.
    pub(super) fn transform(&mut self, data: ArrayView3<'_, f64>, first: usize) -> Result<&[SplitEpoch]> {
        let (transform, n) = (self.transform, data.dim().0.min(self.epochs.len()));
        parallel::try_items_with(
            &mut self.epochs[..n],
            || None,
            |k, out, scratch| transform.one(data.index_axis(Axis(0), k), first + k, out, scratch),
        )?;
        Ok(&self.epochs[..n])
    }

    pub(super) fn into_epochs(self) -> Vec<SplitEpoch> {
        self.epochs
    }
}

/// NaN and infinity are named by epoch, channel and sample.
pub(super) fn check_finite(epoch: ArrayView2<'_, f64>, index: usize) -> Result<()> {
    for (channel, x) in epoch.outer_iter().enumerate() {
        if let Some(sample) = first_not_finite(x) {
            let channel = format!("ch{channel} in epoch {index}");
            return Err(Error::NotFinite { channel, sample, value: x[sample] });
        }
    }
    Ok(())
}
