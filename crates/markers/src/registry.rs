//! Every kind of marker, listed once.

use crate::markers::KINDS;
use crate::viewed::Viewed;
use crate::{BandPreset, DynMarker, Error, Marker, Result, Spec, View};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use std::collections::HashSet;

/// One `[markers.NAME]` table of a configuration: `kind` (default: the name itself), `view` and its parameters.
///
/// ```
/// use dosewave_markers::{MarkerConfig, marker};
/// let config: MarkerConfig = serde_json::from_str(r#"{"kind": "band_power", "band": [20, 30]}"#).unwrap();
/// assert_eq!(marker("high_beta", &config).unwrap().params()["band"], serde_json::json!([20.0, 30.0]));
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct MarkerConfig {
    /// Kind in the registry; the name of the table where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub kind: Option<String>,
    /// Spatial view; the reference that cleaning chose where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub view: Option<View>,
    /// Its parameters; those left out have their default.
    #[serde(flatten)]
    pub params: Map<String, Value>,
}

/// A marker from its parameters, or what is wrong with them.
type Parsed = std::result::Result<Box<dyn DynMarker>, String>;

/// A row of the registry.
pub(crate) struct Kind {
    spec: fn() -> Spec,
    parse: fn(Map<String, Value>) -> Parsed,
    defaults: fn(BandPreset) -> Vec<(String, MarkerConfig)>,
    offered: fn(BandPreset) -> Vec<(String, MarkerConfig)>,
    takes_view: fn(View) -> std::result::Result<(), &'static str>,
}

impl Kind {
    /// The row of a marker type.
    pub(crate) const fn of<M: Marker>() -> Self {
        Self {
            spec: M::spec,
            parse: parse::<M>,
            defaults: defaults::<M>,
            offered: offered::<M>,
            takes_view: M::takes_view,
        }
    }
}

/// Lists the kinds: for each `file::Type` it writes the module, the `pub use` and the row of the table.
macro_rules! registry {
    ($($module:ident::$marker:ident),+ $(,)?) => {
        $(mod $module; pub use $module::$marker;)+
        /// Every kind, in the order of the default configuration.
        pub(crate) const KINDS: &[$crate::registry::Kind] = &[$($crate::registry::Kind::of::<$marker>()),+];
    };
}
pub(crate) use registry;

fn parse<M: Marker>(params: Map<String, Value>) -> Parsed {
    let marker: M = serde_json::from_value(Value::Object(params)).map_err(|error| error.to_string())?;
    marker.check()?;
    Ok(Box::new(marker))
}

fn defaults<M: Marker>(bands: BandPreset) -> Vec<(String, MarkerConfig)> {
    let plain = M::defaults(bands).into_iter().map(|(name, marker)| (name, None, marker));
    let in_views =
        M::defaults_in_views(bands).into_iter().map(|(name, view, marker)| (name, Some(view), marker));
    let written = |(name, view, marker): (String, _, M)| (name.clone(), written(&name, view, &marker));
    plain.chain(in_views).map(written).collect()
}

fn offered<M: Marker>(bands: BandPreset) -> Vec<(String, MarkerConfig)> {
    let written = |(name, marker): (String, M)| (name.clone(), written(&name, None, &marker));
    M::offered(bands).into_iter().map(written).collect()
}

/// The table of a marker, with every parameter written out.
fn written<M: Marker>(name: &str, view: Option<View>, marker: &M) -> MarkerConfig {
    let kind = M::spec().kind;
    let params = match serde_json::to_value(marker) {
        Ok(Value::Object(params)) => params,
        _ => Map::new(),
    };
    MarkerConfig { kind: (name != kind).then(|| kind.to_owned()), view, params }
}

/// Named markers ready to compute, in table order.
#[derive(Debug)]
pub struct Registry {
    /// Name in the tables, and the marker.
    pub entries: Vec<(String, Box<dyn DynMarker>)>,
}

impl Registry {
    /// The markers of a configuration, in its order.
    ///
    /// # Errors
    /// As [`marker`]; [`Error::Params`] for a name that stands twice.
    ///
    /// ```
    /// use dosewave_markers::{Registry, default_markers};
    /// let registry = Registry::new(&default_markers()).unwrap();
    /// assert_eq!(registry.entries[4].0, "low_gamma");
    /// ```
    pub fn new(configs: &[(String, MarkerConfig)]) -> Result<Self> {
        let mut seen = HashSet::new();
        let mut entries = Vec::with_capacity(configs.len());
        for (name, config) in configs {
            if !seen.insert(name) {
                let problem = "the name stands twice; rename one of the two".to_owned();
                return Err(Error::Params { marker: name.clone(), problem });
            }
            entries.push((name.clone(), marker(name, config)?));
        }
        Ok(Self { entries })
    }
}

/// The markers of the default configuration, by name (`low_gamma`, `rel_alpha`, `aperiodic_exponent`,
/// `wpli2_debiased.low_gamma`, `emg_index` …), with every parameter written out.
#[must_use]
pub fn default_markers() -> Vec<(String, MarkerConfig)> {
    default_markers_for(BandPreset::Dosewave)
}

/// The same with the absolute and relative powers of another set of bands, named by its names.
///
/// ```
/// use dosewave_markers::{BandPreset, default_markers_for};
/// let markers = default_markers_for(BandPreset::Ipeg2012);
/// let (name, config) = &markers[2];
/// assert_eq!((name.as_str(), &config.params["bands"]), ("alpha1", &serde_json::json!("ipeg2012")));
/// ```
#[must_use]
pub fn default_markers_for(bands: BandPreset) -> Vec<(String, MarkerConfig)> {
    KINDS.iter().flat_map(|kind| (kind.defaults)(bands)).collect()
}

