//! One self-contained page from [`Results`], and every figure of it as SVG.
//!
//! The report computes nothing: every number in it stands in `results.json`. What it does is layout: it chooses rows,
//! rounds for reading, places marks on axes and colours the scalp between electrodes.
//!
//! A section is a file in `section/` and a line in its `SECTIONS`; a kind of drawing is a file in `svg/`.

mod figure;
mod page;
mod section;
mod svg;
mod table;
mod text;
mod view;

#[cfg(test)]
mod fixture;
#[cfg(test)]
mod tests;

use dosewave_study::Results;

/// The page: one HTML text without script and without any outside resource.
///
/// It opens in any browser, prints, and may be attached to a paper. Large studies stay below about 5 MB: figures that do
/// not fit are named with the file ([`figures`]) that holds them, long tables with the table file that holds them.
///
/// ```
/// # fn results() -> dosewave_study::Results {
/// #     serde_json::from_str(r#"{"title": "One session", "definitions": [], "sessions": [], "markers": [], "contrasts": [],
/// #         "spectra": [], "time_courses": [], "connectivity": [], "methods": "", "notes": [],
/// #         "provenance": {"software": "dosewave", "version": "0.1.0", "seed": 1, "config": {}, "inputs": []}}"#).unwrap()
/// # }
/// let page = dosewave_report::html(&results());
/// assert!(page.starts_with("<!DOCTYPE html>") && page.contains("One session"));
/// ```
#[must_use]
pub fn html(results: &Results) -> String {
    page::page(&view::View::new(results)).into_string()
}

/// Every figure as (file stem, SVG text): valid XML with `title` and `desc`, without outside fonts or styles.
///
/// Stems are unique and hold lower-case letters, digits and `_` only.
///
/// ```
/// # fn results() -> dosewave_study::Results {
/// #     serde_json::from_str(r#"{"title": "One session", "definitions": [], "sessions": [], "markers": [], "contrasts": [],
/// #         "spectra": [{"subject": "01", "session": "", "treatment": "", "window": "baseline", "site": "global",
/// #             "freqs_hz": [1.0, 10.0], "psd_uv2_hz": [10.0, 1.0], "ci_low": [], "ci_high": []}],
/// #         "time_courses": [], "connectivity": [], "methods": "", "notes": [],
/// #         "provenance": {"software": "dosewave", "version": "0.1.0", "seed": 1, "config": {}, "inputs": []}}"#).unwrap()
/// # }
/// let figures = dosewave_report::figures(&results());
/// let (stem, svg) = &figures[0];
/// assert!(stem == "spectra" && svg.contains("<svg xmlns="));
/// ```
#[must_use]
pub fn figures(results: &Results) -> Vec<(String, String)> {
    let view = view::View::new(results);
    let chapters = section::chapters(&view);
    chapters
        .iter()
        .flat_map(|chapter| &chapter.figures)
        .map(|figure| (figure.stem.clone(), figure.file()))
        .collect()
}
