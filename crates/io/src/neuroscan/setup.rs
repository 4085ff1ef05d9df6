//! The header: 900 bytes for the recording, 75 for each electrode.

use super::{FORMAT, identity};
use crate::bytes::{Endian, Fields, text};
use crate::frames::Scale;
use crate::{Error, Identifier, Limits, ReadSeek, Result};
use dosewave_eeg::{Channel, Note, Timestamp};
use std::io::{Read, SeekFrom};

/// Bytes of the recording's part.
pub(crate) const SETUP: u64 = 900;
/// Bytes of an electrode.
pub(crate) const ELECTRODE: u64 = 75;

/// What the header says.
pub(crate) struct Setup {
    pub(crate) channels: Vec<Channel>,
    pub(crate) scales: Vec<Scale>,
    pub(crate) rate: u16,
    /// Where the samples begin.
    pub(crate) data_start: u64,
    /// As stated; 0 where it is not.
    pub(crate) n_samples: u32,
    /// Where the events stand, in the lower 32 bits; 0 where there are none.
    pub(crate) events_at: u32,
    /// Where other data of the recording system stand; 0 where there are none.
    pub(crate) next_file: u32,
    /// Bytes of one channel in a block; 0 and 1 where samples are multiplexed.
    pub(crate) channel_bytes: u32,
    pub(crate) start: Option<Timestamp>,
    pub(crate) notes: Vec<Note>,
    pub(crate) identity: Vec<Identifier>,
}

pub(crate) fn read(name: &str, input: &mut dyn ReadSeek, limits: &Limits) -> Result<Setup> {
    let setup = block(name, input, 0, SETUP)?;
    super::refuse_other_system(name, &setup)?;
    let at = |offset: usize| Fields::new(name, FORMAT, &setup).skip(offset, "header");
    let n_channels = at(370)?.u16(Endian::Little, "number of channels")?;
    let rate = at(376)?.u16(Endian::Little, "sampling rate")?;
    if n_channels == 0 || rate == 0 {
        let (field, offset) = if rate == 0 { ("sampling rate", 376) } else { ("number of channels", 370) };
        let allowed = "more than 0; averages and epochs of Neuroscan (.avg, .eeg) are not read";
        return Err(Error::Malformed {
            file: name.into(),
            format: FORMAT,
            field: field.into(),
            offset,
            found: "0".into(),
            allowed: allowed.into(),
        });
    }
    limits.check_channels(name, u64::from(n_channels))?;
    let n_bytes = u64::from(n_channels) * ELECTRODE;
    let electrodes = block(name, input, SETUP, n_bytes)?;
    let mut notes = Vec::new();
    let (mut channels, mut scales) = (Vec::new(), Vec::new());
    for (i, bytes) in electrodes.chunks_exact(ELECTRODE as usize).enumerate() {
        let (channel, scale) = electrode(name, i, bytes, &mut notes)?;
        channels.push(channel);
        scales.push(scale);
    }
    Ok(Setup {
        channels,
        scales,
        rate,
        data_start: SETUP + n_bytes,
        n_samples: at(864)?.u32(Endian::Little, "number of samples")?,
        events_at: at(886)?.u32(Endian::Little, "place of the events")?,
        next_file: at(12)?.u32(Endian::Little, "place of other data")?,
        channel_bytes: at(894)?.u32(Endian::Little, "bytes of a channel")?,
        start: start(&at(225)?.text(10, "date")?, &at(235)?.text(12, "time")?, &mut notes),
        notes,
        identity: identity::find(&setup),
    })
}

/// Bytes of the header.
fn block(name: &str, input: &mut dyn ReadSeek, from: u64, n: u64) -> Result<Vec<u8>> {
    let failed = |source| Error::Io { file: name.into(), source };
    input.seek(SeekFrom::Start(from)).map_err(failed)?;
    let mut bytes = Vec::new();
    input.take(n).read_to_end(&mut bytes).map_err(failed)?;
    if (bytes.len() as u64) < n {
        return Err(Error::Malformed {
            file: name.into(),
            format: FORMAT,
            field: "the header".into(),
            offset: from,
            found: format!("cut off after {} of {n} bytes", bytes.len()),
            allowed: "the file is truncated; copy it again from where it was recorded".into(),
        });
    }
    Ok(bytes)
}

