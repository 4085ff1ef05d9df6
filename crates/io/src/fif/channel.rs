//! Channels: the fixed record of each, and the block that newer files add for long names.

use super::FORMAT;
use super::constants::{HEAD_FRAME, block, channel as kind, tag, unit, unit_name};
use super::tag::{Tag, TagFile};
use super::tree::Tree;
use crate::Result;
use crate::bytes::{Endian, Fields};
use crate::frames::Scale;
use dosewave_eeg::{CSD_UNIT, Channel, ChannelKind};

/// Channels with what turns their samples into their unit.
pub(crate) struct FifChannels {
    pub(crate) channels: Vec<Channel>,
    pub(crate) scales: Vec<Scale>,
    /// Short names that lists of channels in the file use, and the whole names.
    whole_names: Vec<(String, String)>,
}

impl FifChannels {
    /// Names of a list in the file, each as its channel is called.
    pub(crate) fn names(&self, list: &str) -> Vec<String> {
        list.split(':')
            .map(unescaped)
            .filter(|name| !name.is_empty())
            .map(|name| self.whole_name(name))
            .collect()
    }

    pub(crate) fn whole_name(&self, name: String) -> String {
        self.whole_names.iter().find(|(short, _)| *short == name).map_or(name, |(_, whole)| whole.clone())
    }
}

/// Colons separate; those within a name are written `{COLON}`.
pub(crate) fn unescaped(text: &str) -> String {
    text.trim().replace("{COLON}", ":")
}

/// What a channel's record says.
struct Record {
    kind: i32,
    factor: f64,
    position: [f64; 3],
    unit: i32,
    exponent: i32,
    name: String,
    /// What lists of channels call it where its name is long.
    short_name: String,
    /// The frame of its position; newer files only.
    frame: Option<i64>,
}

/// The channels of a measurement, in the order of the samples.
pub(crate) fn read(file: &mut TagFile, tree: &Tree, info: usize) -> Result<FifChannels> {
    let tags: Vec<Tag> = tree.tags(info).iter().filter(|t| t.kind == tag::CH_INFO).copied().collect();
    let expected = match tree.find(info, tag::NCHAN) {
        Some(tag) => Some((file.number(&tag, "the number of channels")?, tag.position)),
        None => None,
    };
    if let Some((n, position)) = expected.filter(|(n, _)| *n != tags.len() as f64) {
        let found = format!("{n}, where {} channels are described", tags.len());
        return Err(file.wrong(
            position,
            "the number of channels",
            found,
            "as many; the file is damaged or cut off",
        ));
    }
    file.limits.check_channels(&file.name, tags.len() as u64)?;
    let mut records = tags.iter().map(|tag| record(file, tag)).collect::<Result<Vec<_>>>()?;
    let blocks = tree.within(info, block::CH_INFO);
    if blocks.len() == records.len() {
        for (record, block) in records.iter_mut().zip(blocks) {
            extend(file, tree, block, record)?;
        }
    }
    // positions of the file and those of the 10-05 system have different centres and are not mixed
    let has_positions = records.iter().any(|r| r.kind == kind::EEG && r.has_position());
    let renamed = records.iter().filter(|r| r.short_name != r.name);
    let whole_names = renamed.map(|r| (r.short_name.clone(), r.name.clone())).collect();
    let mut all = FifChannels { channels: Vec::new(), scales: Vec::new(), whole_names };
    note_others(&records, file);
    for record in &records {
        let (channel, gain) = channel(record, has_positions, file);
        all.channels.push(channel);
        all.scales.push(Scale::gain(gain));
    }
    Ok(all)
}

impl Record {
    fn has_position(&self) -> bool {
        self.position.iter().all(|v| v.is_finite()) && self.position.iter().any(|v| *v != 0.0)
    }
}

