//! Power above the aperiodic part.

use super::PowerLaw;
use crate::spectral::{MainsMask, band_bins};
use crate::{Error, Result};
use ndarray::ArrayView1;

/// Mean height of a spectrum above its aperiodic part over `[low, high)`, in dB: what of the band's power is a rhythm, and what
/// a change of the exponent cannot make.
///
/// ```math
/// \Delta_B = \frac{1}{|B|} \sum_{f \in B} 10 \log_{10} \frac{P(f)}{L(f)}
/// ```
///
/// Bins of the mains are left out. Adjusted power as in Donoghue et al. 2020, <https://doi.org/10.1038/s41593-020-00744-x>, in
/// decibels.
///
/// # Errors
/// [`Error::TooShort`] when no bin is left, [`Error::Shape`] when frequencies and spectrum differ in length,
/// [`Error::Value`] for a power that is not positive.
///
/// ```
/// use dosewave_numerics::aperiodic::{PowerLaw, power_above};
/// use dosewave_numerics::spectral::MainsMask;
/// let freqs = ndarray::Array1::linspace(1.0, 45.0, 89);
/// let psd = freqs.mapv(|f: f64| 10.0 / f * if (8.0..13.0).contains(&f) { 2.0 } else { 1.0 });
/// let law = PowerLaw { offset: 1.0, knee: None, exponent: 1.0 };
/// let above = power_above(freqs.view(), psd.view(), &law, (8.0, 13.0), &MainsMask::NONE).unwrap();
/// assert!((above - 10.0 * 2.0_f64.log10()).abs() < 1e-12);
/// ```
pub fn power_above(
    freqs_hz: ArrayView1<'_, f64>,
    psd: ArrayView1<'_, f64>,
    law: &PowerLaw,
    (low_hz, high_hz): (f64, f64),
    mains: &MainsMask,
) -> Result<f64> {
    if freqs_hz.len() != psd.len() {
        return Err(Error::Shape { what: "PSD bins", expected: freqs_hz.len(), got: psd.len() });
    }
    let bins = band_bins(freqs_hz, low_hz, high_hz, mains)?;
    let mut sum = 0.0;
    for &bin in &bins {
        if !(psd[bin] > 0.0 && psd[bin].is_finite()) {
            let allowed = "must be positive and finite";
            return Err(Error::Value { what: "psd", index: bin, value: psd[bin], allowed });
        }
        sum += psd[bin].log10() - law.log10_power(freqs_hz[bin]);
    }
    Ok(10.0 * sum / bins.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array1;

    #[test]
    fn a_law_is_not_above_itself_and_scaling_moves_it() {
        let freqs = Array1::linspace(1.0, 90.0, 179);
        for knee in [None, Some(50.0)] {
            let law = PowerLaw { offset: 2.0, knee, exponent: 1.7 };
            let psd = freqs.mapv(|f| 10_f64.powf(law.log10_power(f)));
            let above = |psd: &Array1<f64>| {
                power_above(freqs.view(), psd.view(), &law, (30.0, 45.0), &MainsMask::NONE)
            };
            assert!(above(&psd).unwrap().abs() < 1e-12);
            assert!((above(&(&psd * 10.0)).unwrap() - 10.0).abs() < 1e-12);
        }
    }

    #[test]
    fn mains_are_left_out_and_zeros_named() {
        let freqs = Array1::linspace(1.0, 90.0, 179);
        let law = PowerLaw { offset: 0.0, knee: None, exponent: 0.0 };
        let mut psd = Array1::ones(179);
        psd[freqs.iter().position(|f| *f == 50.0).unwrap()] = 1e6;
        let mains = MainsMask { line_hz: Some(50.0), half_width_hz: 2.0 };
        assert_eq!(power_above(freqs.view(), psd.view(), &law, (40.0, 60.0), &mains).unwrap(), 0.0);
        psd[80] = 0.0;
        let error =
            power_above(freqs.view(), psd.view(), &law, (30.0, 60.0), &mains).unwrap_err().to_string();
        assert!(error.contains("psd[80] = 0"), "{error}");
    }
}
