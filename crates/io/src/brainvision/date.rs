//! Dates as markers write them, and days of the calendar.

use dosewave_eeg::Timestamp;

const NANOS_PER_DAY: i64 = 86_400_000_000_000;

/// `yyyymmddhhmmssuuuuuu`; all zeros is unknown.
pub(crate) fn parse(text: &str) -> Option<Timestamp> {
    let digits = |range| text.get(range).and_then(|part: &str| part.parse::<u32>().ok());
    let year = digits(0..4).filter(|year| *year > 0)?;
    let micros = digits(14..20).unwrap_or(0);
    Some(Timestamp {
        year: year as u16,
        month: digits(4..6).filter(|m| (1..=12).contains(m))? as u8,
        day: digits(6..8).filter(|d| (1..=31).contains(d))? as u8,
        hour: digits(8..10).filter(|h| *h < 24)? as u8,
        minute: digits(10..12).filter(|m| *m < 60)? as u8,
        second: digits(12..14).filter(|s| *s < 60)? as u8,
        nanosecond: micros * 1000,
    })
}

/// What [`parse`] reads; nanoseconds below a microsecond are cut off.
pub(crate) fn text(t: Timestamp) -> String {
    let Timestamp { year, month, day, hour, minute, second, nanosecond } = t;
    format!("{year:04}{month:02}{day:02}{hour:02}{minute:02}{second:02}{:06}", nanosecond / 1000)
}

/// Seconds from one time to a later one; days are counted by the calendar.
pub(crate) fn seconds_between(from: Timestamp, to: Timestamp) -> f64 {
    (julian_day(to) - julian_day(from)) as f64 * 86_400.0 + to.seconds_of_day().0 - from.seconds_of_day().0
}

/// The time later by `micros`; `None` outside the years 1 to 9999.
pub(crate) fn later(t: Timestamp, micros: i64) -> Option<Timestamp> {
    let whole = i64::from(t.hour) * 3600 + i64::from(t.minute) * 60 + i64::from(t.second);
    let nanos = (whole * 1_000_000_000 + i64::from(t.nanosecond)).checked_add(micros.checked_mul(1000)?)?;
    let (year, month, day) = calendar(julian_day(t) + nanos.div_euclid(NANOS_PER_DAY))?;
    let nanos = nanos.rem_euclid(NANOS_PER_DAY);
    let seconds = nanos / 1_000_000_000;
    Some(Timestamp {
        year,
        month,
        day,
        hour: (seconds / 3600) as u8,
        minute: (seconds / 60 % 60) as u8,
        second: (seconds % 60) as u8,
        nanosecond: (nanos % 1_000_000_000) as u32,
    })
}

/// The Julian day number of a date (Fliegel & van Flandern 1968, doi:10.1145/364096.364097).
fn julian_day(t: Timestamp) -> i64 {
    let (y, m, d) = (i64::from(t.year), i64::from(t.month), i64::from(t.day));
    let a = (m - 14) / 12;
    d - 32_075 + 1461 * (y + 4800 + a) / 4 + 367 * (m - 2 - 12 * a) / 12 - 3 * ((y + 4900 + a) / 100) / 4
}

/// Year, month and day of a Julian day number (the same source).
fn calendar(julian_day: i64) -> Option<(u16, u8, u8)> {
    let l = julian_day + 68_569;
    let n = 4 * l / 146_097;
    let l = l - (146_097 * n + 3) / 4;
    let i = 4000 * (l + 1) / 1_461_001;
    let l = l - 1461 * i / 4 + 31;
    let j = 80 * l / 2447;
    let day = l - 2447 * j / 80;
    let l = j / 11;
    let (month, year) = (j + 2 - 12 * l, 100 * (n - 49) + i + l);
    (1..=9999).contains(&year).then_some((year as u16, month as u8, day as u8))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        parse(text).unwrap()
    }

    #[test]
    fn dates_read_and_write_alike() {
        let text_of = "20131113161403794232";
        assert_eq!(at(text_of).to_string(), "2013-11-13T16:14:03.794232");
        assert_eq!(text(at(text_of)), text_of);
        for bad in ["00000000000000000000", "20131313000000000000", "20130100000000000000", "2013", "", "x"] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn time_passes_over_midnight_and_leap_days() {
        assert_eq!(seconds_between(at("20200228235959500000"), at("20200229000001000000")), 1.5);
        assert_eq!(seconds_between(at("20200228000000000000"), at("20200301000000000000")), 172_800.0);
        let late = later(at("20200228235959500000"), 1_500_000);
        assert_eq!(late.map(text).as_deref(), Some("20200229000001000000"));
        let early = later(at("20210301000000000000"), -1);
        assert_eq!(early.map(text).as_deref(), Some("20210228235959999999"));
        assert_eq!(later(at("99991231235959000000"), 1_000_000), None);
    }

    #[test]
    fn every_day_of_eight_centuries_follows_the_one_before() {
        // 2000-01-01 is Julian day 2451545
        assert_eq!(julian_day(at("20000101000000000000")), 2_451_545);
        let mut last = (0, 0, 0);
        for day in 2_305_448..2_597_642 {
            let (year, month, date) = calendar(day).unwrap();
            let back = Timestamp { year, month, day: date, ..at("20000101000000000000") };
            assert_eq!(julian_day(back), day);
            assert!((year, month, date) > last, "{last:?}");
            last = (year, month, date);
        }
    }
}
