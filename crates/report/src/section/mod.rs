//! The sections of the page, one file each.

mod connectivity;
mod forest;
mod gamma;
mod glossary;
mod methods;
mod notes;
mod provenance;
mod quality;
mod responses;
mod sites;
mod spectra;
mod summary;
mod time_course;
mod topomap;
mod truth;

use crate::figure::Figure;
use crate::view::View;
use maud::{Markup, html};
use std::collections::HashSet;

/// A section: its figures, and its text around them. A section without text is left out.
pub(crate) struct Section {
    /// Name of the link to it.
    pub(crate) id: &'static str,
    pub(crate) title: &'static str,
    pub(crate) figures: fn(&View<'_>) -> Vec<Figure>,
    pub(crate) body: fn(&View<'_>, &[Figure]) -> Markup,
}

/// Every section in the order of the page: a new one is a file and a line here.
const SECTIONS: &[Section] = &[
    Section { id: "found", title: "What was found", figures: none, body: summary::body },
    Section { id: "gamma", title: "Gamma in three views, and muscle", figures: none, body: gamma::body },
    Section {
        id: "effects",
        title: "Changes with their intervals",
        figures: forest::figures,
        body: forest::body,
    },
    Section {
        id: "truth",
        title: "Planted truth beside the estimate",
        figures: truth::figures,
        body: truth::body,
    },
    Section {
        id: "spectra",
        title: "Spectra before and after",
        figures: spectra::figures,
        body: spectra::body,
    },
    Section {
        id: "time-course",
        title: "Time course",
        figures: time_course::figures,
        body: time_course::body,
    },
    Section { id: "topography", title: "Where on the scalp", figures: topomap::figures, body: topomap::body },
    Section {
        id: "connectivity",
        title: "Connectivity",
        figures: connectivity::figures,
        body: connectivity::body,
    },
    Section { id: "sites", title: "Every site", figures: none, body: sites::body },
    Section { id: "quality", title: "Recordings and quality", figures: none, body: quality::body },
    Section { id: "notes", title: "Notes", figures: none, body: notes::body },
    Section { id: "methods", title: "Methods", figures: none, body: methods::body },
    Section { id: "glossary", title: "Glossary of markers", figures: none, body: glossary::body },
    Section { id: "provenance", title: "Provenance", figures: none, body: provenance::body },
];

/// A section with its figures drawn.
pub(crate) struct Chapter {
    pub(crate) section: &'static Section,
    pub(crate) figures: Vec<Figure>,
}

/// Every section with its figures; stems are unique.
pub(crate) fn chapters(view: &View<'_>) -> Vec<Chapter> {
    let mut chapters: Vec<Chapter> =
        SECTIONS.iter().map(|section| Chapter { section, figures: (section.figures)(view) }).collect();
    let mut taken = HashSet::new();
    for figure in chapters.iter_mut().flat_map(|chapter| &mut chapter.figures) {
        let wanted = figure.stem.clone();
        for n in 2.. {
            if taken.insert(figure.stem.clone()) {
                break;
            }
            figure.stem = format!("{wanted}_{n}");
        }
    }
    chapters
}

fn none(_: &View<'_>) -> Vec<Figure> {
    Vec::new()
}

/// What a fast rhythm means and does not mean, and what the verdicts on muscle are.
pub(crate) fn gamma_remark(view: &View<'_>) -> Markup {
    let contaminable = view.results.definitions.iter().any(|definition| definition.contaminable);
    html! {
        @if contaminable {
            aside.remark id="reading-gamma" {
                p { strong { "Reading gamma. " }
                    "An acute rise of gamma after an NMDA-receptor antagonist is a sign that the drug has reached its target. It is not a clinical response and does not foretell one." }
                p { strong { "Muscle. " }
                    "Scalp muscle adds power above about 20 Hz, and can fake a change of gamma, of the aperiodic exponent and of fast coupling. Every such value carries a verdict: "
                    (crate::table::badge(dosewave_study::Gate::Ok)) " the muscle evidence speaks against it; "
                    (crate::table::badge(dosewave_study::Gate::Confounded)) " muscle can explain the value; "
                    (crate::table::badge(dosewave_study::Gate::Unknown)) " there is no evidence either way; "
                    (crate::table::badge(dosewave_study::Gate::NotApplicable)) " muscle cannot fake this marker. The rules are in the methods." }
            }
        }
    }
}

/// The same in a sentence, beside the figures of fast rhythms.
pub(crate) fn gamma_hint(view: &View<'_>) -> Markup {
    let contaminable = view.results.definitions.iter().any(|definition| definition.contaminable);
    html! {
        @if contaminable {
            p.hint { "Acute gamma is a sign of target engagement, not of clinical response, and muscle can fake it: see "
                a href="#reading-gamma" { "Reading gamma" } "." }
        }
    }
}
