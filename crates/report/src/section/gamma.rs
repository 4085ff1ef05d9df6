//! Gamma in every spatial view, beside the evidence of muscle.

use crate::figure::Figure;
use crate::table::{Line, changes, edges};
use crate::view::{GLOBAL, Shown, View};
use dosewave_study::MarkerDefinition;
use maud::{Markup, html};

/// Where gamma begins, Hz.
const GAMMA_FROM_HZ: f64 = 30.0;
/// The site at which the Laplacian is the primary view.
const CENTRAL: &str = "central";
/// Kinds of marker that tell about muscle.
const EVIDENCE: [&str; 4] = ["emg_index", "rim_ratio", "sp_rate", "muscle_share"];

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let gamma: Vec<&MarkerDefinition> = view.results.definitions.iter().filter(|d| is_gamma(d)).collect();
    let evidence: Vec<&MarkerDefinition> =
        view.results.definitions.iter().filter(|d| EVIDENCE.contains(&d.kind.as_str())).collect();
    html! {
        @if gamma.iter().any(|d| spatial_view(d).is_some()) {
            p { "The surface Laplacian at central leads is the primary view of gamma: muscle at the rim of the cap hardly reaches it. Where it "
                "and the potentials agree and the evidence stands still, a change is unlikely to be muscle." }
            @for shown in view.shown.iter().filter(|shown| !shown.rows.is_empty()) {
                @if view.shown.len() > 1 { h3 { (shown.label()) } }
                @for window in shown.windows() {
                    (changes(&format!("Gamma, {}.", view.window_label(window)), "View and site", &views(view, shown, window, &gamma)))
                    (changes(&format!("Evidence of muscle, {}.", view.window_label(window)), "Evidence", &at_global(view, shown, window, &evidence)))
                }
            }
        }
    }
}

fn is_gamma(definition: &MarkerDefinition) -> bool {
    definition.kind == "band_power" && edges(definition).is_some_and(|[low, _]| low >= GAMMA_FROM_HZ)
}

fn spatial_view(definition: &MarkerDefinition) -> Option<&str> {
    definition.params.get("view")?.as_str()
}

/// The Laplacian at central leads first, then every view over the head.
fn views<'a>(
    view: &View<'a>,
    shown: &Shown<'a>,
    window: &str,
    gamma: &[&'a MarkerDefinition],
) -> Vec<Line<'a>> {
    let line = |definition: &&'a MarkerDefinition, site: &'static str| Line {
        name: html! { code { (definition.marker) } " " small { (named(definition)) ", " (site) @if site == CENTRAL { " leads (primary)" } } },
        row: shown.row(window, &definition.marker, site),
        unit: definition.unit.symbol(),
        reason: view.reason(&definition.marker),
    };
    let laplacian = gamma.iter().filter(|d| spatial_view(d) == Some("laplacian"));
    let central = laplacian.map(|definition| line(definition, CENTRAL));
    central.chain(gamma.iter().map(|definition| line(definition, GLOBAL))).collect()
}

fn named(definition: &MarkerDefinition) -> &'static str {
    match spatial_view(definition) {
        Some("laplacian") => "surface Laplacian",
        Some("linked_mastoids") => "linked mastoids",
        _ => "reference of the analysis",
    }
}

fn at_global<'a>(
    view: &View<'a>,
    shown: &Shown<'a>,
    window: &str,
    definitions: &[&'a MarkerDefinition],
) -> Vec<Line<'a>> {
    let line = |definition: &&'a MarkerDefinition| Line {
        name: crate::table::marker_name(definition),
        row: shown.row(window, &definition.marker, GLOBAL),
        unit: definition.unit.symbol(),
        reason: view.reason(&definition.marker),
    };
    definitions.iter().map(line).collect()
}
