//! What a marker must have, checked in one place before it is computed.

use crate::{Error, Result};
use dosewave_eeg::{Band, Hz, Seconds};
use dosewave_numerics::spectral::{MainsMask, band_bins};
use ndarray::ArrayView1;
use serde::Serialize;

/// Share of a recorded low-pass that a band may reach: above it the filter's roll-off shapes the spectrum.
const LOW_PASS_SHARE: f64 = 0.8;

/// What a marker must have; checked before it is computed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Needs {
    /// Lowest sampling frequency.
    pub min_sfreq: Hz,
    /// Least clean time.
    pub min_duration: Seconds,
    /// Least number of clean epochs.
    pub min_epochs: usize,
    /// Least number of EEG channels.
    pub min_channels: usize,
    /// Highest frequency it looks at; must stay under 0.8 × a recorded low-pass and under Nyquist.
    pub max_freq: Hz,
    /// The band that [`Self::max_freq`] ends, for messages.
    pub band: Band,
}

impl Needs {
    /// One channel, one epoch, 2 s of clean time, and a rate that carries `band`.
    #[must_use]
    pub fn of_band(band: Band) -> Self {
        Self {
            min_sfreq: Hz(2.0 * band.high().0),
            min_duration: Seconds(2.0),
            min_epochs: 1,
            min_channels: 1,
            max_freq: band.high(),
            band,
        }
    }

    /// The same, with the rate that power and coupling above 30 Hz ask for: 250 Hz for bands that end at up to 50 Hz, 400 Hz
    /// up to 100 Hz, above 3.5 × the end in steps of 50 Hz (600 Hz for 100–170 Hz), so that an unrecorded anti-alias filter
    /// stays clear of the band. These rates are our own judgement.
    #[must_use]
    pub fn of_fast_band(band: Band) -> Self {
        let rate = match band.high().0 {
            high if high <= 30.0 => 2.0 * high,
            high if high <= 50.0 => 250.0,
            high if high <= 100.0 => 400.0,
            high => 50.0 * (3.5 * high / 50.0).ceil(),
        };
        Self { min_sfreq: Hz(rate), ..Self::of_band(band) }
    }
}

/// What a segment, or a recording that is still to be read, has to offer.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Available {
    /// Sampling frequency.
    pub sfreq: Hz,
    /// Lowest low-pass that the recording reports.
    pub low_pass: Option<Hz>,
    /// Clean time: epochs × length.
    pub duration: Seconds,
    /// EEG channels.
    pub n_channels: usize,
    /// Clean epochs.
    pub n_epochs: usize,
}

/// Why a marker cannot be computed: what is asked, what there is, what would help; `None` where it can.
///
/// ```
/// use dosewave_eeg::{Band, Hz, Seconds};
/// use dosewave_markers::{Available, Needs, check_needs};
/// let amplifier = Available {
///     sfreq: Hz(500.0), low_pass: Some(Hz(70.0)), duration: Seconds(180.0), n_channels: 32, n_epochs: 90,
/// };
/// assert_eq!(check_needs(&Needs::of_band(Band::LOW_GAMMA), &amplifier), None);
/// let reason = check_needs(&Needs::of_band(Band::HIGH_GAMMA), &amplifier).unwrap();
/// assert!(reason.contains("55–90 Hz") && reason.contains("56 Hz"));
/// ```
#[must_use]
pub fn check_needs(needs: &Needs, available: &Available) -> Option<String> {
    frequency_problem(needs, available).or_else(|| amount_problem(needs, available))
}

/// The bins of `band` outside the mains, at least `need` of them, or the reason why `marker` is missing.
pub(crate) fn bins_of(
    freqs_hz: ArrayView1<'_, f64>,
    band: Band,
    mains: &MainsMask,
    need: usize,
    marker: &str,
) -> Result<Vec<usize>> {
    // the only error of band_bins is that there are none
    let bins = band_bins(freqs_hz, band.low().0, band.high().0, mains).unwrap_or_default();
    if bins.len() >= need {
        return Ok(bins);
    }
    let what = format!(
        "{} frequency bin(s) of {band} outside the mains, at least {need} needed; widen the band or use longer epochs",
        bins.len()
    );
    Err(Error::Needs { marker: marker.to_owned(), what })
}

