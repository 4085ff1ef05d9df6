//! Student's t.

use super::{mean, sd};
use crate::{Error, Result};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// Mean with its two-sided t interval: `(mean, low, high)`.
///
/// # Errors
/// [`Error::TooShort`] below two values, [`Error::Invalid`] for a confidence outside (0, 1).
///
/// ```
/// let (mean, low, high) = dosewave_numerics::stats::t_interval(&[1.0, 2.0, 3.0], 0.95).unwrap();
/// assert_eq!(mean, 2.0);
/// assert!((high - mean - 4.302_652_73 / 3.0_f64.sqrt()).abs() < 1e-6 && (mean - low - (high - mean)).abs() < 1e-12);
/// ```
pub fn t_interval(values: &[f64], confidence: f64) -> Result<(f64, f64, f64)> {
    let (Some(mean), Some(spread)) = (mean(values), sd(values)) else {
        return Err(Error::TooShort { what: "values for a t interval", got: values.len(), need: 2 });
    };
    let invalid = || Error::Invalid {
        parameter: "confidence",
        value: confidence.to_string(),
        allowed: "above 0 and below 1".into(),
    };
    if !(confidence > 0.0 && confidence < 1.0) {
        return Err(invalid());
    }
    let t = StudentsT::new(0.0, 1.0, (values.len() - 1) as f64).map_err(|_| invalid())?;
    let half = t.inverse_cdf(0.5 + confidence / 2.0) * spread / (values.len() as f64).sqrt();
    Ok((mean, mean - half, mean + half))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::Stream;

    #[test]
    fn covers_at_its_nominal_rate() {
        let mut stream = Stream::new(2, 0);
        let covered = (0..2000)
            .filter(|_| {
                let values: Vec<f64> = (0..6).map(|_| 3.0 + stream.normal()).collect();
                let (_, low, high) = t_interval(&values, 0.95).unwrap();
                low <= 3.0 && 3.0 <= high
            })
            .count();
        assert!((covered as f64 / 2000.0 - 0.95).abs() < 0.02, "{covered} of 2000");
    }
}
