//! The individual alpha frequency.

use crate::aggregate::{arithmetic_mean, site_values};
use crate::aperiodic::{Fit, check_range, line};
use crate::{
    BandPreset, BlockStats, Change, Error, Marker, Needs, Result, Segment, Spec, fine_spectrum, mean_spectrum, plain_counts,
};
use dosewave_eeg::{Band, Hz, Unit};
use dosewave_numerics::spectral::highest_peak;
use ndarray::{Array2, ArrayView1, ArrayView2};
use serde::{Deserialize, Serialize};

const KIND: &str = "alpha_frequency";
/// Fewer epochs give a spectrum that is too rough. Our own judgement.
const MIN_EPOCHS: usize = 10;
/// A line through fewer bins says nothing.
const MIN_BINS: usize = 10;
/// Bins up to this far from the highest one shape the parabola through it, Hz.
const PARABOLA_HZ: f64 = 1.0;

/// Which frequency of the alpha peak is meant.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AlphaMethod {
    /// Centre of gravity of the power above the 1/f line.
    #[default]
    CentreOfGravity,
    /// The highest peak above the 1/f line.
    Peak,
}

/// Individual alpha frequency, Hz: centre of gravity (`iaf_cog`) or highest peak (`iaf_peak`) of what rises above the 1/f line
/// between 7 and 13 Hz.
///
/// ```math
/// f_\alpha = \frac{\int f\,(\bar S(f) - L(f))_+\, df}{\int (\bar S(f) - L(f))_+\, df}, \qquad
/// f_\alpha = \arg\max_f\, 10\log_{10} \frac{\bar S(f)}{L(f)}
/// ```
///
/// `S̄` is the mean over epochs of spectra of its own, one Hann window per epoch (bins of 0.5 Hz for 2 s), since tapers of
/// 4 Hz bandwidth flatten a peak; `L` is the robust power law through 2–40 Hz. The peak is the vertex of the parabola, fitted
/// by least squares within 1 Hz of a bin, that is highest in dB above `L`. Where no peak of at least `min_height_db` lies in the
/// band the value is missing, by either method, and a note names the channels. Regions and `global` are arithmetic means over
/// the channels that have a peak. A change is `post − baseline` in Hz. A single epoch has no such value.
///
/// The two are not the same frequency. A rhythm at 8 Hz with a standard deviation of 1 Hz has its centre of gravity at 8.29
/// Hz, since the band cuts its lower flank, and rises highest above a 1/f background at 8.15 Hz, since that falls. In 60
/// simulated epochs of 2 s with peaks of 7 dB a channel's error against these is up to 0.20 Hz (RMS) for the peak and 0.13 Hz
/// for the centre of gravity, and the mean over channels is within 0.08 Hz. Muscle, flat below 20 Hz, makes no peak there and
/// moves the value by less than 0.03 Hz when it is as strong as the brain at 40 Hz: no gate evidence is asked.
///
/// Both are as in Corcoran et al. 2018, <https://doi.org/10.1111/psyp.13064>, in idea; line, parabola and height are our own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct AlphaFrequency {
    /// `centre_of_gravity` or `peak`.
    pub method: AlphaMethod,
    /// Where the peak may lie, both ends included, Hz.
    pub band: Band,
    /// Range of the 1/f line, both ends included, Hz.
    pub range: Band,
    /// Least height above the line, dB. Our own judgement: in 60 epochs of 2 s of 1/f noise without alpha one channel in ten
    /// has a hill of 1 dB, fewer than one in fifty one of 1.5 dB; in 30 epochs one in six.
    pub min_height_db: f64,
}

impl Default for AlphaFrequency {
    fn default() -> Self {
        let band = |low, high| Band::new(Hz(low), Hz(high)).unwrap_or(Band::ALPHA);
        Self {
            method: AlphaMethod::CentreOfGravity,
            band: band(7.0, 13.0),
            range: band(2.0, 40.0),
            min_height_db: 1.5,
        }
    }
}

