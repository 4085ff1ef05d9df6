//! Times with a zone, as the folders write them.

use crate::brainvision::date;
use dosewave_eeg::Timestamp;

/// A time and what it is ahead of UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Zoned {
    pub(crate) local: Timestamp,
    ahead_s: f64,
}

/// `2020-01-29T06:19:39.202537-08:00`, with up to nine decimals; `None` for what is none.
pub(crate) fn parse(text: &str) -> Option<Zoned> {
    let digits = |from: usize, to: usize| text.get(from..to)?.parse::<u16>().ok();
    let rest = text.get(19..)?;
    let (fraction, zone) = match rest.strip_prefix('.') {
        Some(rest) => rest.split_at(rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len())),
        None => ("", rest),
    };
    let nanos: String = fraction.chars().chain("000000000".chars()).take(9).collect();
    let local = Timestamp {
        year: digits(0, 4)?,
        month: digits(5, 7).filter(|v| (1..=12).contains(v))? as u8,
        day: digits(8, 10).filter(|v| (1..=31).contains(v))? as u8,
        hour: digits(11, 13).filter(|v| *v < 24)? as u8,
        minute: digits(14, 16).filter(|v| *v < 60)? as u8,
        second: digits(17, 19).filter(|v| *v < 60)? as u8,
        nanosecond: nanos.parse().ok()?,
    };
    Some(Zoned { local, ahead_s: zone_s(zone)? })
}

/// `Z`, nothing, `-08:00`, `+0100`.
fn zone_s(zone: &str) -> Option<f64> {
    let (sign, digits) = match zone.split_at_checked(1) {
        None | Some(("Z", _)) => return Some(0.0),
        Some(("+", rest)) => (1.0, rest.replace(':', "")),
        Some(("-", rest)) => (-1.0, rest.replace(':', "")),
        Some(_) => return None,
    };
    let number = |from: usize| digits.get(from..from + 2)?.parse::<f64>().ok();
    Some(sign * (number(0)? * 3600.0 + number(2)? * 60.0))
}

impl Zoned {
    /// Seconds from another time to this one.
    pub(crate) fn since(&self, other: &Self) -> f64 {
        date::seconds_between(other.local, self.local) - self.ahead_s + other.ahead_s
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_of_several_zones() {
        let at = |text| parse(text).unwrap();
        let start = at("2020-01-29T06:19:39.202537-08:00");
        assert_eq!(start.local.to_string(), "2020-01-29T06:19:39.202537");
        let since = |text| at(text).since(&start);
        assert!((since("2020-01-29T06:19:40.202537123-08:00") - 1.000000123).abs() < 1e-9);
        assert!((since("2020-01-29T15:19:40.202537+01:00") - 1.0).abs() < 1e-9);
        assert!((since("2020-01-29T14:19:40.202537Z") - 1.0).abs() < 1e-9);
        for bad in ["", "2020-13-29T06:19:39", "2020-01-29 06:19", "2020-01-29T06:19:39x"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }
}
