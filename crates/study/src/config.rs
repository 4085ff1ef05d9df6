//! Every option that changes a result.
use serde::{Deserialize, Serialize};
/// Every option that changes a result. (Fields by its owner.)
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, Default)]
#[serde(default, deny_unknown_fields)]
pub struct Config { pub seed: u64 }
impl Config {
    /// Defaults < file < `KEY=VALUE` settings, merged as TOML values before parsing.
    pub fn layered(file: Option<&str>, settings: &[String]) -> crate::Result<Self> { todo!() }
    /// Every option with its doc line, as TOML that parses back to the default.
    pub fn default_toml() -> String { todo!() }
    /// JSON schema.
    pub fn schema() -> serde_json::Value { todo!() }
}
