//! Every kind of marker, listed once.
use crate::{DynMarker, Result, Spec};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
/// One `[markers.NAME]` table of a configuration: `kind` (default: the name itself) and its parameters.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkerConfig { #[serde(skip_serializing_if = "Option::is_none")] pub kind: Option<String>, #[serde(flatten)] pub params: serde_json::Map<String, serde_json::Value> }
/// Named markers ready to compute, in table order.
pub struct Registry { pub entries: Vec<(String, Box<dyn DynMarker>)> }
/// The markers of the default configuration, by name (`low_gamma`, `rel_alpha`, `aperiodic_exponent`, `wpli2_debiased.low_gamma`, `emg_index` …).
pub fn default_markers() -> Vec<(String, MarkerConfig)> { todo!() }
/// Specs of all kinds.
pub fn kinds() -> Vec<Spec> { todo!() }
/// A marker from its table name and parameters; unknown kinds list the known ones, unknown parameters are refused.
pub fn marker(name: &str, config: &MarkerConfig) -> Result<Box<dyn DynMarker>> { todo!() }
impl Registry { pub fn new(configs: &BTreeMap<String, MarkerConfig>) -> Result<Self> { todo!() } }
