//! What the header of a stream says.

use super::{FORMAT, identity};
use crate::Identifier;
use crate::bytes::microvolts_per;
use crate::xml::Element;
use dosewave_eeg::{Channel, ChannelKind, Note};

/// Number type of a stream's values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Values {
    Int8,
    Int16,
    Int32,
    Int64,
    Float32,
    Double64,
    Text,
}

impl Values {
    fn parse(name: &str) -> Option<Self> {
        Some(match name {
            "int8" => Self::Int8,
            "int16" => Self::Int16,
            "int32" => Self::Int32,
            "int64" => Self::Int64,
            "float32" => Self::Float32,
            "double64" => Self::Double64,
            "string" => Self::Text,
            _ => return None,
        })
    }

    /// Bytes of one value; text has none that is fixed.
    pub(crate) fn bytes(self) -> Option<usize> {
        match self {
            Self::Int8 => Some(1),
            Self::Int16 => Some(2),
            Self::Int32 | Self::Float32 => Some(4),
            Self::Int64 | Self::Double64 => Some(8),
            Self::Text => None,
        }
    }
}

/// A stream's header.
#[derive(Clone, Debug)]
pub(crate) struct StreamHeader {
    pub(crate) name: String,
    pub(crate) kind: String,
    pub(crate) n_channels: usize,
    /// Samples per second as announced; 0 where they come irregularly.
    pub(crate) rate: f64,
    pub(crate) values: Values,
    info: Element,
}

/// The header, or what is wrong with it.
pub(crate) fn parse(info: Element) -> Result<StreamHeader, String> {
    let n_channels = info.number_at(&["channel_count"]).ok_or("it states no number of channels")?;
    let format = info.text_at(&["channel_format"]).unwrap_or_default();
    let values = Values::parse(format).ok_or_else(|| {
        format!("its values are '{format}'; known are int8, int16, int32, int64, float32, double64, string")
    })?;
    let rate = info
        .number_at(&["nominal_srate"])
        .filter(|rate: &f64| rate.is_finite() && *rate >= 0.0)
        .unwrap_or(0.0);
    let text = |key: &str| info.text_at(&[key]).unwrap_or_default().to_owned();
    Ok(StreamHeader { name: text("name"), kind: text("type"), n_channels, rate, values, info })
}

impl StreamHeader {
    /// What it says of persons, computers and devices; `number` counts the streams of the file from 1.
    pub(crate) fn identity(&self, number: usize) -> Vec<Identifier> {
        identity::of_stream(number, &self.info)
    }

    pub(crate) fn is_eeg(&self) -> bool {
        self.kind.eq_ignore_ascii_case("EEG")
    }

    /// Whether it is text, or single numbers that come when something happens.
    pub(crate) fn is_markers(&self) -> bool {
        let kind = self.kind.to_ascii_lowercase();
        let named = ["marker", "event", "stim", "trigger"].iter().any(|word| kind.contains(word));
        self.values == Values::Text || (named && self.rate == 0.0 && self.n_channels == 1)
    }

    fn described(&self) -> impl Iterator<Item = &Element> {
        self.info.at(&["desc", "channels"]).into_iter().flat_map(|channels| channels.all("channel"))
    }

    /// Its channels, and the factors of their values.
    pub(crate) fn channels(&self, notes: &mut Vec<Note>) -> (Vec<Channel>, Vec<f64>) {
        let described: Vec<&Element> = self.described().collect();
        if !described.is_empty() && described.len() != self.n_channels {
            let text = format!(
                "stream '{}' describes {} of its {} channels",
                self.name,
                described.len(),
                self.n_channels
            );
            notes.push(Note::warning(FORMAT, text));
        }
        let mut unstated = 0;
        let mut all = (Vec::new(), Vec::new());
        for i in 0..self.n_channels {
            let (channel, factor) = self.channel(i, described.get(i).copied(), &mut unstated);
            all.0.push(channel);
            all.1.push(factor);
        }
        if unstated > 0 {
            let text = format!(
                "{unstated} EEG channel(s) of stream '{}' have no unit; they are taken for µV",
                self.name
            );
            notes.push(Note::warning(FORMAT, text));
        }
        all
    }

    fn channel(&self, index: usize, described: Option<&Element>, unstated: &mut usize) -> (Channel, f64) {
        let text = |key: &str| described.and_then(|d| d.text_at(&[key])).unwrap_or_default();
        let label =
            if text("label").is_empty() { format!("Ch{}", index + 1) } else { text("label").to_owned() };
        let mut channel = Channel::from_name(&label);
        channel.kind = self.kind_of(text("type"), channel.kind);
        if channel.kind != ChannelKind::Eeg {
            channel.position = None;
        }
        let unit = text("unit");
        let voltage = microvolts_per(unit).or_else(|| microvolts_in_words(unit));
        let may_be_voltage = !matches!(channel.kind, ChannelKind::Misc | ChannelKind::Trig);
        if let Some(factor) = voltage {
            channel.recorded_unit = (factor != 1.0).then(|| unit.to_owned());
            return (channel, factor);
        }
        if unit.is_empty() && may_be_voltage {
            *unstated += 1;
            return (channel, 1.0);
        }
        channel.unit = if unit.is_empty() { "1".into() } else { unit.to_owned() };
        if channel.kind == ChannelKind::Eeg {
            channel.kind = ChannelKind::Misc;
            channel.position = None;
        }
        (channel, 1.0)
    }

    /// By the channel's own type, then by the stream's, then by the name.
    fn kind_of(&self, stated: &str, by_name: ChannelKind) -> ChannelKind {
        match stated.to_ascii_uppercase().as_str() {
            "EEG" => ChannelKind::Eeg,
            "EOG" | "VEOG" | "HEOG" => ChannelKind::Eog,
            "ECG" | "EKG" => ChannelKind::Ecg,
            "EMG" => ChannelKind::Emg,
            "STIM" | "MARKER" | "MARKERS" | "TRIGGER" | "TRIG" => ChannelKind::Trig,
            "" if self.is_eeg() => by_name,
            _ => match by_name {
                // a stream that is no EEG, or a channel of another type, is no EEG because its name tells nothing
                ChannelKind::Eeg => ChannelKind::Misc,
                other => other,
            },
        }
    }
}

/// Units as the stream's specification spells them.
fn microvolts_in_words(unit: &str) -> Option<f64> {
    match unit.to_ascii_lowercase().as_str() {
        "microvolts" | "microvolt" => Some(1.0),
        "millivolts" | "millivolt" => Some(1e3),
        "volts" | "volt" => Some(1e6),
        "nanovolts" | "nanovolt" => Some(1e-3),
        _ => None,
    }
}