fn frequency_problem(needs: &Needs, available: &Available) -> Option<String> {
    let (band, sfreq) = (needs.band, available.sfreq);
    let nyquist = sfreq.0 / 2.0;
    if needs.max_freq.0 > nyquist {
        return Some(format!(
            "band {band} reaches above {nyquist} Hz, half the sampling frequency of {sfreq}; choose a band below it or a \
             recording with a higher rate"
        ));
    }
    if let Some(low_pass) = available.low_pass {
        let limit = LOW_PASS_SHARE * low_pass.0;
        // a hair of slack, so that a band that ends on the limit passes
        if needs.max_freq.0 > limit * (1.0 + 1e-9) {
            return Some(format!(
                "band {band} reaches above {} Hz, 0.8 × the recorded low-pass of {low_pass}; choose a band below it or \
                 record with a higher low-pass",
                (limit * 1e6).round() / 1e6
            ));
        }
    }
    (sfreq.0 < needs.min_sfreq.0).then(|| {
        format!(
            "band {band} needs a sampling frequency of at least {}, and the recording has {sfreq}; choose a lower band or a \
             recording with a higher rate",
            needs.min_sfreq
        )
    })
}

fn amount_problem(needs: &Needs, available: &Available) -> Option<String> {
    if available.n_channels < needs.min_channels {
        return Some(format!(
            "{} EEG channel(s), at least {} needed; check the channel types",
            available.n_channels, needs.min_channels
        ));
    }
    // half a millisecond of slack: epochs × length is a sum of rounded lengths
    if available.duration.0 + 5e-4 < needs.min_duration.0 {
        return Some(format!(
            "{:.3} s of clean EEG, at least {} s needed; widen the window or relax the rejection of epochs",
            available.duration.0, needs.min_duration.0
        ));
    }
    (available.n_epochs < needs.min_epochs).then(|| {
        format!(
            "{} clean epochs, at least {} needed; widen the window, shorten the epochs or relax their rejection",
            available.n_epochs, needs.min_epochs
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn available(sfreq: f64, low_pass: Option<f64>) -> Available {
        Available {
            sfreq: Hz(sfreq),
            low_pass: low_pass.map(Hz),
            duration: Seconds(20.0),
            n_channels: 2,
            n_epochs: 10,
        }
    }

    #[test]
    fn a_band_above_nyquist_is_refused_with_band_limit_and_remedy() {
        let reason = check_needs(&Needs::of_band(Band::HIGH_GAMMA), &available(128.0, None)).unwrap();
        for part in ["55–90 Hz", "64 Hz", "128 Hz", "choose a band below"] {
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn a_band_may_end_exactly_at_eighty_percent_of_the_low_pass() {
        let needs = Needs::of_band(Band::LOW_GAMMA);
        assert_eq!(check_needs(&needs, &available(500.0, Some(56.25))), None);
        let reason = check_needs(&needs, &available(500.0, Some(56.0))).unwrap();
        for part in ["30–45 Hz", "44.8 Hz", "56 Hz", "higher low-pass"] {
            assert!(reason.contains(part), "{reason}");
        }
    }

    #[test]
    fn fast_bands_ask_for_a_margin_of_rate() {
        let rate =
            |low: f64, high: f64| Needs::of_fast_band(Band::new(Hz(low), Hz(high)).unwrap()).min_sfreq.0;
        assert_eq!(
            [rate(8.0, 13.0), rate(30.0, 45.0), rate(55.0, 90.0), rate(100.0, 170.0)],
            [26.0, 250.0, 400.0, 600.0]
        );
        assert!(
            check_needs(&Needs::of_fast_band(Band::LOW_GAMMA), &available(200.0, None))
                .unwrap()
                .contains("250 Hz")
        );
    }

    #[test]
    fn too_few_channels_epochs_or_seconds_are_named() {
        let ask = |min_channels, min_epochs, seconds| Needs {
            min_channels,
            min_epochs,
            min_duration: Seconds(seconds),
            ..Needs::of_band(Band::ALPHA)
        };
        let reason = |needs: Needs| check_needs(&needs, &available(500.0, None)).unwrap();
        assert!(reason(ask(3, 1, 1.0)).contains("2 EEG channel(s), at least 3"));
        assert!(reason(ask(1, 11, 1.0)).contains("10 clean epochs, at least 11"));
        assert!(reason(ask(1, 1, 21.0)).contains("20.000 s of clean EEG, at least 21 s"));
    }
}