/// The markers that are no part of the default configuration and can be asked for by name, with every parameter written out.
///
/// ```
/// use dosewave_markers::{BandPreset, offered_markers};
/// assert!(offered_markers(BandPreset::Dosewave).iter().any(|(name, _)| name == "plv.alpha"));
/// ```
#[must_use]
pub fn offered_markers(bands: BandPreset) -> Vec<(String, MarkerConfig)> {
    let defaults = default_markers_for(bands);
    let all = KINDS.iter().flat_map(|kind| (kind.offered)(bands));
    all.filter(|(name, _)| defaults.iter().all(|(default, _)| default != name)).collect()
}

/// Specs of all kinds.
///
/// ```
/// assert!(dosewave_markers::kinds().iter().any(|spec| spec.kind == "band_power" && spec.doi.starts_with("10.")));
/// ```
#[must_use]
pub fn kinds() -> Vec<Spec> {
    KINDS.iter().map(|kind| (kind.spec)()).collect()
}

/// A marker from its table name and parameters; unknown kinds list the known ones, unknown parameters are refused.
///
/// # Errors
/// [`Error::UnknownKind`] with the known kinds and a near miss; [`Error::Params`] for an unknown parameter, a value that is
/// not allowed, or a spatial view in which the marker means nothing.
///
/// ```
/// use dosewave_markers::{MarkerConfig, marker};
/// let error = marker("aperiodic_exponant", &MarkerConfig::default()).unwrap_err();
/// assert!(error.to_string().contains("did you mean 'aperiodic_exponent'?"));
/// ```
pub fn marker(name: &str, config: &MarkerConfig) -> Result<Box<dyn DynMarker>> {
    let kind = config.kind.as_deref().unwrap_or(name);
    let row = KINDS
        .iter()
        .find(|row| (row.spec)().kind == kind)
        .ok_or_else(|| unknown(kind, config.kind.is_some()))?;
    let marker = (row.parse)(config.params.clone())
        .map_err(|problem| Error::Params { marker: name.to_owned(), problem })?;
    let Some(view) = config.view else { return Ok(marker) };
    match (row.takes_view)(view) {
        Ok(()) => Ok(Box::new(Viewed { marker, view })),
        Err(why) => {
            let problem = format!("view = '{}' is not for '{kind}': {why}; leave `view` out", view.name());
            Err(Error::Params { marker: name.to_owned(), problem })
        }
    }
}

fn unknown(kind: &str, kind_was_given: bool) -> Error {
    let known: Vec<&str> = KINDS.iter().map(|row| (row.spec)().kind).collect();
    let near =
        known.iter().map(|name| (edits(kind, name), name)).min().filter(|(n, name)| *n <= name.len() / 3);
    let hint = match near {
        Some((_, name)) => format!(", did you mean '{name}'?"),
        None if kind_was_given => String::new(),
        None => " (the table's own name stands for its kind; set `kind` to one of these)".to_owned(),
    };
    Error::UnknownKind { kind: kind.to_owned(), hint, known: known.join(", ") }
}

/// Levenshtein distance: insertions, deletions and replacements from `a` to `b`.
fn edits(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn edits_are_counted() {
        assert_eq!((edits("coh", "coh"), edits("imcho", "imcoh"), edits("kitten", "sitting")), (0, 2, 3));
    }

    #[test]
    fn unknown_kinds_list_the_known_ones() {
        let error = marker("my_gamma", &MarkerConfig::default()).unwrap_err().to_string();
        assert!(error.contains("set `kind`") && error.contains("band_power, relative_power"), "{error}");
        let config = MarkerConfig { kind: Some("wpli2_debaised".into()), ..MarkerConfig::default() };
        assert!(marker("w", &config).unwrap_err().to_string().contains("did you mean 'wpli2_debiased'?"));
    }

    #[test]
    fn unknown_and_bad_parameters_are_refused_by_name() {
        let config = |json: &str| serde_json::from_str::<MarkerConfig>(json).unwrap();
        let problem = |json: &str| marker("gamma", &config(json)).unwrap_err().to_string();
        let typo = problem(r#"{"kind": "band_power", "bnad": [1, 2]}"#);
        assert!(typo.contains("'gamma'") && typo.contains("`bnad`") && typo.contains("`band`"), "{typo}");
        assert!(problem(r#"{"kind": "band_power", "band": [45, 30]}"#).contains("[45, 30]"));
        assert!(problem(r#"{"kind": "aperiodic_exponent", "mode": "bent"}"#).contains("`fixed`"));
        assert!(problem(r#"{"kind": "aperiodic_offset", "range": [0, 30]}"#).contains("0 Hz"));
    }

    #[test]
    fn evidence_is_refused_in_views_that_hide_muscle() {
        let of = |kind: &str, view: View| {
            marker(kind, &MarkerConfig { view: Some(view), ..MarkerConfig::default() })
        };
        for kind in ["emg_index", "rim_ratio", "sp_rate"] {
            for view in View::ALL {
                let problem = of(kind, view).unwrap_err().to_string();
                assert!(
                    problem.contains(&format!("view = '{}' is not for '{kind}'", view.name())),
                    "{problem}"
                );
            }
        }
        assert!(of("muscle_share", View::Laplacian).is_err());
        assert!(of("muscle_share", View::LinkedMastoids).is_ok());
        assert!(of("band_power", View::Laplacian).is_ok());
    }

    #[test]
    fn a_name_may_stand_once() {
        let one = ("coh".to_owned(), MarkerConfig::default());
        assert!(Registry::new(&[one.clone(), one]).unwrap_err().to_string().contains("twice"));
    }
}
