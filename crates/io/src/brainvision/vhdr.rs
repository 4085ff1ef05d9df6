//! The header file.

use super::ini::{Entry, Ini, fields};
use super::{filters, impedances};
use crate::bytes::microvolts_per;
use crate::{Error, Identifier, Limits, Result, names};
use dosewave_eeg::{Channel, ChannelKind, Hz, Note, Quantization};
use std::f64::consts::PI;

/// How a sample is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SampleType {
    Int16,
    Uint16,
    Int32,
    Float32,
    Float64,
}

impl SampleType {
    pub(crate) fn bytes(self) -> u64 {
        match self {
            Self::Int16 | Self::Uint16 => 2,
            Self::Int32 | Self::Float32 => 4,
            Self::Float64 => 8,
        }
    }
}

/// The header file, understood.
#[derive(Debug)]
pub(crate) struct Vhdr {
    pub(crate) data_file: String,
    pub(crate) marker_file: Option<String>,
    pub(crate) vectorized: bool,
    pub(crate) sample_type: SampleType,
    pub(crate) big_endian: bool,
    pub(crate) sfreq: Hz,
    pub(crate) data_points: Option<u64>,
    /// Samples of each segment, where the recording was cut into pieces of equal length.
    pub(crate) segment_points: Option<u64>,
    pub(crate) channels: Vec<Channel>,
    /// Factor from recorded value to µV (or to the recorded unit), per channel.
    pub(crate) factors: Vec<f64>,
    /// Free text that may say who was recorded.
    pub(crate) identity: Vec<Identifier>,
    pub(crate) notes: Vec<Note>,
}

const FORMAT: &str = "BrainVision";

fn malformed(file: &str, entry: Option<&Entry>, field: &str, found: String, allowed: &str) -> Error {
    Error::Malformed {
        file: file.into(),
        format: FORMAT,
        field: field.into(),
        offset: entry.map_or(0, |e| e.offset),
        found,
        allowed: allowed.into(),
    }
}

pub(crate) fn parse(file: &str, bytes: &[u8], limits: &Limits) -> Result<Vhdr> {
    let ini = Ini::parse(bytes);
    let required = |key: &str| {
        ini.get(key).ok_or_else(|| {
            malformed(file, None, key, "missing".into(), "the header is incomplete; is it cut off?")
        })
    };
    let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
    let named = |entry: &Entry| file_name(&entry.value.replace("$b", stem));
    let n_entry = required("NumberOfChannels")?;
    let n_channels: u64 = n_entry.value.parse().ok().filter(|n| *n > 0).ok_or_else(|| {
        malformed(file, Some(n_entry), "NumberOfChannels", format!("'{}'", n_entry.value), "at least 1")
    })?;
    limits.check_channels(file, n_channels)?;
    let only = [
        ("DataFormat", "BINARY", "export the recording as binary"),
        ("DataType", "TIMEDOMAIN", "export the samples, not their spectrum"),
    ];
    for (key, read, advice) in only {
        if let Some(entry) = ini.get(key).filter(|e| !e.value.eq_ignore_ascii_case(read)) {
            let what = format!("{key}={} is not read; {advice}", entry.value);
            return Err(Error::Unsupported { file: file.into(), format: FORMAT, what });
        }
    }
    let mut notes = Vec::new();
    if ini.get("Averaged").is_some_and(|e| e.value.eq_ignore_ascii_case("YES")) {
        let text = "the header says that these are averages over segments, not a continuous recording";
        notes.push(Note::warning(FORMAT, text));
    }
    let sample_type = sample_type(file, ini.get("BinaryFormat"))?;
    let (mut channels, factors) = channels(file, &ini, n_channels as usize, &mut notes)?;
    quantize(&mut channels, &factors, sample_type);
    Ok(Vhdr {
        data_file: named(required("DataFile")?),
        marker_file: ini.get("MarkerFile").filter(|e| !e.value.is_empty()).map(named),
        vectorized: ini.get("DataOrientation").is_some_and(|e| e.value.eq_ignore_ascii_case("VECTORIZED")),
        sample_type,
        big_endian: ini.get("UseBigEndianOrder").is_some_and(|e| e.value.eq_ignore_ascii_case("YES")),
        sfreq: sfreq(file, required("SamplingInterval")?)?,
        data_points: ini.get("DataPoints").and_then(|e| e.value.parse().ok()),
        segment_points: segment_points(&ini),
        channels,
        factors,
        identity: identity(&ini),
        notes,
    })
}

