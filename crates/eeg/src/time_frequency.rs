//! Power, phase locking and band envelopes over time.

mod envelope;
mod value;

use crate::{Channels, Epochs, Hz, Result, parallel};
use dosewave_numerics::time_frequency::Tfr;
pub use dosewave_numerics::time_frequency::{BaselineMode, TfrMethod, TfrParams};
pub use envelope::BandEnvelope;
use ndarray::{Array1, Array3, ArrayView3, Axis};
use std::ops::Range;
pub use value::TfrValue;

/// Averages over epochs of power and phase over time and frequency, `[channel, freq, time]`. Time 0 is the first sample of
/// an epoch.
#[derive(Clone, Debug, PartialEq)]
pub struct TimeFrequency {
    channels: Channels,
    sfreq: Hz,
    freqs_hz: Array1<f64>,
    times_s: Array1<f64>,
    power_uv2: Array3<f64>,
    itpc: Array3<f64>,
    ppc: Option<Array3<f64>>,
    evoked_power_uv2: Array3<f64>,
    valid: Vec<Range<usize>>,
    n_epochs: usize,
}

impl Epochs {
    /// Average power, phase locking and evoked power over time and frequency (Morlet wavelets or multitaper), equal to
    /// MNE's `tfr_array_morlet` and `tfr_array_multitaper`. Memory does not grow with the epochs.
    ///
    /// Values within half a wavelet of an epoch's end are made of zeros in part; [`TimeFrequency::valid`] says which are
    /// not. ITPC depends on the number of epochs: compare conditions with as many of each, or by PPC.
    ///
    /// # Errors
    /// [`crate::Error::NothingLeft`] without an epoch, [`crate::Error::Kernel`] for wavelets longer than an epoch (the
    /// text says what would fit), frequencies outside (0, sfreq/2) or other settings that make no wavelet.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, Seconds, TfrParams, Windows};
    /// let sine = |t: usize| 5.0 * (2.0 * std::f64::consts::PI * 40.0 * t as f64 / 500.0).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 5000), |(_, t)| sine(t));
    /// let recording = Recording::new(data_uv, Hz(500.0), &["FCz"]).unwrap();
    /// let epochs = recording.epochs(&Windows::fixed(Seconds(1.0))).unwrap();
    /// let tfr = epochs.time_frequency(&TfrParams::morlet(&[20.0, 40.0, 60.0], &[7.0])).unwrap();
    /// // the tone of 40 Hz starts each epoch with the same phase
    /// assert!((tfr.itpc()[[0, 1, 250]] - 1.0).abs() < 1e-9);
    /// assert!(tfr.power_uv2()[[0, 1, 250]] > 100.0 * tfr.power_uv2()[[0, 2, 250]]);
    /// ```
    pub fn time_frequency(&self, params: &TfrParams) -> Result<TimeFrequency> {
        self.check_not_empty("time_frequency")?;
        averaged(self.data_uv(), self.channels().clone(), self.sfreq(), params)
    }
}

/// The averages over epochs `[epoch, channel, time]` of finite samples.
pub(crate) fn averaged(
    data_uv: ArrayView3<'_, f64>,
    channels: Channels,
    sfreq: Hz,
    params: &TfrParams,
) -> Result<TimeFrequency> {
    let (n_epochs, n_channels, n_times) = data_uv.dim();
    let tfr = Tfr::new(n_times, sfreq.0, params)?;
    let dim = (n_channels, tfr.n_freqs(), tfr.n_out());
    let [mut power_uv2, mut itpc, mut evoked_power_uv2, mut ppc] = [(); 4].map(|()| Array3::zeros(dim));
    let mut of_channels: Vec<_> = power_uv2
        .outer_iter_mut()
        .zip(itpc.outer_iter_mut())
        .zip(evoked_power_uv2.outer_iter_mut())
        .zip(ppc.outer_iter_mut())
        .collect();
    // maps are written where they are made: their pages are new, and the first to touch them pays for them
    parallel::try_items(&mut of_channels, |channel, (((power, itpc), evoked), ppc)| {
        let average = tfr.average(data_uv.index_axis(Axis(1), channel))?;
        power.assign(&average.power);
        itpc.assign(&average.itpc);
        evoked.assign(&average.evoked_power);
        if let Some(found) = &average.ppc {
            ppc.assign(found);
        }
        Ok(())
    })?;
    let step = params.decim as f64 / sfreq.0;
    Ok(TimeFrequency {
        channels,
        sfreq,
        freqs_hz: Array1::from(params.freqs_hz.clone()),
        times_s: Array1::from_shape_fn(tfr.n_out(), |k| k as f64 * step),
        power_uv2,
        itpc,
        ppc: (n_epochs > 1).then_some(ppc),
        evoked_power_uv2,
        valid: tfr.valid().to_vec(),
        n_epochs,
    })
}

