//! What a newcomer reads: help, lists, and the default configuration.
#![allow(clippy::unwrap_used)]

mod common;

use common::dosewave;
use std::path::Path;

fn output(arguments: &[&str]) -> String {
    let said = dosewave(Path::new("."), arguments);
    assert_eq!((said.code, said.err.as_str()), (0, ""), "{arguments:?}");
    said.out
}

#[test]
fn help_of_every_command() {
    insta::assert_snapshot!("help", output(&["--help"]));
    for command in [
        "demo", "info", "compare", "markers", "run", "bids", "report", "simulate", "convert", "config",
        "list",
    ] {
        insta::assert_snapshot!(format!("help_{command}"), output(&[command, "--help"]));
    }
}

#[test]
fn lists_and_the_default_configuration() {
    for what in ["markers", "measures", "formats"] {
        insta::assert_snapshot!(format!("list_{what}"), output(&["list", what]));
    }
    insta::assert_snapshot!("config_default", output(&["config", "--default"]));
}

#[test]
fn the_default_configuration_is_one_and_changes_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path();
    std::fs::write(path.join("default.toml"), output(&["config", "--default"])).unwrap();
    std::fs::write(path.join("empty.toml"), "").unwrap();
    let check = |file| {
        let said = dosewave(path, &["config", "--check", file]);
        assert_eq!((said.code, said.err.as_str()), (0, ""), "{file}");
        said.out
    };
    assert_eq!(check("default.toml"), check("empty.toml"));
}

#[test]
fn machine_readable_lists_parse() {
    for what in ["markers", "measures", "formats"] {
        let rows: serde_json::Value = serde_json::from_str(&output(&["list", what, "--json"])).unwrap();
        assert_eq!(rows.as_array().unwrap().len(), output(&["list", what]).lines().count(), "{what}");
    }
    let schema: serde_json::Value = serde_json::from_str(&output(&["config", "--schema"])).unwrap();
    assert!(schema.is_object());
}