impl Marker for AlphaFrequency {
    fn spec() -> Spec {
        Spec {
            kind: KIND,
            label: "Individual alpha frequency",
            description: "Centre of gravity, or highest peak, of the power that rises above the 1/f line at 7-13 Hz, in the mean \
                          spectrum over epochs; arithmetic mean over the channels of a region and of the whole head that have a \
                          peak. Missing where no peak rises 1.5 dB above the line.",
            unit: Unit::Hertz,
            change: Change::Difference,
            contaminable: false,
            formula: r"f_\alpha = \frac{\int f\,(\bar S(f) - L(f))_+\, df}{\int (\bar S(f) - L(f))_+\, df}",
            reference: "Corcoran AW et al. (2018). Toward a reliable, automated method of individual alpha frequency (IAF) \
                        quantification. Psychophysiology 55, e13064",
            doi: "10.1111/psyp.13064",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        [("iaf_cog", AlphaMethod::CentreOfGravity), ("iaf_peak", AlphaMethod::Peak)]
            .map(|(name, method)| (name.to_owned(), Self { method, ..Self::default() }))
            .to_vec()
    }

    fn check(&self) -> std::result::Result<(), String> {
        check_range(self.range)?;
        if self.band.low() <= self.range.low() || self.band.high() >= self.range.high() {
            return Err(format!("band {} must lie inside the range {} of the 1/f line", self.band, self.range));
        }
        if self.min_height_db > 0.0 && self.min_height_db.is_finite() {
            return Ok(());
        }
        Err(format!("min_height_db = {}; it must be positive", self.min_height_db))
    }

    fn needs(&self) -> Needs {
        Needs { min_epochs: MIN_EPOCHS, ..Needs::of_band(self.range) }
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let mut stats = fine_spectrum::block_stats(segment, self.range, MIN_BINS, KIND)?;
        stats.notes.extend(self.without_a_peak(&stats)?);
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        let channels = mean_spectrum::of_draws(stats, counts, |psd| {
            self.alpha_hz(ArrayView1::from(&stats.freqs_hz), psd).unwrap_or(f64::NAN)
        })?;
        Ok(site_values(channels.view(), &stats.members, arithmetic_mean))
    }
}

impl AlphaFrequency {
    /// The alpha frequency of one spectrum; `None` where no peak is high enough.
    fn alpha_hz(&self, freqs_hz: ArrayView1<'_, f64>, psd: ArrayView1<'_, f64>) -> Option<f64> {
        let line = line(freqs_hz, psd, Fit::Robust)?;
        let floor = freqs_hz.mapv(|f| 10_f64.powf(line.offset - line.exponent * f.log10()));
        let above_db = (&psd / &floor).mapv(|ratio| 10.0 * ratio.log10());
        let half_width = ((PARABOLA_HZ / (freqs_hz[1] - freqs_hz[0])).round() as usize).max(1);
        let band = (self.band.low().0, self.band.high().0);
        let peak = highest_peak(freqs_hz, above_db.view(), band, half_width).ok()??;
        if peak.height < self.min_height_db {
            return None;
        }
        match self.method {
            AlphaMethod::Peak => Some(peak.freq_hz),
            AlphaMethod::CentreOfGravity => centre_of_gravity(freqs_hz, (&psd - &floor).view(), band),
        }
    }

