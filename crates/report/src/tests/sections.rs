//! Snapshots of key sections.

use crate::section::chapters;
use crate::view::View;
use crate::{figures, fixture};
use dosewave_study::Results;

/// A section's body, a tag a line.
fn section(results: &Results, id: &str) -> String {
    let view = View::new(results);
    let chapters = chapters(&view);
    let chapter = chapters.iter().find(|chapter| chapter.section.id == id).unwrap();
    (chapter.section.body)(&view, &[]).into_string().replace("><", ">\n<")
}

/// Results with so little in them that a section can be read.
fn small() -> Results {
    let mut results = fixture::one_channel();
    let keep = ["alpha", "low_gamma", "rel_alpha"];
    results.definitions.retain(|d| keep.contains(&d.marker.as_str()));
    results.contrasts.retain(|row| keep.contains(&row.marker.as_str()) && row.site == "global");
    results
}

#[test]
fn summary() {
    insta::assert_snapshot!(section(&small(), "found"));
}

#[test]
fn quality() {
    insta::assert_snapshot!(section(&fixture::broken(), "quality"));
}

#[test]
fn notes() {
    insta::assert_snapshot!(section(&fixture::crossover(), "notes"));
}

#[test]
fn glossary() {
    insta::assert_snapshot!(section(&small(), "glossary"));
}

#[test]
fn provenance() {
    insta::assert_snapshot!(section(&small(), "provenance"));
}

#[test]
fn changes_as_drawn() {
    let figures = figures(&small());
    let (_, svg) = figures.iter().find(|(stem, _)| stem == "changes_post").unwrap();
    insta::assert_snapshot!(svg.replace("><", ">\n<"));
}
