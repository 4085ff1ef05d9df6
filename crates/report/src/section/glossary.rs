//! What each marker is.

use super::methods::doi;
use crate::figure::Figure;
use crate::view::{View, firsts};
use dosewave_study::MarkerDefinition;
use maud::{Markup, html};

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let definitions = &view.results.definitions;
    html! {
        @if !definitions.is_empty() {
            dl.glossary {
                @for kind in firsts(definitions.iter().map(|d| d.kind.as_str())) {
                    @let of_kind: Vec<&MarkerDefinition> = definitions.iter().filter(|d| d.kind == kind).collect();
                    @if let Some(first) = of_kind.first() { (entry(first, &of_kind)) }
                }
            }
        }
    }
}

/// One kind of marker, with each marker's parameters.
fn entry(kind: &MarkerDefinition, markers: &[&MarkerDefinition]) -> Markup {
    html! {
        dt { (kind.label) " " code { (kind.kind) } }
        dd {
            p { (kind.description) }
            @if !kind.formula.is_empty() { p { code.formula { (kind.formula) } } }
            p { "Unit: " (unit(kind.unit.symbol())) ". Compared as " (comparison(kind)) "." @if kind.contaminable { " Muscle can fake it: gated." } }
            ul.params { @for marker in markers { li { code { (marker.marker) } @for (key, value) in marker.params.as_object().into_iter().flatten() { " · " (key) " = " (value.to_string()) } } } }
            @if !kind.reference.is_empty() || !kind.doi.is_empty() { p.reference { (kind.reference.trim_end_matches('.')) ". " @if !kind.doi.is_empty() { (doi(&kind.doi)) } } }
        }
    }
}

fn unit(symbol: &str) -> &str {
    if symbol == "1" { "none (a pure number)" } else { symbol }
}

/// A change in dB of values that are not in dB is a ratio; all else is a difference.
fn comparison(definition: &MarkerDefinition) -> &'static str {
    let (unit, change_unit) = (definition.unit.symbol(), definition.change_unit.symbol());
    if change_unit == "dB" && unit != "dB" {
        "10·log10(post / baseline), in dB"
    } else {
        "post − baseline"
    }
}
