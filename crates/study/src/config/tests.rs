use super::*;
use crate::Problem;

fn problems(file: &str, settings: &[&str]) -> Vec<Problem> {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    match Config::layered(Some(file), &settings) {
        Err(Error::Config { problems }) => problems,
        other => panic!("expected problems, got {other:?}"),
    }
}

fn with(settings: &[&str]) -> Config {
    let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
    Config::layered(None, &settings).unwrap()
}

/// Leaves of the serialised default, outside `[markers]`.
fn leaves(value: &toml::Value, path: &str, into: &mut Vec<String>) {
    match value {
        toml::Value::Table(table) => {
            for (key, inner) in table {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                if path != "markers" {
                    leaves(inner, &path, into);
                }
            }
        }
        _ => into.push(path.to_owned()),
    }
}

#[test]
fn every_field_has_a_doc_line_and_every_doc_line_a_field() {
    let mut fields = Vec::new();
    leaves(&toml::Value::try_from(Config::default()).unwrap(), "", &mut fields);
    let welch = Config { spectrum: SpectrumParams::welch(2.0, 0.5), ..Config::default() };
    leaves(&toml::Value::try_from(welch).unwrap(), "", &mut fields);
    fields.sort();
    fields.dedup();
    let mut documented: Vec<String> = OPTIONS.iter().map(|(key, _)| (*key).to_owned()).collect();
    documented.sort();
    assert_eq!(fields, documented);
    assert!(OPTIONS.iter().all(|(_, doc)| doc.len() > 8));
}

#[test]
fn the_printed_default_parses_back_to_the_default() {
    let text = Config::default_toml();
    assert_eq!(Config::layered(Some(&text), &[]).unwrap(), Config::default());
    for (_, doc) in OPTIONS {
        assert!(text.contains(doc), "{doc}");
    }
}

#[test]
fn a_changed_configuration_survives_its_own_text() {
    let config = with(&[
        "clean.line=60",
        "clean.reference=[\"M1\",\"M2\"]",
        "windows.post=[[\"200 s\",\"255 s\"]]",
        "markers.hfo=false",
        "rejection.peak_to_peak_uv=none",
        "dosing.infusion=40 min",
        "dosing.at=100",
    ]);
    let text = toml::to_string(&config).unwrap();
    assert_eq!(Config::layered(Some(&text), &[]).unwrap(), config);
    assert_eq!(config.dosing.infusion, Some(2400.0));
    assert_eq!(config.dosing.at, "100");
    assert_eq!(
        config.windows.post,
        PostWindows::Fixed(vec![[Edge { seconds: 200.0 }, Edge { seconds: 255.0 }]])
    );
    assert!(config.markers.names().all(|name| name != "hfo"));
}

#[test]
fn settings_win_over_the_file_and_the_file_over_defaults() {
    let config = Config::layered(Some("seed = 3\n[clean]\nline = 60"), &["seed=4".into()]).unwrap();
    assert_eq!((config.seed, config.clean.line, config.clean.high_pass), (4, Some(60.0), Some(0.5)));
}

#[test]
fn one_parameter_of_a_marker_changes_alone() {
    let config = with(&["markers.low_gamma.band=[30,48]"]);
    let band = |config: &Config| {
        let marker = config.markers.0.iter().find(|(name, _)| name == "low_gamma").unwrap().1.clone();
        (marker.params.get("band").cloned(), marker.kind)
    };
    let (changed, kind) = band(&config);
    assert_eq!(changed, Some(serde_json::json!([30, 48])));
    assert_eq!(kind, band(&Config::default()).1);
    assert_eq!(config.markers.0.len(), Config::default().markers.0.len());
}

#[test]
fn markers_are_added_and_chosen() {
    let file =
        "[markers]\nonly = [\"sigma\", \"delta\"]\n[markers.sigma]\nkind = \"band_power\"\nband = [11, 16]\n";
    let config = Config::layered(Some(file), &[]).unwrap();
    assert_eq!(config.markers.names().collect::<Vec<_>>(), ["delta", "sigma"]);
}

#[test]
fn another_set_of_bands_replaces_the_default_powers() {
    let config = with(&["bands=ipeg2012", "markers.alpha1=false", "markers.beta3.average=mean"]);
    let names: Vec<&str> = config.markers.names().collect();
    assert!(
        names.contains(&"rel_alpha1") && names.contains(&"beta3") && names.contains(&"emg_index"),
        "{names:?}"
    );
    assert!(
        !names.contains(&"alpha1") && !names.contains(&"alpha") && !names.contains(&"high_gamma"),
        "{names:?}"
    );
    let powers = config.markers.0.iter().filter(|(_, marker)| marker.kind.as_deref() == Some("band_power"));
    assert!(powers.filter_map(|(_, marker)| marker.params.get("bands")).all(|bands| bands == "ipeg2012"));
    let text = toml::to_string(&config).unwrap();
    assert_eq!(Config::layered(Some(&text), &[]).unwrap(), config);
    let found = problems("bands = \"ipeg\"", &[]);
    assert!(found[0].key == "bands" && found[0].text.contains("ipeg2012"), "{found:?}");
}

