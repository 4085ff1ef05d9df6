//! The arrows between crates, and what the report may know.

use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Which crates a crate may use. No other arrow exists.
const ARROWS: [(&str, &[&str]); 8] = [
    ("dosewave-numerics", &[]),
    ("dosewave-eeg", &["dosewave-numerics"]),
    ("dosewave-io", &["dosewave-numerics", "dosewave-eeg"]),
    ("dosewave-markers", &["dosewave-numerics", "dosewave-eeg"]),
    ("dosewave-study", &["dosewave-numerics", "dosewave-eeg", "dosewave-io", "dosewave-markers"]),
    ("dosewave-report", &["dosewave-study"]),
    (
        "dosewave",
        &[
            "dosewave-numerics",
            "dosewave-eeg",
            "dosewave-io",
            "dosewave-markers",
            "dosewave-study",
            "dosewave-report",
        ],
    ),
    ("dosewave-cli", &["dosewave"]),
];

fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn packages() -> Vec<Value> {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--no-deps", "--offline", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    metadata["packages"].as_array().expect("packages").clone()
}

/// Crates of this workspace that a package uses, test dependencies aside.
fn uses(package: &Value) -> Vec<String> {
    let dependencies = package["dependencies"].as_array().expect("dependencies");
    let ours = dependencies.iter().filter(|d| d["kind"].is_null() && d["path"].is_string());
    ours.map(|d| d["name"].as_str().expect("name").to_owned()).collect()
}

#[test]
fn no_arrow_between_crates_but_those_of_the_table() {
    let packages = packages();
    for (name, allowed) in ARROWS {
        let package =
            packages.iter().find(|p| p["name"] == name).unwrap_or_else(|| panic!("no package {name}"));
        for used in uses(package) {
            assert!(allowed.contains(&used.as_str()), "{name} must not use {used}; allowed: {allowed:?}");
        }
    }
}

#[test]
fn every_crate_has_its_line_in_the_table() {
    for package in packages() {
        let manifest = package["manifest_path"].as_str().expect("path").replace('\\', "/");
        let name = package["name"].as_str().expect("name");
        if manifest.contains("/crates/") {
            assert!(ARROWS.iter().any(|(known, _)| *known == name), "{name} has no line in ARROWS");
        }
    }
}

fn sources(folder: &Path) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            let text = std::fs::read_to_string(&path).expect("text");
            found.push((path, text));
        }
    }
    found
}

/// Names after `dosewave_study::`, single or in braces.
fn names_of_study(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    for part in text.split("dosewave_study::").skip(1) {
        let list = match part.strip_prefix('{') {
            Some(rest) => rest.split('}').next().unwrap_or_default(),
            None => part.split(|c: char| !c.is_alphanumeric() && c != '_').next().unwrap_or_default(),
        };
        names.extend(list.split(',').map(|name| name.trim().to_owned()).filter(|name| !name.is_empty()));
    }
    names
}

#[test]
fn the_report_knows_results_and_nothing_else_of_the_study() {
    let results =
        std::fs::read_to_string(workspace().join("crates/study/src/results.rs")).expect("results.rs");
    let provenance =
        std::fs::read_to_string(workspace().join("crates/study/src/provenance.rs")).expect("provenance.rs");
    let is_result = |name: &str| {
        [&results, &provenance].iter().any(|text| {
            text.contains(&format!("pub struct {name} ")) || text.contains(&format!("pub enum {name} "))
        })
    };
    for (path, text) in sources(&workspace().join("crates/report/src")) {
        for name in names_of_study(&text) {
            assert!(is_result(&name), "{}: dosewave_study::{name} is no part of Results", path.display());
        }
    }
}

#[test]
fn samples_stay_below_the_study() {
    for (path, text) in sources(&workspace().join("crates/study/src")) {
        let own_arrays = path.components().any(|c| c.as_os_str() == "simulate") || path.ends_with("load.rs");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        assert!(
            own_arrays || !code.contains(".data_uv()"),
            "{}: the study passes recordings on and never looks at a sample",
            path.display()
        );
    }
}

#[test]
fn names_are_found_in_every_form() {
    let text = "use dosewave_study::Results;\nuse dosewave_study::{Gate,\n MarkerRow};\nfn f(r: &dosewave_study::ContrastRow) {}";
    assert_eq!(names_of_study(text), ["Results", "Gate", "MarkerRow", "ContrastRow"]);
}

/// Licences under which everything may stand that we link.
const LICENCES: [&str; 8] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Unicode-3.0",
    "Zlib",
];

/// Crates whose manifest names a file instead of a licence: the bundled HDF5 is BSD-3-Clause.
const LICENCE_FILES: [&str; 1] = ["hdf5-metno-src"];

/// Whether an SPDX expression (`OR`, `AND`, old `/`) can be met by allowed licences.
fn is_free(expression: &str) -> bool {
    let plain = expression.replace(['(', ')'], "").replace('/', " OR ");
    plain.split(" AND ").all(|all| all.split(" OR ").any(|one| LICENCES.contains(&one.trim())))
}

#[test]
fn everything_that_is_linked_may_be() {
    let output = Command::new(env!("CARGO"))
        .args(["metadata", "--offline", "--locked", "--all-features", "--format-version", "1"])
        .current_dir(workspace())
        .output()
        .expect("cargo runs");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let metadata: Value = serde_json::from_slice(&output.stdout).expect("cargo metadata is JSON");
    for package in metadata["packages"].as_array().expect("packages") {
        let name = package["name"].as_str().expect("name");
        let allowed = match package["license"].as_str() {
            Some(licence) => is_free(licence),
            None => LICENCE_FILES.contains(&name),
        };
        assert!(allowed, "{name} is under {}, which deny.toml does not allow", package["license"]);
    }
    assert!(!is_free("GPL-3.0-only") && !is_free("MIT AND GPL-2.0-only") && is_free("GPL-3.0 OR MIT"));
}

#[test]
fn deny_toml_allows_the_same_licences() {
    let text = std::fs::read_to_string(workspace().join("deny.toml")).expect("deny.toml");
    let list = text.split("allow = [").nth(1).and_then(|rest| rest.split(']').next()).expect("allow = [...]");
    let allowed: Vec<&str> =
        list.split(',').map(|part| part.trim().trim_matches('"')).filter(|p| !p.is_empty()).collect();
    assert_eq!(allowed, LICENCES);
}