    /// Names the channels without a peak; an error where none has one.
    fn without_a_peak(&self, stats: &BlockStats) -> Result<Option<String>> {
        let plain = plain_counts(stats.n_blocks);
        let found = mean_spectrum::of_draws(stats, plain.view(), |psd| {
            self.alpha_hz(ArrayView1::from(&stats.freqs_hz), psd).unwrap_or(f64::NAN)
        })?;
        let missing: Vec<&str> = stats
            .channels
            .iter()
            .zip(&found)
            .filter(|(_, alpha_hz)| !alpha_hz.is_finite())
            .map(|(channel, _)| channel.as_str())
            .collect();
        let what = format!("no peak at {} rises {} dB above the 1/f line", self.band, self.min_height_db);
        if missing.len() == stats.channels.len() {
            return Err(Error::Needs { marker: KIND.into(), what: format!("{what} at any channel") });
        }
        Ok((!missing.is_empty()).then(|| format!("{what} at {}", missing.join(", "))))
    }
}

/// Centre of gravity of the positive part of `above` between two frequencies, by trapezoids over the bins within.
fn centre_of_gravity(freqs_hz: ArrayView1<'_, f64>, above: ArrayView1<'_, f64>, (low, high): (f64, f64)) -> Option<f64> {
    let inside = |f: f64| f >= low - 1e-9 && f <= high + 1e-9;
    let (mut moment, mut mass) = (0.0, 0.0);
    for k in 1..freqs_hz.len() {
        let (a, b) = (freqs_hz[k - 1], freqs_hz[k]);
        if inside(a) && inside(b) {
            let (at_a, at_b) = (above[k - 1].max(0.0), above[k].max(0.0));
            mass += 0.5 * (b - a) * (at_a + at_b);
            moment += 0.5 * (b - a) * (a * at_a + b * at_b);
        }
    }
    (mass > 0.0).then(|| moment / mass)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    fn spectrum(centre: f64, height_db: f64) -> (Array1<f64>, Array1<f64>) {
        let freqs_hz = Array1::from_iter((4..80).map(|k| 0.5 * f64::from(k)));
        let psd = freqs_hz.mapv(|f: f64| {
            20.0 * f.powf(-1.2) * 10_f64.powf(height_db / 10.0 * (-0.5 * (f - centre).powi(2)).exp())
        });
        (freqs_hz, psd)
    }

    #[test]
    fn both_methods_find_a_peak_between_bins() {
        for centre in [8.3, 9.0, 9.6, 10.2, 10.75, 11.4] {
            let (freqs_hz, psd) = spectrum(centre, 6.0);
            for (method, tolerance) in [(AlphaMethod::Peak, 0.025), (AlphaMethod::CentreOfGravity, 0.15)] {
                let marker = AlphaFrequency { method, ..AlphaFrequency::default() };
                let found = marker.alpha_hz(freqs_hz.view(), psd.view()).unwrap();
                assert!((found - centre).abs() < tolerance, "{method:?} at {centre}: {found}");
            }
        }
    }

    #[test]
    fn the_centre_of_gravity_is_symmetric() {
        let freqs_hz = Array1::from_iter((10..30).map(|k| 0.5 * f64::from(k)));
        let ones = freqs_hz.mapv(|_| 1.0);
        assert!((centre_of_gravity(freqs_hz.view(), ones.view(), (7.0, 13.0)).unwrap() - 10.0).abs() < 1e-12);
        assert_eq!(centre_of_gravity(freqs_hz.view(), (-ones).view(), (7.0, 13.0)), None);
    }

    #[test]
    fn a_hill_that_is_too_low_is_no_peak() {
        let marker = AlphaFrequency::default();
        let found = |height_db| {
            let (freqs_hz, psd) = spectrum(10.0, height_db);
            marker.alpha_hz(freqs_hz.view(), psd.view())
        };
        assert_eq!(found(0.0), None);
        assert_eq!(found(1.2), None);
        assert!(found(2.0).is_some());
    }

    #[test]
    fn flat_muscle_hardly_moves_it() {
        let (freqs_hz, brain) = spectrum(10.2, 6.0);
        // as much muscle as brain at 40 Hz
        let psd = brain.mapv(|p| p + 20.0 * 40_f64.powf(-1.2));
        for (method, most) in [(AlphaMethod::Peak, 0.03), (AlphaMethod::CentreOfGravity, 0.03)] {
            let marker = AlphaFrequency { method, ..AlphaFrequency::default() };
            let alpha_hz = |psd: &Array1<f64>| marker.alpha_hz(freqs_hz.view(), psd.view()).unwrap();
            let moved = alpha_hz(&psd) - alpha_hz(&brain);
            assert!(moved.abs() < most, "{method:?}: {moved}");
        }
    }
}
