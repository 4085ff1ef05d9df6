//! Values as people write them in a configuration.

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};

/// A time from the dose. Written as a number (hours) or as text with a unit: `"-100 s"`, `"30 min"`, `"1.5 h"`.
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct Edge {
    /// Seconds from the dose.
    pub seconds: f64,
}

impl Serialize for Edge {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&format!("{} s", self.seconds))
    }
}

impl<'de> Deserialize<'de> for Edge {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let seconds = match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(hours) => hours * 3600.0,
            NumberOrText::Text(text) => seconds_from_text(&text).map_err(D::Error::custom)?,
        };
        Ok(Self { seconds })
    }
}

#[derive(Deserialize)]
#[serde(untagged, expecting = "a number or a text")]
enum NumberOrText {
    Number(f64),
    Text(String),
}

/// Seconds from a text with a unit.
pub(crate) fn seconds_from_text(text: &str) -> Result<f64, String> {
    let trimmed = text.trim();
    let split =
        trimmed.find(|c: char| c.is_ascii_alphabetic() && c != 'e' && c != 'E').unwrap_or(trimmed.len());
    let (number, unit) = trimmed.split_at(split);
    let factor = match unit {
        "s" | "sec" => 1.0,
        "m" | "min" => 60.0,
        "h" | "hours" | "hour" => 3600.0,
        _ => {
            return Err(format!(
                "'{text}' is not a time with a unit; write it as \"90 s\", \"30 min\" or \"1.5 h\""
            ));
        }
    };
    match number.trim().parse::<f64>() {
        Ok(value) if value.is_finite() => Ok(value * factor),
        _ => Err(format!(
            "'{text}' does not begin with a number; write it as \"90 s\", \"30 min\" or \"1.5 h\""
        )),
    }
}

/// `"none"` (or 0) for an option that is switched off.
pub(crate) mod or_none {
    use super::NumberOrText;
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(number) => serializer.serialize_f64(*number),
            None => serializer.serialize_str("none"),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(0.0) => Ok(None),
            NumberOrText::Number(number) => Ok(Some(number)),
            NumberOrText::Text(text) if text == "none" => Ok(None),
            NumberOrText::Text(text) => {
                Err(D::Error::custom(format!("'{text}' is neither a number nor \"none\"")))
            }
        }
    }
}

/// A duration in seconds, written with a unit, or `"none"`.
pub(crate) mod duration_or_none {
    use super::{NumberOrText, seconds_from_text};
    use serde::{Deserialize, Deserializer, Serializer, de::Error as _};

    pub(crate) fn serialize<S: Serializer>(value: &Option<f64>, serializer: S) -> Result<S::Ok, S::Error> {
        match value {
            Some(seconds) => serializer.serialize_str(&format!("{seconds} s")),
            None => serializer.serialize_str("none"),
        }
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<f64>, D::Error> {
        match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(0.0) => Ok(None),
            NumberOrText::Number(number) => {
                Err(D::Error::custom(format!("{number} has no unit; write it as \"40 min\"")))
            }
            NumberOrText::Text(text) if text == "none" => Ok(None),
            NumberOrText::Text(text) => seconds_from_text(&text).map(Some).map_err(D::Error::custom),
        }
    }
}

/// A text; a bare number is taken as it is written.
pub(crate) mod text {
    use super::NumberOrText;
    use serde::{Deserialize, Deserializer, Serializer};

    pub(crate) fn serialize<S: Serializer>(value: &str, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(value)
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
        Ok(match NumberOrText::deserialize(deserializer)? {
            NumberOrText::Number(number) => number.to_string(),
            NumberOrText::Text(text) => text,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_carry_their_unit() {
        assert_eq!(seconds_from_text("-100 s"), Ok(-100.0));
        assert_eq!(seconds_from_text("30 min"), Ok(1800.0));
        assert_eq!(seconds_from_text("1.5h"), Ok(5400.0));
        assert!(seconds_from_text("30").unwrap_err().contains("unit"));
        assert!(seconds_from_text("- min").unwrap_err().contains("number"));
    }

    #[test]
    fn bare_edges_are_hours() {
        let edge: Edge = serde_json::from_str("-0.5").unwrap();
        assert_eq!(edge.seconds, -1800.0);
        assert_eq!(serde_json::to_string(&edge).unwrap(), "\"-1800 s\"");
    }
}
