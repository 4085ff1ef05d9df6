//! Channels: name, kind, unit, position and recorded filters.

use crate::{CSD_UNIT, Hz, montage};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The channels of a recording, shared by everything derived from it.
pub type Channels = Arc<[Channel]>;

/// What a channel measures (BIDS' words in lower case).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ChannelKind {
    /// Scalp EEG.
    Eeg,
    /// Electro-oculogram.
    Eog,
    /// Electrocardiogram.
    Ecg,
    /// Electromyogram.
    Emg,
    /// Digital triggers or status bits.
    Trig,
    /// Anything else: respiration, temperature, position, oximetry …
    Misc,
}

/// The integers in which a file holds a channel, and what their ends stand for. A writer of integers can hold the same values by
/// the same integers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Quantization {
    /// Lowest and highest integer.
    pub digital: (i32, i32),
    /// What these two stand for, in the recorded unit.
    pub physical: (f64, f64),
}

/// One channel of a recording.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Channel {
    /// Its name as recorded, trimmed, with a leading `EEG ` and a trailing reference such as `-REF` kept.
    pub name: String,
    /// What it measures.
    pub kind: ChannelKind,
    /// The unit its samples have in a [`crate::Recording`]: `µV` for voltages, else the recorded unit.
    pub unit: String,
    /// Head position in metres (x right, y front, z up; sphere of 0.095 m for built-in positions).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub position: Option<[f64; 3]>,
    /// High-pass edge that the recording says was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub high_pass: Option<Hz>,
    /// Low-pass edge that the recording says was applied.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub low_pass: Option<Hz>,
    /// Electrode impedance that the recording states, kΩ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub impedance_kohm: Option<f64>,
    /// The unit in which the file holds its samples, where it is not [`Self::unit`].
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recorded_unit: Option<String>,
    /// How the file holds it, where it holds integers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub quantization: Option<Quantization>,
}

impl Channel {
    /// A channel in µV whose kind and built-in position follow from its name.
    ///
    /// ```
    /// use dosewave_eeg::{Channel, ChannelKind};
    /// let cz = Channel::from_name("EEG Cz-REF");
    /// assert_eq!((cz.kind, cz.label()), (ChannelKind::Eeg, "Cz"));
    /// assert!(cz.position.is_some());
    /// assert_eq!(Channel::from_name("EOG left").kind, ChannelKind::Eog);
    /// ```
    #[must_use]
    pub fn from_name(name: &str) -> Self {
        let kind = kind_from_name(name);
        let position = (kind == ChannelKind::Eeg).then(|| montage::position(label_of(name))).flatten();
        Self {
            name: name.to_owned(),
            kind,
            unit: "µV".to_owned(),
            position,
            high_pass: None,
            low_pass: None,
            impedance_kohm: None,
            recorded_unit: None,
            quantization: None,
        }
    }

    /// The electrode's label: the name without a leading `EEG ` and a trailing reference (`-REF`, `-A1` …).
    #[must_use]
    pub fn label(&self) -> &str {
        label_of(&self.name)
    }

    /// Whether its samples are voltages in µV.
    #[must_use]
    pub fn is_voltage(&self) -> bool {
        self.unit == "µV"
    }

    /// Whether its samples are a surface Laplacian in µV/cm².
    #[must_use]
    pub fn is_csd(&self) -> bool {
        self.unit == CSD_UNIT
    }
}

/// Positions of the scalp EEG channels in µV (or µV/cm², after a Laplacian): those that references, rejection and markers
/// are about.
///
/// ```
/// use dosewave_eeg::{Channel, eeg_indices};
/// let channels: Vec<Channel> = ["Fz", "EOG", "Cz"].map(Channel::from_name).to_vec();
/// assert_eq!(eeg_indices(&channels), [0, 2]);
/// ```
#[must_use]
pub fn eeg_indices(channels: &[Channel]) -> Vec<usize> {
    channels.iter().enumerate().filter(|(_, c)| is_eeg(c)).map(|(i, _)| i).collect()
}

/// Whether a channel is one of those.
pub(crate) fn is_eeg(channel: &Channel) -> bool {
    channel.kind == ChannelKind::Eeg && (channel.is_voltage() || channel.is_csd())
}

fn label_of(name: &str) -> &str {
    let mut label = name.trim();
    if label.get(..4).is_some_and(|p| p.eq_ignore_ascii_case("EEG ")) {
        label = label.get(4..).unwrap_or(label).trim();
    }
    match label.rsplit_once('-') {
        Some((electrode, reference)) if is_common_reference(reference) => electrode.trim(),
        _ => label,
    }
}

/// References that all channels of a recording share; `F3-C3` stays a bipolar lead.
fn is_common_reference(text: &str) -> bool {
    let upper = text.trim().to_ascii_uppercase();
    ["REF", "LE", "AR", "AVG", "A1", "A2", "M1", "M2", "A1A2", "M1M2", "CPZ", "FCZ", "LER"]
        .contains(&upper.as_str())
}

fn kind_from_name(name: &str) -> ChannelKind {
    let upper = name.trim().to_ascii_uppercase();
    let has = |words: &[&str]| words.iter().any(|w| upper.contains(w));
    if has(&["EOG"]) {
        ChannelKind::Eog
    } else if has(&["ECG", "EKG"]) {
        ChannelKind::Ecg
    } else if has(&["EMG"]) {
        ChannelKind::Emg
    } else if upper.starts_with("STATUS") || upper.starts_with("STI") || has(&["TRIG", "MARKER", "EVENT"]) {
        ChannelKind::Trig
    } else if has(&[
        "RESP", "TEMP", "SPO2", "SAO2", "PULSE", "PLETH", "GSR", "EDA", "ACC", "THORAX", "ABDO", "BODY",
    ]) {
        ChannelKind::Misc
    } else {
        ChannelKind::Eeg
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_lose_the_prefix_and_a_shared_reference_only() {
        for (name, label) in [
            ("EEG Fp1-REF", "Fp1"),
            ("eeg c3-a2", "c3"),
            (" Cz ", "Cz"),
            ("F3-C3", "F3-C3"),
            ("EEG", "EEG"),
            ("E17", "E17"),
            ("Fz-M1M2", "Fz"),
        ] {
            assert_eq!(Channel::from_name(name).label(), label, "{name}");
        }
    }

    #[test]
    fn kinds_follow_the_name() {
        for (kind, names) in [
            (ChannelKind::Eeg, "Cz E1 E257 VREF A1 M2 F3-C3 Ch12"),
            (ChannelKind::Eog, "EOG VEOG eogl"),
            (ChannelKind::Ecg, "ECG EKG1"),
            (ChannelKind::Emg, "EMG chin-EMG"),
            (ChannelKind::Trig, "Status STI014 Trigger"),
            (ChannelKind::Misc, "Resp SpO2 Temp"),
        ] {
            for name in names.split(' ') {
                assert_eq!(Channel::from_name(name).kind, kind, "{name}");
            }
        }
    }

    #[test]
    fn only_scalp_electrodes_have_a_position() {
        assert!(Channel::from_name("EEG T3-LE").position.is_some());
        assert_eq!(Channel::from_name("EOG").position, None);
        assert_eq!(Channel::from_name("E17").position, None);
    }

    #[test]
    fn an_eeg_channel_in_another_unit_is_not_used_as_microvolts() {
        let mut channels = [Channel::from_name("Fz"), Channel::from_name("Cz")];
        channels[0].unit = "mmHg".into();
        assert_eq!(eeg_indices(&channels), [1]);
    }
}
