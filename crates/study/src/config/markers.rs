//! The `[markers]` tables: what is measured, in table order.

use dosewave_markers::{BandPreset, MarkerConfig, default_markers, default_markers_for};
use serde::de::{Error as _, MapAccess, Visitor};
use serde::ser::SerializeMap;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;

/// Named markers with their parameters, in table order.
#[derive(Clone, Debug, PartialEq)]
pub struct Markers(pub Vec<(String, MarkerConfig)>);

impl Default for Markers {
    fn default() -> Self {
        Self(default_markers())
    }
}

impl Markers {
    /// The names, in table order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(name, _)| name.as_str())
    }
}

impl Markers {
    /// The default markers of the same set of bands that were taken out.
    fn removed(&self) -> Vec<String> {
        let ipeg = serde_json::json!(BandPreset::Ipeg2012.name());
        let is_ipeg = self.0.iter().any(|(_, marker)| marker.params.get("bands") == Some(&ipeg));
        let bands = if is_ipeg { BandPreset::Ipeg2012 } else { BandPreset::Dosewave };
        let names = default_markers_for(bands).into_iter().map(|(name, _)| name);
        names.filter(|name| self.names().all(|kept| kept != name)).collect()
    }
}

impl Serialize for Markers {
    /// Default markers that were taken out are written as `NAME = false`, so that the text says it all.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let removed = self.removed();
        let mut map = serializer.serialize_map(Some(self.0.len() + removed.len()))?;
        for name in &removed {
            map.serialize_entry(name, &false)?;
        }
        for (name, marker) in &self.0 {
            map.serialize_entry(name, marker)?;
        }
        map.end()
    }
}

impl<'de> Deserialize<'de> for Markers {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(TableVisitor)
    }
}

struct TableVisitor;

impl<'de> Visitor<'de> for TableVisitor {
    type Value = Markers;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("tables [markers.NAME]")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Markers, A::Error> {
        let mut markers = Vec::new();
        while let Some((name, value)) = map.next_entry::<String, serde_json::Value>()? {
            match value {
                serde_json::Value::Bool(false) => {}
                value => {
                    let marker = serde_json::from_value(value)
                        .map_err(|e| A::Error::custom(format!("marker '{name}': {e}")))?;
                    markers.push((name, marker));
                }
            }
        }
        Ok(Markers(markers))
    }
}
