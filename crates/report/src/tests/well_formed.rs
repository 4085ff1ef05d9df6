//! HTML with balanced tags, SVG that an XML parser reads.

use crate::{figures, fixture, html};
use dosewave_study::Results;

const VOID: [&str; 4] = ["meta", "br", "link", "img"];

/// What is wrong with the nesting of tags, if anything.
fn fault(page: &str) -> Option<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut rest = page.strip_prefix("<!DOCTYPE html>").unwrap_or(page);
    while let Some(at) = rest.find('<') {
        let Some(end) = rest[at..].find('>') else {
            return Some(format!("a tag without end: {}", &rest[at..]));
        };
        let tag = &rest[at + 1..at + end];
        rest = &rest[at + end + 1..];
        let name = tag.trim_start_matches('/').split([' ', '\n']).next().unwrap_or_default();
        if !tag.matches('"').count().is_multiple_of(2) || tag.contains('<') {
            return Some(format!("quotes or brackets in <{tag}>"));
        }
        match tag.strip_prefix('/') {
            Some(_) if open.pop() != Some(name) => return Some(format!("</{name}> closes nothing")),
            None if !VOID.contains(&name) => open.push(name),
            _ => {}
        }
    }
    open.pop().map(|name| format!("<{name}> stays open"))
}

fn all() -> [Results; 5] {
    [
        fixture::one_channel(),
        fixture::one_subject(),
        fixture::crossover(),
        fixture::broken(),
        fixture::hostile(),
    ]
}

#[test]
fn the_checker_finds_faults() {
    assert_eq!(fault("<p><b>x</b></p>"), None);
    for bad in ["<p><b>x</p></b>", "<p>", "</p>", "<p class=\"a>x</p>", "<p"] {
        assert!(fault(bad).is_some(), "{bad}");
    }
}

#[test]
fn every_tag_is_closed() {
    for results in all() {
        assert_eq!(fault(&html(&results)), None, "{}", results.title);
    }
}

#[test]
fn every_figure_is_xml_with_a_title() {
    let mut seen = 0;
    for results in all() {
        for (stem, svg) in figures(&results) {
            let document = roxmltree::Document::parse(&svg).unwrap_or_else(|e| panic!("{stem}: {e}"));
            let root = document.root_element();
            assert_eq!(root.tag_name().namespace(), Some("http://www.w3.org/2000/svg"), "{stem}");
            for wanted in ["title", "desc"] {
                let text = root
                    .children()
                    .find(|c| c.has_tag_name((root.tag_name().namespace().unwrap(), wanted)))
                    .and_then(|c| c.text());
                assert!(text.is_some_and(|t| !t.trim().is_empty()), "{stem} without {wanted}");
            }
            assert!(root.attribute("viewBox").is_some() && root.attribute("role") == Some("img"), "{stem}");
            assert!(stem.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'), "{stem}");
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}

#[test]
fn stems_and_ids_are_unique() {
    for results in all() {
        let mut stems: Vec<String> = figures(&results).into_iter().map(|(stem, _)| stem).collect();
        let n = stems.len();
        stems.sort();
        stems.dedup();
        assert_eq!(stems.len(), n);
        let page = html(&results);
        let mut ids: Vec<&str> =
            page.split(" id=\"").skip(1).filter_map(|rest| rest.split('"').next()).collect();
        let n = ids.len();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), n, "{}", results.title);
    }
}

#[test]
fn hostile_names_stay_text() {
    let page = html(&fixture::hostile());
    assert!(!page.contains("<script") && !page.contains("<b>low"));
    assert!(
        page.contains("&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;")
            || page.contains("&lt;script&gt;alert('x')&lt;/script&gt;")
    );
}
