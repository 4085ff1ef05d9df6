//! Net Granger causality from frontal to parietal.

use crate::gate::MUSCLE_FROM;
use crate::mean_spectrum::block_sums;
use crate::needs::bins_of;
use crate::{BandPreset, BlockStats, Change, Error, Marker, Needs, Result, Segment, Spec};
use dosewave_eeg::{Band, Channel, Epochs, Hz, Region, Seconds, SpectrumParams, Unit};
use dosewave_numerics::directed::{
    Autocovariances, CrossSums, GrangerSpectra, portmanteau, var_from_autocovariance, var_residuals,
};
use ndarray::{Array2, Array3, ArrayView1, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};
use std::f64::consts::PI;

const KIND: &str = "granger_net";
/// Lags of the autoregression, as mne-connectivity's; an epoch must hold many times more.
const MOST_LAGS: usize = 200;

/// Net Granger causality between the mean of the frontal and the mean of the parietal electrodes in a band, nats: positive
/// where the front leads.
///
/// ```math
/// N = (F_{f \to p} - F_{p \to f}) - (\tilde F_{f \to p} - \tilde F_{p \to f}), \quad
/// F_{s \to t}(\omega) = \ln \frac{|S_{tt}|}{|S_{tt} - H_{ts} \Sigma_{ss|t} H_{ts}^*|}
/// ```
///
/// `~` is of the signals reversed in time, which turns a true influence round and leaves what mixing makes. From the
/// multitaper cross-spectra of the drawn epochs at all frequencies, by a vector autoregression of `n_lags` lags in
/// state-space form; a band's value is the mean over its bins (mains left out). A change is `post − baseline`.
///
/// Two means hide what differs within a region, and the reference takes part in both. It needs stationary epochs; where
/// residuals of the model over all epochs are far from white, a note says so. Not in the default set: `[markers.granger_net]`
/// asks for it. Winkler et al. 2016, <https://doi.org/10.1109/TSP.2016.2531628>; Barnett & Seth 2015,
/// <https://doi.org/10.1103/PhysRevE.91.040101>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GrangerNet {
    /// The band, `[low, high)` in Hz.
    pub band: Band,
    /// Lags of the autoregression, 1 to 200.
    pub n_lags: usize,
}

impl Default for GrangerNet {
    fn default() -> Self {
        Self { band: Band::ALPHA, n_lags: 40 }
    }
}

impl Marker for GrangerNet {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Net Granger causality, frontal to parietal",
            description: "Granger causality from the mean of the frontal to the mean of the parietal electrodes less that back, and \
                          less the same of the signals reversed in time; mean over a band. Positive where the front leads.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: true,
            formula: r"N = (F_{f \to p} - F_{p \to f}) - (\tilde F_{f \to p} - \tilde F_{p \to f})",
            reference: "Winkler I, Panknin D, Bartz D, Muller K-R, Haufe S (2016). Validity of time reversal for testing Granger \
                        causality. IEEE Transactions on Signal Processing 64, 2746-2760",
            doi: "10.1109/TSP.2016.2531628",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        Vec::new()
    }

    fn check(&self) -> std::result::Result<(), String> {
        if (1..=MOST_LAGS).contains(&self.n_lags) {
            return Ok(());
        }
        Err(format!("n_lags = {}; it must be 1 to {MOST_LAGS}", self.n_lags))
    }

    fn needs(&self) -> Needs {
        Needs { min_channels: 2, min_duration: Seconds(30.0), ..Needs::of_fast_band(self.band) }
    }

    fn muscle_band(&self) -> Option<Band> {
        (self.band.high() > MUSCLE_FROM).then_some(self.band)
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let epochs = region_means(segment)?;
        if self.n_lags >= epochs.n_times() {
            let what = format!("{} lags, and epochs have {} samples; take longer ones", self.n_lags, epochs.n_times());
            return Err(Error::Needs { marker: KIND.to_owned(), what });
        }
        let params = match &segment.params().spectrum {
            multitaper @ SpectrumParams::Multitaper { .. } => multitaper.clone(),
            SpectrumParams::Welch { .. } => SpectrumParams::default(),
        };
        let fourier = epochs.fourier(&params, Hz(0.0), Hz(epochs.sfreq().0 / 2.0))?;
        let (freqs_hz, weights) = (fourier.freqs_hz().to_vec(), fourier.weights());
        let n_freqs = freqs_hz.len();
        let mut values = Array2::zeros((epochs.n_epochs(), 4 * n_freqs));
        for (coefs, mut row) in fourier.coefs().outer_iter().zip(values.outer_iter_mut()) {
            for (taper, weight) in weights.iter().enumerate() {
                for k in 0..n_freqs {
                    let (front, back) = (coefs[[0, taper, k]] * weight, coefs[[1, taper, k]] * weight);
                    let cross = front * back.conj();
                    row[k] += front.norm_sqr();
                    row[n_freqs + k] += back.norm_sqr();
                    row[2 * n_freqs + k] += cross.re;
                    row[3 * n_freqs + k] += cross.im;
                }
            }
        }
        let mut stats = BlockStats::of_head(segment, values);
        let freqs = ArrayView1::from(&freqs_hz);
        stats.bins = bins_of(freqs, self.band, &segment.params().mains, 1, KIND)?;
        stats.freqs_hz = freqs_hz;
        let note = self.whiteness_note(&epochs, &stats)?;
        stats.notes.extend(note);
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        stats.check_counts(counts)?;
        let (sums, _) = block_sums(stats.epoch_values()?.view(), &stats.block_of, stats.n_blocks);
        let drawn = counts.mapv(f64::from).dot(&sums.index_axis(Axis(1), 0));
        let mut values = Array2::from_elem((counts.nrows(), 1), f64::NAN);
        for (row, value) in drawn.outer_iter().zip(&mut values) {
            // undefined where a signal is silent
            *value = self.net(row.to_vec().as_slice(), stats).unwrap_or(f64::NAN);
        }
        Ok(values)
    }
}

