//! The spike potential of the eye muscles at the start of a saccade.

use ndarray::Array1;

/// Duration of the spike, s.
const DURATION_S: f64 = 0.022;

/// A saccadic spike potential as the radial EOG shows it: a positive and a negative deflection of 1 µV within 22 ms
/// (Keren, Yuval-Greenberg & Deouell 2010, 10.1016/j.neuroimage.2009.10.057), with an odd number of samples.
///
/// `w(t) = −(t/s)·exp(½ − t²/2s²)` with `s` = 11/π ms: extrema of ±1 at ±3.5 ms, largest power at 45 Hz. A slow
/// rate may sample beside the extrema. Empty unless the rate is positive and finite.
///
/// ```
/// let spike = dosewave_numerics::simulate::saccadic_spike_waveform(2000.0);
/// assert_eq!(spike.len(), 45); // 22 ms and both ends
/// assert!((spike[15] - 1.0).abs() < 1e-4 && (spike[29] + 1.0).abs() < 1e-4 && spike[22] == 0.0);
/// ```
#[must_use]
pub fn saccadic_spike_waveform(sfreq: f64) -> Array1<f64> {
    if !(sfreq.is_finite() && sfreq > 0.0) {
        return Array1::zeros(0);
    }
    let half = (0.5 * DURATION_S * sfreq + 1e-9).floor();
    let width_s = 0.5 * DURATION_S / std::f64::consts::PI;
    Array1::from_shape_fn(2 * half as usize + 1, |k| {
        let t = (k as f64 - half) / sfreq / width_s;
        if t == 0.0 { 0.0 } else { -t * (0.5 - 0.5 * t * t).exp() }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::PI;

    #[test]
    fn the_power_lies_between_20_and_90_hz() {
        let sfreq = 1000.0;
        let spike = saccadic_spike_waveform(sfreq);
        let power = |hz: f64| {
            let part = |f: fn(f64) -> f64| -> f64 {
                spike.iter().enumerate().map(|(t, v)| v * f(2.0 * PI * hz * t as f64 / sfreq)).sum()
            };
            part(f64::sin).powi(2) + part(f64::cos).powi(2)
        };
        let powers: Vec<f64> = (0..500).map(|hz| power(f64::from(hz))).collect();
        let inside: f64 = powers[20..=90].iter().sum();
        assert!(inside / powers.iter().sum::<f64>() > 0.9);
        let peak = (0..500).max_by(|a, b| powers[*a].total_cmp(&powers[*b])).unwrap();
        assert!((43..=48).contains(&peak), "{peak} Hz");
    }

    #[test]
    fn odd_at_every_rate() {
        for sfreq in [200.0, 250.0, 500.0, 512.0, 1024.0] {
            let spike = saccadic_spike_waveform(sfreq);
            assert!(spike.len() % 2 == 1 && spike.len() as f64 <= 0.022 * sfreq + 1.0);
            assert!(spike.iter().zip(spike.iter().rev()).all(|(a, b)| (a + b).abs() < 1e-12));
        }
        assert!(saccadic_spike_waveform(f64::NAN).is_empty());
    }
}