/// µV are `(number − baseline) · sensitivity · calibration / 204.8`.
fn electrode(name: &str, index: usize, bytes: &[u8], notes: &mut Vec<Note>) -> Result<(Channel, Scale)> {
    let at = |offset: usize| Fields::new(name, FORMAT, bytes).skip(offset, "electrode");
    let label = bytes.get(..10).unwrap_or_default();
    let mut label = text(label.split(|byte| *byte == 0).next().unwrap_or_default());
    if label.is_empty() {
        label = format!("{}", index + 1);
    }
    let is_bad = at(14)?.u8(Endian::Little, "bad electrode")?;
    let baseline = f64::from(at(47)?.i16(Endian::Little, "baseline")?);
    let sensitivity = f64::from(at(59)?.f32(Endian::Little, "sensitivity")?);
    let calibration = f64::from(at(71)?.f32(Endian::Little, "calibration")?);
    let gain = sensitivity * calibration / 204.8;
    if !gain.is_finite() {
        return Err(Error::Malformed {
            file: name.into(),
            format: FORMAT,
            field: format!("sensitivity of '{label}'"),
            offset: SETUP + index as u64 * ELECTRODE + 59,
            found: format!("{sensitivity} × {calibration}"),
            allowed: "finite numbers; the header is damaged".into(),
        });
    }
    if gain == 0.0 {
        notes
            .push(Note::warning(FORMAT, format!("the sensitivity of '{label}' is 0: all its samples are 0")));
    }
    if is_bad == 1 {
        notes.push(Note::warning(FORMAT, format!("the file marks '{label}' as bad; it is not left out")));
    }
    Ok((Channel::from_name(&label), Scale { gain, offset: -baseline * gain }))
}

/// `mm/dd/yy` and `hh:mm:ss`; where the first number can be no month, it is the day.
fn start(date: &str, time: &str, notes: &mut Vec<Note>) -> Option<Timestamp> {
    let first = |text: &str| text.split('\0').next().unwrap_or_default().trim().to_owned();
    let (date, time) = (first(date), first(time));
    let [a, b, year] = triple(&date, '/').or_else(|| unknown(&date, notes))?;
    let [hour, minute, second] = triple(&time, ':').unwrap_or([99; 3]);
    let (month, day) = if a > 12 { (b, a) } else { (a, b) };
    let year = match year {
        0..70 => 2000 + year,
        70..100 => 1900 + year,
        _ => year,
    };
    let valid =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 60;
    if !valid || year < 1900 {
        return unknown(&format!("{date} {time}"), notes).and(None);
    }
    if a <= 12 && b <= 12 && a != b {
        let text =
            format!("the date '{date}' is taken for month/day/year; the file does not say which it is");
        notes.push(Note::info(FORMAT, text));
    }
    Some(Timestamp {
        year,
        month: month as u8,
        day: day as u8,
        hour: hour as u8,
        minute: minute as u8,
        second: second as u8,
        nanosecond: 0,
    })
}

fn unknown(date: &str, notes: &mut Vec<Note>) -> Option<[u16; 3]> {
    if !date.trim().is_empty() {
        notes.push(Note::info(FORMAT, format!("'{date}' is no date: when the recording began is unknown")));
    }
    None
}

fn triple(text: &str, separator: char) -> Option<[u16; 3]> {
    let mut numbers = text.split(separator).map(|part| part.trim().parse::<u16>().ok());
    let triple = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(triple)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_in_either_order() {
        let text = |date: &str, time: &str| start(date, time, &mut Vec::new()).map(|t| t.to_string());
        assert_eq!(text("10/25/02", "15:08:15").as_deref(), Some("2002-10-25T15:08:15"));
        assert_eq!(text("25/10/2002", "15:08:15").as_deref(), Some("2002-10-25T15:08:15"));
        assert_eq!(text("02/03/99", "00:00:00").as_deref(), Some("1999-02-03T00:00:00"));
        for (date, time) in [("05/10/200", "17:35:31"), ("13/13/02", "1:1:1"), ("1/1/02", "25:0:0"), ("", "")]
        {
            assert_eq!(text(date, time), None, "{date}");
        }
        let mut notes = Vec::new();
        start("02/03/99", "00:00:00", &mut notes);
        assert!(notes[0].text.contains("month/day/year"));
    }
}