impl GrangerNet {
    /// The band's mean of net causality from summed spectra `[front, back, Re, Im]`.
    fn net(&self, sums: &[f64], stats: &BlockStats) -> Result<f64> {
        let gamma = self.autocovariances(sums, stats)?;
        let period = 2 * (stats.freqs_hz.len() - 1);
        let omegas: Vec<f64> = stats.bins.iter().map(|k| 2.0 * PI * *k as f64 / period as f64).collect();
        let net = GrangerSpectra::new(gamma.view(), 1, &omegas)?.net();
        Ok(net.iter().sum::<f64>() / net.len() as f64)
    }

    fn autocovariances(&self, sums: &[f64], stats: &BlockStats) -> Result<Array3<f64>> {
        let n_freqs = stats.freqs_hz.len().max(1);
        let part = |k: usize| sums.get(k * n_freqs..(k + 1) * n_freqs).unwrap_or_default();
        let cross = CrossSums::of_two([part(0), part(1)], [part(2), part(3)])?;
        // epochs have an even number of samples here
        Ok(Autocovariances::new(&cross, 0..n_freqs, 2 * (n_freqs - 1), self.n_lags)?.of(&[0, 1])?)
    }

    /// What the model of all epochs leaves, where that is not white.
    fn whiteness_note(&self, epochs: &Epochs, stats: &BlockStats) -> Result<Option<String>> {
        let sums = stats.epoch_values()?.sum_axis(Axis(0));
        let Ok(gamma) = self.autocovariances(sums.iter().copied().collect::<Vec<f64>>().as_slice(), stats) else {
            return Ok(None);
        };
        let Ok(model) = var_from_autocovariance(gamma.view()) else { return Ok(None) };
        let residuals = var_residuals(&model, epochs.data_uv(), true)?;
        // fewer lags than this could not be told from the model's own
        let n_lags = (self.n_lags + 20).min(residuals.dim().2.saturating_sub(1));
        let Ok(found) = portmanteau(residuals.view(), self.n_lags, n_lags) else { return Ok(None) };
        let radius = model.spectral_radius()?;
        let text = format!(
            "residuals of the autoregression are not white up to lag {n_lags} (portmanteau p = {:.1e}, spectral radius {radius:.3}): \
             more lags, or a stretch that is more stationary",
            found.p
        );
        Ok((found.p < 0.01).then_some(text))
    }
}

/// The means of the frontal and of the parietal electrodes, with an even number of samples.
fn region_means(segment: &Segment) -> Result<Epochs> {
    let channels = segment.eeg_channels();
    let data_uv = segment.epochs().data_uv();
    let (n_epochs, _, n_times) = data_uv.dim();
    let n_times = n_times - n_times % 2;
    let regions = [Region::Frontal, Region::Parietal];
    let mut means = Array3::zeros((n_epochs, regions.len(), n_times));
    for (at, region) in regions.into_iter().enumerate() {
        let inside: Vec<usize> = (0..channels.len())
            .filter(|&i| Region::of(channels[i]) == Some(region))
            .map(|i| segment.eeg()[i])
            .collect();
        let mean = data_uv.select(Axis(1), &inside).mean_axis(Axis(1)).filter(|_| !inside.is_empty());
        let Some(mean) = mean else {
            let what = format!("no {} electrode; name the channels by the 10-05 system", region.name());
            return Err(Error::Needs { marker: KIND.to_owned(), what });
        };
        means.index_axis_mut(Axis(1), at).assign(&mean.slice(s![.., ..n_times]));
    }
    let names = regions.map(|region| Channel::from_name(region.name())).into();
    let onsets = segment.epochs().onsets().to_vec();
    Ok(Epochs::new(names, segment.epochs().sfreq(), means, onsets)?)
}
