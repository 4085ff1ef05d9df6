//! The report computes nothing: every number of a table stands in the results.

use crate::{fixture, html, text};
use dosewave_study::Results;
use std::collections::HashSet;

/// Every way in which the report may print the numbers of the results.
fn printable(results: &Results) -> HashSet<String> {
    let mut values = Vec::new();
    collect(&serde_json::to_value(results).unwrap(), &mut values);
    let mut shown: HashSet<String> = HashSet::new();
    for value in values {
        shown.extend([
            text::number(value),
            text::signed(value),
            text::p_value(value),
            text::short(value),
            value.to_string(),
        ]);
    }
    shown
}

fn collect(json: &serde_json::Value, values: &mut Vec<f64>) {
    match json {
        serde_json::Value::Number(number) => values.extend(number.as_f64()),
        serde_json::Value::Array(items) => items.iter().for_each(|item| collect(item, values)),
        serde_json::Value::Object(fields) => fields.values().for_each(|field| collect(field, values)),
        _ => {}
    }
}

/// Texts of the cells of class `num`, tags taken out.
fn cells(page: &str) -> Vec<String> {
    let starts = page.split("<td class=\"num\">").skip(1);
    starts
        .map(|rest| {
            let cell = rest.split("</td>").next().unwrap_or_default();
            let mut plain = String::new();
            let mut is_tag = false;
            for c in cell.chars() {
                match c {
                    '<' => is_tag = true,
                    '>' => is_tag = false,
                    c if !is_tag => plain.push(c),
                    _ => {}
                }
            }
            plain.replace("&lt;", "<")
        })
        .collect()
}

fn strangers(results: &Results, page: &str) -> Vec<String> {
    let known = printable(results);
    let is_number = |word: &str| word.chars().any(|c| c.is_ascii_digit()) && !word.contains('/');
    cells(page)
        .iter()
        .flat_map(|cell| cell.split([' ', '[', ']', ',']).map(str::to_owned).collect::<Vec<_>>())
        .filter(|word| is_number(word) && !known.contains(word))
        .collect()
}

#[test]
fn every_number_of_a_table_stands_in_the_results() {
    for results in [fixture::one_channel(), fixture::one_subject(), fixture::crossover()] {
        let page = html(&results);
        assert!(cells(&page).len() > 50);
        let strangers = strangers(&results, &page);
        // the number of channels is the length of a list
        let channels = results.sessions[0].channels.len().to_string();
        assert!(strangers.iter().all(|word| *word == channels), "{strangers:?}");
    }
}

#[test]
fn a_computed_number_would_be_found() {
    let results = fixture::one_channel();
    let page = html(&results).replacen("<td class=\"num\">", "<td class=\"num\">12.3456789", 1);
    assert!(!strangers(&results, &page).is_empty());
}