impl TimeFrequency {
    /// Channels.
    #[must_use]
    pub fn channels(&self) -> &Channels {
        &self.channels
    }

    /// Sampling frequency of the epochs, before decimation.
    #[must_use]
    pub fn sfreq(&self) -> Hz {
        self.sfreq
    }

    /// Frequencies, Hz.
    #[must_use]
    pub fn freqs_hz(&self) -> &Array1<f64> {
        &self.freqs_hz
    }

    /// Times from the first sample of an epoch, s.
    #[must_use]
    pub fn times_s(&self) -> &Array1<f64> {
        &self.times_s
    }

    /// Mean over epochs of the power, µV² (× samples: the wavelets have an energy of 2, as MNE's).
    #[must_use]
    pub fn power_uv2(&self) -> ArrayView3<'_, f64> {
        self.power_uv2.view()
    }

    /// Inter-trial phase coherence, 0 to 1; of N epochs without phase locking √(π/4N) is expected.
    #[must_use]
    pub fn itpc(&self) -> ArrayView3<'_, f64> {
        self.itpc.view()
    }

    /// Pairwise phase consistency `(N·ITPC² − 1)/(N − 1)`: 0 is expected without phase locking, for any N. `None` of one
    /// epoch.
    #[must_use]
    pub fn ppc(&self) -> Option<ArrayView3<'_, f64>> {
        self.ppc.as_ref().map(|ppc| ppc.view())
    }

    /// Power of the mean over epochs, µV² × samples.
    #[must_use]
    pub fn evoked_power_uv2(&self) -> ArrayView3<'_, f64> {
        self.evoked_power_uv2.view()
    }

    /// Power that is not phase-locked: `power_uv2 − evoked_power_uv2`.
    #[must_use]
    pub fn induced_power_uv2(&self) -> Array3<f64> {
        &self.power_uv2 - &self.evoked_power_uv2
    }

    /// Power, inter-trial coherence, evoked power, and consistency of pairs where there are two epochs, without a copy.
    #[must_use]
    pub fn into_maps(self) -> (Array3<f64>, Array3<f64>, Array3<f64>, Option<Array3<f64>>) {
        (self.power_uv2, self.itpc, self.evoked_power_uv2, self.ppc)
    }

    /// Samples per frequency that no end of an epoch has a part in: half a wavelet inside.
    #[must_use]
    pub fn valid(&self) -> &[Range<usize>] {
        &self.valid
    }

    /// Number of epochs averaged.
    #[must_use]
    pub fn n_epochs(&self) -> usize {
        self.n_epochs
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Seconds, Windows};
    use ndarray::s;

    fn epochs() -> Epochs {
        noise(3, 4000, 200.0).epochs(&Windows::fixed(Seconds(2.0))).unwrap()
    }

    fn params() -> TfrParams {
        TfrParams { decim: 4, ..TfrParams::morlet(&[6.0, 20.0], &[4.0, 7.0]) }
    }

    #[test]
    fn a_channel_alone_gives_what_it_gives_among_others() {
        let all = epochs().time_frequency(&params()).unwrap();
        assert_eq!(all.power_uv2().dim(), (3, 2, 100));
        assert_eq!((all.times_s()[99], all.n_epochs()), (1.98, 10));
        for channel in 0..3 {
            let data = epochs().data_uv().slice(s![.., channel..=channel, ..]).to_owned();
            let channels = [epochs().channels()[channel].clone()].into();
            let alone = Epochs::new(channels, Hz(200.0), data, epochs().onsets().to_vec()).unwrap();
            let alone = alone.time_frequency(&params()).unwrap();
            assert_eq!(
                alone.power_uv2().index_axis(Axis(0), 0),
                all.power_uv2().index_axis(Axis(0), channel)
            );
            assert_eq!(alone.itpc().index_axis(Axis(0), 0), all.itpc().index_axis(Axis(0), channel));
            assert_eq!(alone.ppc().unwrap()[[0, 1, 50]], all.ppc().unwrap()[[channel, 1, 50]]);
        }
        let sum = all.induced_power_uv2() + all.evoked_power_uv2();
        assert!(sum.iter().zip(all.power_uv2()).all(|(a, b)| (a - b).abs() <= 1e-12 * b));
    }

    #[test]
    fn one_epoch_has_no_ppc_and_none_gives_nothing() {
        let one = epochs().select(&[2]).unwrap().time_frequency(&params()).unwrap();
        assert!(one.ppc().is_none() && one.itpc().iter().all(|v| (v - 1.0).abs() < 1e-12));
        let none = epochs().select(&[]).unwrap().time_frequency(&params());
        assert!(matches!(none, Err(crate::Error::NothingLeft { .. })));
        let long = epochs().time_frequency(&TfrParams::morlet(&[2.0], &[7.0])).unwrap_err().to_string();
        assert!(long.contains("Hz or more with 7 cycles"), "{long}");
    }
}