/// The 96 bytes of a channel.
fn record(file: &mut TagFile, tag: &Tag) -> Result<Record> {
    let bytes = file.bytes(tag, "a channel")?;
    let mut fields = Fields::new(&file.name, FORMAT, &bytes);
    let big = Endian::Big;
    fields.take(8, "channel numbers")?;
    let kind = fields.i32(big, "kind of channel")?;
    let range = f64::from(fields.f32(big, "range of channel")?);
    let cal = f64::from(fields.f32(big, "calibration of channel")?);
    fields.take(4, "coil type")?;
    let mut position = [0.0; 3];
    for value in &mut position {
        *value = f64::from(fields.f32(big, "position of channel")?);
    }
    fields.take(36, "orientation of channel")?;
    let unit = fields.i32(big, "unit of channel")?;
    let exponent = fields.i32(big, "multiplier of unit")?;
    let name = fields.take(16, "name of channel")?;
    let name = crate::bytes::text(name.split(|byte| *byte == 0).next().unwrap_or_default());
    let factor = range * cal;
    if !(factor.is_finite() && exponent.unsigned_abs() <= 24) {
        let found = format!("{range} × {cal} × 10^{exponent}");
        return Err(file.wrong(
            tag.position + 12,
            &format!("calibration of channel '{name}'"),
            found,
            "finite numbers",
        ));
    }
    Ok(Record { kind, factor, position, unit, exponent, short_name: name.clone(), name, frame: None })
}

/// Adds the long name and the coordinate frame.
fn extend(file: &mut TagFile, tree: &Tree, block: usize, record: &mut Record) -> Result<()> {
    if let Some(tag) = tree.find(block, tag::CH_DACQ_NAME) {
        let name = file.text(&tag, "name of channel")?;
        if !name.is_empty() {
            record.short_name = std::mem::replace(&mut record.name, name);
        }
    }
    if let Some(tag) = tree.find(block, tag::CH_COORD_FRAME) {
        record.frame = Some(file.number(&tag, "coordinate frame of channel")? as i64);
    }
    Ok(())
}

/// A channel as we have it, and the factor of its samples.
fn channel(record: &Record, has_positions: bool, file: &mut TagFile) -> (Channel, f64) {
    let mut channel = Channel::from_name(&record.name);
    let mut gain = record.factor * 10_f64.powi(record.exponent);
    if record.exponent != 0 {
        let text = format!("'{}' has its unit times 10^{}, which is applied", record.name, record.exponent);
        file.warn(text);
    }
    channel.kind = match record.kind {
        kind::EEG => ChannelKind::Eeg,
        kind::EOG => ChannelKind::Eog,
        kind::ECG => ChannelKind::Ecg,
        kind::EMG => ChannelKind::Emg,
        kind::STIM => ChannelKind::Trig,
        _ => ChannelKind::Misc,
    };
    match record.unit {
        // a trigger's values are numbers, whatever unit they are given
        _ if channel.kind == ChannelKind::Trig => "1".clone_into(&mut channel.unit),
        unit::VOLT => {
            gain *= 1e6;
            channel.recorded_unit = Some("V".into());
        }
        // 1 V/m² is 1e6 µV on 1e4 cm²
        unit::VOLT_PER_M2 => {
            gain *= 1e2;
            CSD_UNIT.clone_into(&mut channel.unit);
            channel.recorded_unit = Some("V/m²".into());
        }
        other => {
            unit_name(other).clone_into(&mut channel.unit);
            if channel.kind == ChannelKind::Eeg {
                channel.kind = ChannelKind::Misc;
                let text = format!(
                    "'{}' is in '{}', not in volts; it is not taken for EEG",
                    record.name, channel.unit
                );
                file.inform(text);
            }
        }
    }
    if channel.kind != ChannelKind::Eeg {
        channel.position = None;
    } else if has_positions {
        let in_head = record.has_position() && record.frame.is_none_or(|frame| frame == HEAD_FRAME);
        channel.position = in_head.then_some(record.position);
    }
    (channel, gain)
}

/// Says which channels are kept, but are no scalp EEG.
fn note_others(records: &[Record], file: &mut TagFile) {
    let count = |kinds: &[i32]| records.iter().filter(|r| kinds.contains(&r.kind)).count();
    let magnetic = count(&[kind::MEG, kind::REF_MEG]);
    if magnetic > 0 {
        let text = format!("{magnetic} magnetic channels are kept in their own units; no marker uses them");
        file.inform(text);
    }
    let inside = count(&[kind::SEEG, kind::ECOG, kind::DBS]);
    if inside > 0 {
        let text = format!("{inside} intracranial channels are kept, but not taken for scalp EEG");
        file.inform(text);
    }
}
