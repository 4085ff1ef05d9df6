//! One self-contained page from [`Results`]. Computes nothing: every number in it is in `results.json`.
use dosewave_study::Results;
/// The page: one HTML text without any outside resource.
pub fn html(results: &Results) -> String { todo!() }
/// Every figure as (file stem, SVG text).
pub fn figures(results: &Results) -> Vec<(String, String)> { todo!() }
