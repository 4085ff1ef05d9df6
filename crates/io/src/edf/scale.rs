//! How values become integers.

use super::header::{Kind, Signal};
use dosewave_eeg::{Channel, Quantization};

/// Values that came from integers lie within this part of a step of them; sums of floats are off by far less, other values
/// by more.
const ON_GRID: f64 = 1e-3;

/// From the values of a channel to integers, with the fields of the header that lead back.
pub(super) struct Scale {
    pub(super) unit: String,
    pub(super) low: String,
    pub(super) high: String,
    pub(super) digital: (i32, i32),
    /// What an integer adds, and the value of the integer 0.
    gain: f64,
    offset: f64,
}

impl Scale {
    /// The scale of the file that the channel came from where all values are its integers and they fit, within its stated
    /// range or, since files hold samples beyond it, that of all integers at the same step; else that of the range of the
    /// values.
    pub(super) fn of(kind: Kind, channel: &Channel, values: &[f64]) -> Result<Self, String> {
        let source = channel.quantization.into_iter().flat_map(|q| [q, widened(kind, q)]);
        let mut scales = source.filter_map(|q| Self::of_source(kind, channel, q));
        match scales.find(|scale| values.iter().all(|v| scale.holds(*v))) {
            Some(scale) => Ok(scale),
            None => Self::of_range(kind, channel, values),
        }
    }

    fn of_source(kind: Kind, channel: &Channel, source: Quantization) -> Option<Self> {
        let (low, high) = kind.digital_range();
        let digital = source.digital;
        let fits = low <= digital.0 && digital.1 <= high && digital.0 < digital.1;
        let physical = (exact(source.physical.0)?, exact(source.physical.1)?);
        let unit = channel.recorded_unit.clone().unwrap_or_else(|| channel.unit.clone());
        fits.then(|| Self::new(unit, physical, digital)).flatten()
    }

    fn of_range(kind: Kind, channel: &Channel, values: &[f64]) -> Result<Self, String> {
        let ends = |(low, high): (f64, f64), v: &f64| (low.min(*v), high.max(*v));
        let (min, max) = values.iter().fold((f64::INFINITY, f64::NEG_INFINITY), ends);
        let (min, max) = if min > max { (0.0, 0.0) } else { (min, max) };
        let margin = if max - min > 0.0 { 0.0 } else { 1.0 };
        let physical = (eight(min - margin, f64::floor)?, eight(max + margin, f64::ceil)?);
        Self::new(channel.unit.clone(), physical, kind.digital_range())
            .ok_or_else(|| format!("values from {min} to {max} need more digits than the format has"))
    }

    /// `None` for an empty range. The factors are those with which a reader will read.
    fn new(unit: String, (low, high): (String, String), digital: (i32, i32)) -> Option<Self> {
        let physical = (low.parse().ok()?, high.parse().ok()?);
        let dimension = if unit == "µV" { "uV".to_owned() } else { unit };
        let signal = Signal::of_range(&dimension, physical, (f64::from(digital.0), f64::from(digital.1)));
        let (gain, offset) = signal.calibration();
        (physical.0 != physical.1 && gain.is_finite() && gain != 0.0).then_some(Self {
            unit: dimension,
            low,
            high,
            digital,
            gain,
            offset,
        })
    }

    fn steps(&self, value: f64) -> f64 {
        (value - self.offset) / self.gain
    }

    /// Whether a value is one of the integers.
    fn holds(&self, value: f64) -> bool {
        let steps = self.steps(value);
        let nearest = steps.round();
        (steps - nearest).abs() <= ON_GRID
            && (f64::from(self.digital.0)..=f64::from(self.digital.1)).contains(&nearest)
    }

    /// The integer nearest to a value.
    pub(super) fn digital(&self, value: f64) -> i32 {
        (self.steps(value).round() as i32).clamp(self.digital.0, self.digital.1)
    }
}

/// The same line from integers to values, over all integers of the format.
fn widened(kind: Kind, source: Quantization) -> Quantization {
    let digital = kind.digital_range();
    let step =
        (source.physical.1 - source.physical.0) / (f64::from(source.digital.1) - f64::from(source.digital.0));
    let at = |integer: i32| source.physical.0 + (f64::from(integer) - f64::from(source.digital.0)) * step;
    Quantization { digital, physical: (at(digital.0), at(digital.1)) }
}

