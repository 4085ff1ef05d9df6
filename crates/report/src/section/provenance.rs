//! What was run on what.

use crate::figure::Figure;
use crate::view::View;
use maud::{Markup, html};

pub(crate) fn body(view: &View<'_>, _: &[Figure]) -> Markup {
    let provenance = &view.results.provenance;
    html! {
        p { (provenance.software) " " (provenance.version) ", seed " (provenance.seed)
            ". The same version, configuration and files give the same bytes in " code { "results.json" } "." }
        @if !provenance.inputs.is_empty() {
            details {
                summary { "Input files (" (provenance.inputs.len()) ")" }
                div.scroll role="region" aria-label="Input files" tabindex="0" {
                    table {
                        caption { "Input files." }
                        thead { tr { th scope="col" { "File" } th.num scope="col" { "Bytes" } th scope="col" { "SHA-256" } } }
                        tbody { @for input in &provenance.inputs { tr { th scope="row" { (input.name) } td.num { (input.bytes) } td { code.hash { (input.sha256) } } } } }
                    }
                }
            }
        }
        details { summary { "Configuration, defaults filled in" } pre { (format!("{:#}", provenance.config)) } }
    }
}
