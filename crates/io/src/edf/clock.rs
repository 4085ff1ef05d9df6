//! Start dates and times.

use dosewave_eeg::Timestamp;

const MONTHS: [&str; 12] =
    ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"];

/// `dd.mm.yy` (85–99 are 1985–1999) and `hh.mm.ss`, the year corrected by an EDF+ recording field
/// (`Startdate dd-MMM-yyyy …`). `None` where it is not a date; also where the recording field
/// says it is unknown (`X`) and the time is midnight. Another time of day is kept: anonymised files state it.
pub(crate) fn start(date: &str, time: &str, recording: &str) -> Option<Timestamp> {
    let [day, month, short_year] = triple(date)?;
    let [hour, minute, second] = triple(time)?;
    let mut words = recording.split_whitespace();
    let full = match (words.next(), words.next()) {
        (Some("Startdate"), Some("X")) if (hour, minute, second) == (0, 0, 0) => return None,
        (Some("Startdate"), Some(full)) => full_date(full),
        _ => None,
    };
    let (day, month, year) =
        full.unwrap_or((day, month, if short_year >= 85 { 1900 + short_year } else { 2000 + short_year }));
    let valid =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    valid.then_some(Timestamp {
        year,
        month: month as u8,
        day: day as u8,
        hour: hour as u8,
        minute: minute as u8,
        second: second as u8,
        nanosecond: 0,
    })
}

fn triple(text: &str) -> Option<[u16; 3]> {
    let mut parts =
        text.split(['.', ':', '-', '/']).map(|part| part.trim().parse::<u16>().ok().filter(|v| *v < 100));
    let triple = [parts.next()??, parts.next()??, parts.next()??];
    parts.next().is_none().then_some(triple)
}

/// `02-MAR-2021`.
fn full_date(text: &str) -> Option<(u16, u16, u16)> {
    let mut parts = text.split('-');
    let day = parts.next()?.parse().ok()?;
    let month = parts.next()?.to_ascii_uppercase();
    let month = MONTHS.iter().position(|m| *m == month)? as u16 + 1;
    Some((day, month, parts.next()?.parse().ok()?))
}

/// `Startdate dd-MMM-yyyy` as EDF+ wants it, or `Startdate X`.
pub(crate) fn startdate_text(start: Option<Timestamp>) -> String {
    match start {
        None => "Startdate X X X X".into(),
        // the date that stands for none; the time of day is in its own field
        Some(Timestamp { year: 1985, month: 1, day: 1, .. }) => "Startdate X X X X".into(),
        Some(t) => {
            let month = MONTHS.get(usize::from(t.month).saturating_sub(1)).unwrap_or(&"JAN");
            format!("Startdate {:02}-{month}-{:04} X X X", t.day, t.year)
        }
    }
}

/// A time later by `seconds` (not negative, below a day's worth of days).
pub(crate) fn later(start: Timestamp, seconds: f64) -> Timestamp {
    let nanos = (start.seconds_of_day().0 * 1e9).round() + (seconds * 1e9).round();
    let (days, nanos) = ((nanos / 86_400e9).floor(), nanos % 86_400e9);
    let whole = (nanos / 1e9).floor();
    let mut later = Timestamp {
        hour: (whole / 3600.0) as u8,
        minute: (whole / 60.0 % 60.0) as u8,
        second: (whole % 60.0) as u8,
        nanosecond: (nanos - whole * 1e9) as u32,
        ..start
    };
    for _ in 0..days.min(366.0) as u32 {
        later = next_day(later);
    }
    later
}

fn next_day(t: Timestamp) -> Timestamp {
    let leap = t.year.is_multiple_of(4) && (!t.year.is_multiple_of(100) || t.year.is_multiple_of(400));
    let days = match t.month {
        2 => 28 + u8::from(leap),
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    };
    match (t.day < days, t.month < 12) {
        (true, _) => Timestamp { day: t.day + 1, ..t },
        (false, true) => Timestamp { day: 1, month: t.month + 1, ..t },
        (false, false) => Timestamp { day: 1, month: 1, year: t.year + 1, ..t },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_years_clip_at_1985_and_the_recording_field_wins() {
        assert_eq!(
            start("01.02.85", "03.04.05", "").map(|t| t.to_string()).as_deref(),
            Some("1985-02-01T03:04:05")
        );
        assert_eq!(start("01.02.84", "03.04.05", "").map(|t| t.year), Some(2084));
        assert_eq!(start("01.02.99", "03.04.05", "Startdate 01-FEB-2099 X X X").map(|t| t.year), Some(2099));
        assert_eq!(start("01.01.85", "00.00.00", "Startdate X X X X"), None);
        let anonymous = start("01.01.85", "09.30.00", "Startdate X X X X").map(|t| t.to_string());
        assert_eq!(anonymous.as_deref(), Some("1985-01-01T09:30:00"));
        for bad in ["32.01.20", "00.01.20", "01.13.20", "yy.mm.dd", "01.01", ""] {
            assert_eq!(start(bad, "00.00.00", ""), None, "{bad}");
        }
    }

    #[test]
    fn later_carries_over_midnight_and_leap_days() {
        let t = start("28.02.20", "23.59.59", "").unwrap();
        assert_eq!(later(t, 0.25).to_string(), "2020-02-28T23:59:59.25");
        assert_eq!(later(t, 1.5).to_string(), "2020-02-29T00:00:00.5");
        assert_eq!(
            later(start("31.12.21", "12.00.00", "").unwrap(), 43_200.0).to_string(),
            "2022-01-01T00:00:00"
        );
    }
}