#[test]
fn a_band_of_ones_own_leaves_the_preset() {
    let bands = |config: &Config| {
        let marker = config.markers.0.iter().find(|(name, _)| name == "low_gamma").unwrap().1.clone();
        dosewave_markers::marker("low_gamma", &marker).unwrap().params()["bands"].clone()
    };
    assert_eq!(bands(&Config::default()), "dosewave");
    let config = with(&["markers.low_gamma.band=[30,48]"]);
    assert_eq!(bands(&config), "own");
    let text = toml::to_string(&config).unwrap();
    assert_eq!(Config::layered(Some(&text), &[]).unwrap(), config);
    let found = problems("", &["markers.low_gamma.band=[30,48]", "markers.low_gamma.bands=dosewave"]);
    assert!(found[0].text.contains("bands = \"own\""), "{found:?}");
}

#[test]
fn welch_replaces_multitaper() {
    let config = with(&["spectrum.welch.window=1"]);
    assert_eq!(config.spectrum, SpectrumParams::welch(1.0, 0.5));
}

#[test]
fn clock_times_and_words_stay_texts() {
    let config = with(&[
        "dosing.at=14:05:00",
        "dosing.drug=ketamine",
        "dosing.dose=0.5 mg/kg",
        "clean.reference=as_recorded",
    ]);
    assert_eq!(config.dosing.at, "14:05:00");
    assert_eq!(config.dosing.dose, "0.5 mg/kg");
    assert_eq!(config.clean.reference, dosewave_eeg::Reference::AsRecorded);
}

#[test]
fn all_problems_are_reported_together_with_their_keys() {
    let found =
        problems("[epochs]\nlenght = 4\noverlap = \"x\"\n[claen]\nline = 50", &["nonsense", "seed=-1"]);
    let keys: Vec<&str> = found.iter().map(|p| p.key.as_str()).collect();
    for key in ["nonsense", "epochs.lenght", "epochs.overlap", "claen", "seed"] {
        assert!(keys.contains(&key), "{key} in {keys:?}");
    }
    let unknown = found.iter().find(|p| p.key == "epochs.lenght").unwrap();
    assert!(unknown.text.contains("did you mean 'epochs.length'?"), "{}", unknown.text);
}

#[test]
fn values_out_of_range_are_refused_with_the_limit() {
    let found = problems(
        "",
        &["epochs.overlap=1", "inference.confidence=95", "inference.block=1", "windows.post=[[1,0.5]]"],
    );
    let keys: Vec<&str> = found.iter().map(|p| p.key.as_str()).collect();
    assert_eq!(keys, ["epochs.overlap", "inference.confidence", "inference.block", "windows.post"]);
    let found = problems("", &["windows.post=[[\"30\",\"60 s\"]]"]);
    assert_eq!(found[0].key, "windows.post");
}

#[test]
fn unknown_markers_and_parameters_are_named() {
    let found =
        problems("[markers.mine]\nkind = \"band_powr\"\n", &["markers.delta.bnad=[1,4]", "markers.theta=1"]);
    assert!(!found.is_empty());
    let found = problems("[markers.mine]\nkind = \"band_powr\"\n", &[]);
    assert!(found[0].key == "markers.mine" && found[0].text.contains("band_power"), "{found:?}");
    let found = problems("", &["markers.only=[\"low_gama\"]"]);
    assert!(found[0].text.contains("did you mean 'low_gamma'?"), "{found:?}");
}

#[test]
fn offered_markers_are_asked_for_by_name() {
    let names = |settings: &[&str]| -> Vec<String> {
        let settings: Vec<String> = settings.iter().map(ToString::to_string).collect();
        let config = Config::layered(None, &settings).unwrap();
        config.markers.names().map(str::to_owned).collect()
    };
    let defaults = names(&[]);
    assert_eq!(
        names(&["markers.plv.alpha=true", "markers.delta=true"]),
        [&defaults[..], &["plv.alpha".into()]].concat()
    );
    assert_eq!(names(&["markers.only=[\"alpha\",\"wpli.beta\"]"]), ["alpha", "wpli.beta"]);
    assert_eq!(names(&["markers.only=[\"dpli.theta\"]", "markers.dpli.theta.band=[5,7]"]), ["dpli.theta"]);
    let found = problems("", &["markers.only=[\"plv.alhpa\"]"]);
    assert!(found[0].text.contains("did you mean 'plv.alpha'?"), "{found:?}");
}

#[test]
fn mains_that_are_to_go_have_a_frequency() {
    let found = problems("", &["clean.line=none", "clean.line_removal=zapline"]);
    assert_eq!(found[0].key, "clean.line_removal");
    assert!(found[0].text.contains("\"zapline\" takes out nothing"), "{}", found[0].text);
    let found = problems("", &["preset=resting", "clean.line=none", "clean.line_removal=zapline"]);
    assert_eq!(found.len(), 1);
    for fine in [
        &["preset=resting", "clean.line=none"][..],
        &["clean.line=none", "clean.line_removal=none"],
        &["clean.line=60", "clean.line_removal=zapline"],
    ] {
        let settings: Vec<String> = fine.iter().map(ToString::to_string).collect();
        assert!(Config::layered(None, &settings).is_ok(), "{fine:?}");
    }
}
