//! What the page holds and what it must not.

use crate::{figures, fixture, html};
use dosewave_study::Results;

fn all() -> [Results; 4] {
    [fixture::one_channel(), fixture::one_subject(), fixture::crossover(), fixture::broken()]
}

/// Writes the pages for looking at them.
#[test]
fn pages_can_be_looked_at() {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/tmp/report");
    std::fs::create_dir_all(&folder).unwrap();
    for (name, results) in ["one_channel", "one_subject", "crossover", "broken"].iter().zip(all()) {
        let page = html(&results);
        assert!(page.len() > 5_000, "{name}");
        std::fs::write(folder.join(format!("{name}.html")), page).unwrap();
        for (stem, svg) in figures(&results) {
            std::fs::write(folder.join(format!("{name}_{stem}.svg")), svg).unwrap();
        }
    }
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    for results in all() {
        let page = html(&results);
        for (at, _) in page.match_indices("http") {
            assert!(page[at..].starts_with("https://doi.org/"), "{}", &page[at..(at + 60).min(page.len())]);
        }
        for loader in ["<script", "<link", "<img", "<iframe", "@import", "@font-face", "src="] {
            assert!(!page.contains(loader), "{loader}");
        }
        // clipping shapes of the same page are the only thing that styles refer to
        assert_eq!(page.matches("url(").count(), page.matches("url(#").count());
    }
}

#[test]
fn no_broken_number_is_printed() {
    for results in all() {
        let shown = html(&results) + &figures(&results).into_iter().map(|(_, svg)| svg).collect::<String>();
        for broken in ["NaN", "inf ", ">inf<", "\"inf", "null", "None", "Some("] {
            assert!(!shown.contains(broken), "{broken} in {}", results.title);
        }
    }
}

#[test]
fn numbers_that_are_not_finite_are_missing() {
    let mut results = fixture::one_channel();
    for row in &mut results.contrasts {
        (row.change, row.ci_low, row.p, row.baseline) =
            (Some(f64::NAN), Some(f64::INFINITY), Some(f64::NAN), Some(f64::NEG_INFINITY));
    }
    results.spectra.iter_mut().for_each(|s| s.psd_uv2_hz[3] = f64::NAN);
    results.time_courses.iter_mut().for_each(|c| c.change[3] = Some(f64::NAN));
    let shown = html(&results) + &figures(&results).into_iter().map(|(_, svg)| svg).collect::<String>();
    assert!(!shown.contains("NaN") && !shown.contains("inf\"") && !shown.contains(">inf<"));
    assert!(figures(&results).iter().any(|(stem, _)| stem == "spectra"));
}

#[test]
fn the_page_has_language_headings_and_named_drawings() {
    let page = html(&fixture::crossover());
    assert!(page.contains(r#"<html lang="en">"#) && page.matches("<h1").count() == 1);
    let drawings = page.matches("<svg ").count();
    assert!(drawings > 10);
    assert_eq!(drawings, page.matches(r#"role="img" aria-label=""#).count());
    assert_eq!(drawings, page.matches("<figcaption>").count());
}

#[test]
fn links_within_the_page_lead_somewhere() {
    for results in all() {
        let page = html(&results);
        for link in page.split("href=\"#").skip(1).filter_map(|rest| rest.split('"').next()) {
            assert!(page.contains(&format!(" id=\"{link}\"")), "{link} in {}", results.title);
        }
    }
}

#[test]
fn a_crossover_leads_with_the_difference_and_shows_its_truth() {
    let page = html(&fixture::crossover());
    let at = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    assert!(at("<h3>ketamine − placebo</h3>") < at("<h3>ketamine</h3>"));
    assert!(at("<h3>ketamine</h3>") < at("<h3>placebo</h3>"));
    assert!(page.contains("12 subjects · 24 sessions") && page.contains("Planted truth beside the estimate"));
    assert!(page.contains("✓ yes") && page.contains("✕ no"));
    assert!(page.contains("It is not a clinical response"));
}

#[test]
fn failures_are_said_with_their_reasons() {
    let page = html(&fixture::broken());
    assert!(page.contains("2 sessions of 3 could not be analysed"));
    assert!(page.contains("01.edf: the header ends after 12 bytes; 256 are needed"));
    assert!(page.contains("There is no change from baseline to show"));
    assert!(
        page.contains("all 150 epochs of &#39;post&#39; were rejected")
            || page.contains("all 150 epochs of 'post' were rejected")
    );
    assert!(figures(&fixture::broken()).is_empty());
}

#[test]
fn a_missing_marker_says_why() {
    let mut results = fixture::one_channel();
    results.contrasts.retain(|row| row.marker != "high_gamma");
    let row = results.contrasts.iter_mut().find(|row| row.marker == "low_gamma").unwrap();
    (row.change, row.ci_low, row.ci_high, row.note) =
        (None, None, None, "every epoch of baseline was rejected".into());
    let page = html(&results);
    assert!(page.contains(r#"<small class="reason">every epoch of baseline was rejected</small>"#));
    assert!(page.contains("<small>not computed; the notes say more</small>"));
}

#[test]
fn the_same_note_stands_once() {
    let page = html(&fixture::crossover());
    assert_eq!(
        page.matches("the header&#39;s reserved field is empty").count()
            + page.matches("the header's reserved field is empty").count(),
        1
    );
    assert!(page.contains("(24 times)") && page.contains("sub-08 and 4 more"));
}

#[test]
fn responses_stand_under_their_courses_with_intervals_and_reasons() {
    let page = html(&fixture::one_subject());
    assert!(page.contains("Responses at site global"), "no table");
    assert!(page.contains("38.0<br><small>[34.2, 41.8]</small>"), "the time of the peak with its interval");
    assert!(page.contains("not before the end of the recording"), "a missing end says why");
    let mut none = fixture::one_subject();
    none.responses.clear();
    assert!(!html(&none).contains("Responses at site"));
}

#[test]
fn large_studies_stay_below_five_megabytes() {
    let mut results = fixture::crossover();
    // twenty-five markers: the band powers twice more
    for copy in ["a", "b"] {
        let powers: Vec<_> = results
            .definitions
            .iter()
            .filter(|d| d.kind == "band_power" || d.marker.contains('.'))
            .cloned()
            .collect();
        for definition in powers.iter().take(8) {
            let of = |marker: &String| *marker == definition.marker;
            let name = format!("{copy}_{}", definition.marker);
            let rows: Vec<_> = results
                .contrasts
                .iter()
                .filter(|r| of(&r.marker))
                .cloned()
                .map(|r| dosewave_study::ContrastRow { marker: name.clone(), ..r })
                .collect();
            let matrices: Vec<_> = results
                .connectivity
                .iter()
                .filter(|m| of(&m.marker))
                .cloned()
                .map(|m| dosewave_study::ConnectivityMatrix { marker: name.clone(), ..m })
                .collect();
            results.contrasts.extend(rows);
            results.connectivity.extend(matrices);
            results.definitions.push(dosewave_study::MarkerDefinition { marker: name, ..definition.clone() });
        }
    }
    assert!(results.definitions.len() > 25);
    let page = html(&results);
    assert!(page.len() < 5_000_000, "{}", page.len());
}

#[test]
fn the_same_results_give_the_same_page() {
    let results = fixture::one_subject();
    assert_eq!(html(&results), html(&results));
    assert_eq!(figures(&results), figures(&results));
}