/// What a person typed: properties and comments, without the tables that the recorder writes.
fn identity(ini: &Ini) -> Vec<Identifier> {
    let infos = ini.section("user infos");
    let properties = infos.iter().flat_map(|s| &s.entries);
    let mut all: Vec<Identifier> = properties
        .filter(|entry| !entry.value.is_empty())
        .map(|entry| Identifier::new(format!("[User Infos] {}", entry.key), entry.value.clone()))
        .collect();
    let comments = ini.lines("comment").filter(|line| !line.trim().is_empty()).count();
    if comments > 0 {
        all.push(Identifier::new(format!("[Comment] ({comments} lines)"), ""));
    }
    all
}

/// The integers of each channel, where the samples are integers.
fn quantize(channels: &mut [Channel], factors: &[f64], sample_type: SampleType) {
    let digital = match sample_type {
        SampleType::Int16 => (i32::from(i16::MIN), i32::from(i16::MAX)),
        SampleType::Uint16 => (0, i32::from(u16::MAX)),
        SampleType::Int32 => (i32::MIN, i32::MAX),
        SampleType::Float32 | SampleType::Float64 => return,
    };
    for (channel, factor) in channels.iter_mut().zip(factors) {
        // in the unit that the channel states, to as many digits as the resolution was written with
        let unit = channel.recorded_unit.as_deref().and_then(microvolts_per).unwrap_or(1.0);
        let physical = |end: i32| (f64::from(end) * (factor / unit) * 1e9).round() / 1e9;
        let physical = (physical(digital.0), physical(digital.1));
        channel.quantization = (physical.0 != physical.1).then_some(Quantization { digital, physical });
    }
}

fn segment_points(ini: &Ini) -> Option<u64> {
    let kind = ini.get("SegmentationType")?;
    if kind.value.eq_ignore_ascii_case("NOTSEGMENTED") {
        return None;
    }
    ini.get("SegmentDataPoints")?.value.parse().ok().filter(|n| *n > 0)
}

/// The plain file name: headers may name a file by a path of the machine that recorded it.
fn file_name(value: &str) -> String {
    value.rsplit(['/', '\\']).next().unwrap_or(value).to_owned()
}

fn sample_type(file: &str, entry: Option<&Entry>) -> Result<SampleType> {
    let Some(entry) = entry else { return Ok(SampleType::Int16) };
    match entry.value.to_ascii_uppercase().as_str() {
        "INT_16" => Ok(SampleType::Int16),
        "UINT_16" => Ok(SampleType::Uint16),
        "INT_32" => Ok(SampleType::Int32),
        "IEEE_FLOAT_32" => Ok(SampleType::Float32),
        "IEEE_FLOAT_64" => Ok(SampleType::Float64),
        other => {
            let allowed = "INT_16, UINT_16, INT_32, IEEE_FLOAT_32 or IEEE_FLOAT_64";
            Err(malformed(file, Some(entry), "BinaryFormat", format!("'{other}'"), allowed))
        }
    }
}

fn sfreq(file: &str, entry: &Entry) -> Result<Hz> {
    let interval_us: Option<f64> = entry.value.replace(',', ".").parse().ok();
    let sfreq = interval_us.map(|us| 1e6 / us).filter(|f| f.is_finite() && *f > 0.0);
    sfreq.map(Hz).ok_or_else(|| {
        malformed(
            file,
            Some(entry),
            "SamplingInterval",
            format!("'{}'", entry.value),
            "microseconds between samples, above 0",
        )
    })
}