/// A number in at most eight characters that is read as the same number.
fn exact(value: f64) -> Option<String> {
    [format!("{value}"), format!("{value:E}")].into_iter().find(|text| text.len() <= 8)
}

/// A number in at most eight characters, rounded by `round` (outwards).
fn eight(value: f64, round: fn(f64) -> f64) -> Result<String, String> {
    for decimals in (0..=6).rev() {
        let unit = 10_f64.powi(decimals);
        let text = format!("{:.*}", decimals as usize, round(value * unit) / unit);
        if text.len() <= 8 {
            return Ok(text);
        }
    }
    Err(format!("{value} does not fit the eight characters of the format"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_fit_eight_characters_and_round_outwards() {
        assert_eq!(eight(-123.456_789_1, f64::floor).unwrap(), "-123.457");
        assert_eq!(eight(12_345_678.2, f64::ceil).unwrap(), "12345679");
        assert_eq!(eight(0.000_000_4, f64::ceil).unwrap(), "0.000001");
        assert!(eight(-123_456_789.0, f64::floor).is_err());
        assert_eq!(exact(-3276.8).as_deref(), Some("-3276.8"));
        assert_eq!((exact(1.23e-9).as_deref(), exact(1.0 / 3.0)), (Some("1.23E-9"), None));
    }

    fn source(physical: (f64, f64)) -> Channel {
        let quantization = Some(Quantization { digital: (-2048, 2047), physical });
        Channel { quantization, recorded_unit: Some("mV".into()), ..Channel::from_name("Cz") }
    }

    #[test]
    fn the_integers_of_the_source_come_back() {
        let channel = source((-5.12, 5.1175));
        let signal = Signal::of_range("mV", (-5.12, 5.1175), (-2048.0, 2047.0));
        let (gain, offset) = signal.calibration();
        let values: Vec<f64> = (-2048..2048).map(|d| f64::from(d) * gain + offset).collect();
        for kind in [Kind::Edf, Kind::Bdf] {
            let scale = Scale::of(kind, &channel, &values).unwrap();
            assert_eq!(
                (scale.unit.as_str(), scale.low.as_str(), scale.digital),
                ("mV", "-5.12", (-2048, 2047))
            );
            assert!(values.iter().zip(-2048..).all(|(v, d)| scale.digital(*v) == d));
        }
    }

    #[test]
    fn integers_beyond_the_stated_range_come_back() {
        let quantization = Some(Quantization { digital: (0, 100), physical: (0.0, 100.0) });
        let channel = Channel { quantization, ..Channel::from_name("A1") };
        let scale = Scale::of(Kind::Edf, &channel, &[-15.0, -3.0, 50.0, 1200.0]).unwrap();
        assert_eq!(
            (scale.low.as_str(), scale.high.as_str(), scale.digital),
            ("-32768", "32767", (-32_768, 32_767))
        );
        assert_eq!([-15.0, -3.0, 1200.0].map(|v| scale.digital(v)), [-15, -3, 1200]);
        assert_eq!(Scale::of(Kind::Edf, &channel, &[0.0, 50.0]).unwrap().digital, (0, 100));
        let scale = Scale::of(Kind::Edf, &source((-5.12, 5.1175)), &[0.0, 9000.0]).unwrap();
        assert_eq!((scale.unit.as_str(), scale.digital(9000.0)), ("mV", 3600));
    }

    #[test]
    fn other_values_get_the_range_of_their_own() {
        let channel = source((-5.12, 5.1175));
        // between two integers of the source, and beyond all of 16 bits
        for values in [[0.0, 1.3], [0.0, 9000.1], [0.0, 90_000.0]] {
            let scale = Scale::of(Kind::Edf, &channel, &values).unwrap();
            assert_eq!((scale.unit.as_str(), scale.digital), ("uV", (-32_768, 32_767)), "{values:?}");
            assert_eq!((scale.digital(values[0]), scale.digital(values[1])), (-32_768, 32_767));
        }
        // a third has no eight characters
        let scale = Scale::of(Kind::Edf, &source((0.0, 1.0 / 3.0)), &[0.0]).unwrap();
        assert_eq!(scale.unit, "uV");
    }
}