fn channels(file: &str, ini: &Ini, n: usize, notes: &mut Vec<Note>) -> Result<(Vec<Channel>, Vec<f64>)> {
    let infos = ini.section("channel infos");
    let listed = infos.map_or(0, |s| s.entries.len());
    if listed != n {
        let allowed = "as many [Channel Infos] entries as NumberOfChannels says";
        return Err(malformed(
            file,
            ini.get("NumberOfChannels"),
            "NumberOfChannels",
            format!("{n}, but {listed} channels are described"),
            allowed,
        ));
    }
    let comment: Vec<String> = ini.lines("comment").cloned().collect();
    let mut edges = filters::edges(&comment, n).into_iter();
    let impedances = impedances::impedances(&comment);
    let (mut channels, mut factors) = (Vec::with_capacity(n), Vec::with_capacity(n));
    for (entry, number) in infos.iter().flat_map(|s| &s.entries).zip(1..) {
        let (mut channel, factor) = channel(file, entry, number, notes)?;
        if let Some((high_pass, low_pass)) = edges.next() {
            channel.high_pass = high_pass.map(Hz);
            channel.low_pass = low_pass.map(Hz);
        }
        if let Some(position) =
            ini.section("coordinates").and_then(|s| s.entries.iter().find(|e| e.key == entry.key))
        {
            channel.position = coordinates(&position.value).or(channel.position);
        }
        channel.impedance_kohm =
            impedances.iter().find(|(name, _)| *name == channel.name).map(|(_, kohm)| *kohm);
        channels.push(channel);
        factors.push(factor);
    }
    name(&mut channels, notes);
    Ok((channels, factors))
}

/// Channels are found by name, so each has one of its own.
fn name(channels: &mut [Channel], notes: &mut Vec<Note>) {
    let mut all: Vec<String> = channels.iter().map(|channel| channel.name.clone()).collect();
    if let Some(text) = names::make_unique(&mut all) {
        notes.push(Note::warning(FORMAT, text));
    }
    for (channel, name) in channels.iter_mut().zip(all) {
        channel.name = name;
    }
}

/// `Ch1=name,reference,resolution,unit`.
fn channel(file: &str, entry: &Entry, number: usize, notes: &mut Vec<Note>) -> Result<(Channel, f64)> {
    let fields = fields(&entry.value);
    let field = |i: usize| fields.get(i).map_or("", String::as_str);
    let name = if field(0).is_empty() { format!("Ch{number}") } else { field(0).to_owned() };
    let resolution: f64 = match field(2) {
        "" => 1.0,
        text => text.parse().ok().filter(|r: &f64| r.is_finite()).ok_or_else(|| {
            let found = format!("'{text}'");
            malformed(
                file,
                Some(entry),
                &format!("resolution of '{name}'"),
                found,
                "a number, or nothing for 1",
            )
        })?,
    };
    if resolution == 0.0 {
        notes.push(Note::warning(FORMAT, format!("the resolution of '{name}' is 0: all its samples are 0")));
    }
    let mut channel = Channel::from_name(&name);
    let unit = field(3);
    let factor = if unit.is_empty() { Some(1.0) } else { microvolts_per(unit) };
    if factor.is_none() {
        unit.clone_into(&mut channel.unit);
        if channel.kind == ChannelKind::Eeg {
            channel.kind = ChannelKind::Misc;
            notes.push(Note::info(
                FORMAT,
                format!("'{name}' is recorded in '{unit}', not in volts; it is not taken for EEG"),
            ));
        }
    }
    if factor.is_some_and(|factor| factor != 1.0) {
        channel.recorded_unit = Some(unit.to_owned());
    }
    Ok((channel, resolution * factor.unwrap_or(1.0)))
}

/// `radius,theta,phi` on a sphere: theta from the vertex (negative to the left), phi from the right ear. A radius of 0 is unknown.
fn coordinates(value: &str) -> Option<[f64; 3]> {
    let numbers: Vec<f64> =
        value.split(',').filter_map(|v| v.trim().parse().ok().filter(|v: &f64| v.is_finite())).collect();
    let [radius, theta, phi] = numbers.as_slice() else { return None };
    let (theta, phi) = (theta * PI / 180.0, phi * PI / 180.0);
    // the format's radius of 1 is the head's own
    let direction = [theta.sin() * phi.cos(), theta.sin() * phi.sin(), theta.cos()];
    (*radius > 0.0).then(|| direction.map(|v| v * 0.095))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn coordinates_point_where_the_format_says() {
        let close = |value: &str, expected: [f64; 3]| {
            coordinates(value).unwrap().iter().zip(expected).all(|(a, b)| (a / 0.095 - b).abs() < 1e-12)
        };
        assert!(
            close("1,0,0", [0.0, 0.0, 1.0])
                && close("1,90,0", [1.0, 0.0, 0.0])
                && close("1,-90,0", [-1.0, 0.0, 0.0])
        );
        assert!(close("1,90,90", [0.0, 1.0, 0.0]));
        for unknown in ["0,0,0", "1,NaN,0", "inf,1,1", "1,90"] {
            assert_eq!(coordinates(unknown), None, "{unknown}");
        }
    }
}
