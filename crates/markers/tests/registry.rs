//! What holds for every marker, whichever it is.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

mod common;

use common::{HEAD, by_site, head, params, segment};
use dosewave_eeg::Unit;
use dosewave_markers::{
    BandPreset, Change, MarkerConfig, Registry, Segment, default_markers, default_markers_for, kinds, marker,
    offered_markers, plain_counts,
};
use std::collections::HashSet;

fn registry() -> Registry {
    Registry::new(&default_markers()).unwrap()
}

/// The default markers and those that are offered.
fn all() -> Registry {
    Registry::new(&[default_markers(), offered_markers(BandPreset::Dosewave)].concat()).unwrap()
}

#[test]
fn default_names_are_those_of_the_interface_in_order() {
    let names: Vec<String> = default_markers().into_iter().map(|(name, _)| name).collect();
    let bands = ["delta", "theta", "alpha", "beta", "low_gamma", "high_gamma", "hfo"];
    let mut expected: Vec<String> = bands.map(str::to_owned).to_vec();
    for band in ["low_gamma", "high_gamma", "hfo"] {
        expected.extend(["laplacian", "linked_mastoids"].map(|view| format!("{band}.{view}")));
    }
    expected.extend(bands.map(|band| format!("rel_{band}")));
    let backgrounds =
        ["aperiodic_exponent", "aperiodic_exponent.30_45", "aperiodic_exponent.20_90", "aperiodic_offset"];
    expected.extend(backgrounds.map(str::to_owned));
    expected.push("low_gamma_above_1f".to_owned());
    expected.extend(["rate", "occupancy", "dwell"].map(|measure| format!("gamma_burst_{measure}")));
    expected.extend(
        [
            "sef95",
            "median_frequency",
            "iaf_cog",
            "iaf_peak",
            "theta_cordance",
            "alpha_asymmetry",
            "gamma_beta_ratio",
        ]
        .map(str::to_owned),
    );
    for measure in ["coh", "imcoh", "ciplv", "wpli2_debiased"] {
        expected.extend(["alpha", "low_gamma"].map(|band| format!("{measure}.{band}")));
    }
    expected.extend(["alpha", "beta", "low_gamma"].map(|band| format!("aec.{band}")));
    let evidence = ["emg_index", "rim_ratio", "sp_rate", "muscle_share.low_gamma", "muscle_share.high_gamma"];
    expected.extend(evidence.map(str::to_owned));
    expected.extend(["vigilance_b1", "vigilance_a1"].map(str::to_owned));
    assert_eq!(names, expected);
}

#[test]
fn another_set_of_bands_changes_the_powers_only() {
    let (ours, ipeg) = (default_markers(), default_markers_for(BandPreset::Ipeg2012));
    let powers = |markers: &[(String, MarkerConfig)]| -> Vec<String> {
        markers
            .iter()
            .filter(|(_, config)| config.params.contains_key("bands"))
            .map(|(name, _)| name.clone())
            .collect()
    };
    let bands = ["delta", "theta", "alpha1", "alpha2", "beta1", "beta2", "beta3", "gamma"];
    let mut expected: Vec<String> = bands.map(str::to_owned).to_vec();
    expected.extend(["gamma.laplacian", "gamma.linked_mastoids"].map(str::to_owned));
    expected.extend(bands.map(|band| format!("rel_{band}")));
    assert_eq!(powers(&ipeg), expected);
    for (preset, markers) in [(BandPreset::Dosewave, &ours), (BandPreset::Ipeg2012, &ipeg)] {
        for (name, config) in markers.iter().filter(|(_, config)| config.params.contains_key("band")) {
            let kind = config.kind.as_deref().unwrap_or(name);
            let is_power = ["band_power", "relative_power"].contains(&kind);
            assert_eq!(
                config.params.get("bands").is_some_and(|bands| bands == preset.name()),
                is_power,
                "{name}"
            );
        }
    }
    let others = |markers: Vec<(String, MarkerConfig)>| -> Vec<(String, MarkerConfig)> {
        markers.into_iter().filter(|(_, config)| !config.params.contains_key("bands")).collect()
    };
    Registry::new(&ipeg).unwrap();
    assert_eq!(others(ours), others(ipeg));
}

#[test]
fn a_band_that_is_not_of_its_preset_is_refused() {
    let mut config: MarkerConfig = default_markers().swap_remove(0).1;
    config.params.insert("band".into(), serde_json::json!([0.5, 4.0]));
    let problem = marker("delta", &config).unwrap_err().to_string();
    assert!(problem.contains("0.5–4 Hz") && problem.contains("bands = \"own\""), "{problem}");
    config.params.insert("bands".into(), "own".into());
    marker("delta", &config).unwrap();
}

#[test]
fn every_kind_says_what_it_is() {
    let kinds = kinds();
    let names: HashSet<&str> = kinds.iter().map(|spec| spec.kind).collect();
    assert_eq!(names.len(), kinds.len(), "kinds are unique");
    for spec in kinds {
        assert!(
            spec.kind.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_'),
            "{}",
            spec.kind
        );
        assert!(spec.doi.starts_with("10.") && spec.doi.contains('/'), "{}: DOI {}", spec.kind, spec.doi);
        for (what, text, least) in [
            ("label", spec.label, 5),
            ("description", spec.description, 60),
            ("formula", spec.formula, 20),
            ("reference", spec.reference, 40),
        ] {
            assert!(text.len() >= least, "{}: {what} says too little: '{text}'", spec.kind);
            assert!(!text.contains("  "), "{}: {what} holds a run of blanks: '{text}'", spec.kind);
        }
        assert!(!format!("{}{}", spec.label, spec.description).contains("E/I"), "{}", spec.kind);
        let is_ratio_of_powers = ["relative_power", "gamma_beta_ratio"].contains(&spec.kind);
        let reads_as_power = matches!(spec.unit, Unit::Uv2PerHz) || is_ratio_of_powers;
        assert_eq!(
            spec.change == Change::Decibel,
            reads_as_power,
            "dB for powers, a difference for all else"
        );
    }
}

#[test]
fn every_default_is_written_out_and_read_back() {
    for (name, config) in default_markers() {
        let made = marker(&name, &config).unwrap();
        let mut written = config.params.clone();
        written.extend(config.view.map(|view| ("view".to_owned(), view.name().into())));
        assert_eq!(made.params(), serde_json::Value::Object(written), "{name}");
        let text = serde_json::to_string(&config).unwrap();
        assert_eq!(serde_json::from_str::<MarkerConfig>(&text).unwrap(), config, "{name}");
        let mut typo = config;
        typo.params.insert("bandd".into(), 1.into());
        let problem = marker(&name, &typo).unwrap_err().to_string();
        assert!(problem.contains("bandd") && problem.contains(&name), "{problem}");
    }
}

#[test]
fn what_is_offered_can_be_made_and_is_no_default() {
    let defaults: HashSet<String> = default_markers().into_iter().map(|(name, _)| name).collect();
    let offered = offered_markers(BandPreset::Dosewave);
    assert!(offered.iter().all(|(name, _)| !defaults.contains(name)));
    for measure in ["plv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli"] {
        for band in ["theta", "alpha", "beta", "low_gamma", "high_gamma"] {
            assert!(offered.iter().any(|(name, _)| *name == format!("{measure}.{band}")), "{measure}.{band}");
        }
    }
    let of_head = ["mic", "mim", "net_strength", "net_clustering", "net_efficiency", "net_path_length"];
    for measure in [&of_head[..], &["net_modularity", "net_small_world"]].concat() {
        for band in ["theta", "alpha", "beta", "low_gamma", "high_gamma"] {
            let (_, config) = offered.iter().find(|(name, _)| *name == format!("{measure}.{band}")).unwrap();
            let muscle = marker("m", config).unwrap().muscle_band();
            assert_eq!(muscle.is_some(), !["theta", "alpha"].contains(&band), "{measure}.{band}");
        }
    }
    let judged = |name: &str| {
        let (name, config) = offered.iter().find(|(known, _)| known == name).unwrap();
        marker(name, config).unwrap().contaminable()
    };
    assert!(judged("plv.low_gamma") && judged("dpli.beta") && !judged("wpli.theta"));
}

#[test]
fn every_kind_has_its_defaults_without_parameters() {
    for spec in kinds() {
        let made = marker(spec.kind, &MarkerConfig::default()).unwrap();
        assert_eq!(made.spec(), spec);
    }
}

#[test]
fn every_marker_gives_one_value_per_site() {
    let segment = segment(&HEAD, 700.0, head(1));
    for (name, marker) in all().entries {
        let stats = marker.block_stats(&segment).unwrap();
        let drawn = marker.evaluate(&stats, plain_counts(stats.n_blocks).view()).unwrap();
        assert_eq!(drawn.dim(), (1, stats.sites.len()), "{name}");
        assert_eq!(stats.members.len(), stats.sites.len(), "{name}");
        let has_direction = marker.spec().kind == "dpli";
        assert_eq!(stats.sites[0] == "global", !has_direction, "{name}");
        assert_eq!(
            stats.sites.iter().collect::<HashSet<_>>().len(),
            stats.sites.len(),
            "{name}: sites are unique"
        );
        // without a burst there is no length of one
        let may_miss = marker.spec().kind == "burst_dwell";
        assert!(may_miss || drawn.iter().all(|value| value.is_finite()), "{name}: {drawn}");
        assert_eq!((stats.n_blocks, stats.n_epochs), (8, 24), "{name}");
        let pairs = marker.pair_values(&stats).unwrap();
        let has_pairs = marker.pair_measure().is_some() || marker.spec().kind == "aec";
        assert_eq!(pairs.map(|pairs| pairs.len()), has_pairs.then_some(210), "{name}");
    }
}

/// A dimension check that needs no knowledge of the marker: twice the voltage is four times the power.
#[test]
fn twice_the_signal_changes_each_value_as_its_unit_says() {
    let data_uv = head(2);
    let (once, twice) = (segment(&HEAD, 700.0, data_uv.clone()), segment(&HEAD, 700.0, 2.0 * data_uv));
    for (name, marker) in all().entries {
        let (before, after) = (by_site(&*marker, &once), by_site(&*marker, &twice));
        for (site, value) in before {
            let expected = match marker.spec().unit {
                Unit::Uv2PerHz => 4.0 * value,
                Unit::Microvolt => 2.0 * value,
                // a ratio of two powers of the same recording
                Unit::Decibel if ["rim_ratio", "power_above_1f"].contains(&marker.spec().kind) => value,
                Unit::Decibel => value + 10.0 * 4_f64.log10(),
                Unit::LogUv2PerHz => value + 4_f64.log10(),
                Unit::CsdPerHz => 4.0 * value,
                Unit::LogCsdPerHz => value + 4_f64.log10(),
                Unit::One | Unit::Hertz | Unit::PerMinute | Unit::Millisecond => value,
            };
            let got = after[&site];
            assert!(
                (got - expected).abs() < 1e-9 * expected.abs().max(1.0),
                "{name} at {site}: {got}, not {expected}"
            );
        }
    }
}

#[test]
fn the_order_of_channels_does_not_matter() {
    let data_uv = head(3);
    let reversed = data_uv.slice_axis(ndarray::Axis(1), ndarray::Slice::new(0, None, -1)).to_owned();
    let mut names = HEAD;
    names.reverse();
    let (forward, backward) = (segment(&HEAD, 700.0, data_uv), segment(&names, 700.0, reversed));
    for (name, marker) in all().entries {
        let (a, b) = (by_site(&*marker, &forward), by_site(&*marker, &backward));
        assert_eq!(a.len(), b.len(), "{name}");
        for (site, value) in a {
            assert!((value - b[&site]).abs() < 1e-9 * value.abs().max(1.0), "{name} at {site}");
        }
    }
}

#[test]
fn only_markers_above_20_hz_ask_for_evidence() {
    let contaminable: Vec<String> = registry()
        .entries
        .iter()
        .filter(|(_, marker)| marker.contaminable())
        .map(|(name, _)| name.clone())
        .collect();
    let expected = [
        "beta",
        "low_gamma",
        "high_gamma",
        "hfo",
        "low_gamma.laplacian",
        "low_gamma.linked_mastoids",
        "high_gamma.laplacian",
        "high_gamma.linked_mastoids",
        "hfo.laplacian",
        "hfo.linked_mastoids",
        "rel_beta",
        "rel_low_gamma",
        "rel_high_gamma",
        "rel_hfo",
        "aperiodic_exponent",
        "aperiodic_exponent.30_45",
        "aperiodic_exponent.20_90",
        "aperiodic_offset",
        "low_gamma_above_1f",
        "gamma_burst_rate",
        "gamma_burst_occupancy",
        "gamma_burst_dwell",
        "sef95",
        "median_frequency",
        "gamma_beta_ratio",
        "coh.low_gamma",
        "imcoh.low_gamma",
        "ciplv.low_gamma",
        "wpli2_debiased.low_gamma",
        "aec.beta",
        "aec.low_gamma",
    ];
    assert_eq!(contaminable, expected);
}

#[test]
fn what_a_segment_cannot_carry_is_missing_with_a_reason() {
    let reason = |sfreq: f64, low_pass: Option<f64>, name: &str| {
        let data_uv = common::noise(2, 12, sfreq, 4, |_| 1.0);
        let mut params = params();
        params.low_pass = low_pass.map(dosewave_eeg::Hz);
        let segment = Segment::new(common::epochs(&["F3", "P3"], sfreq, data_uv), params).unwrap();
        let (_, marker) = registry().entries.into_iter().find(|(entry, _)| entry == name).unwrap();
        marker.block_stats(&segment).err().map(|error| error.to_string())
    };
    assert_eq!(reason(500.0, None, "high_gamma"), None);
    assert!(
        reason(500.0, Some(70.0), "high_gamma").unwrap().contains("0.8 × the recorded low-pass of 70 Hz")
    );
    assert!(reason(128.0, None, "rel_high_gamma").unwrap().contains("half the sampling frequency"));
    assert!(reason(200.0, None, "coh.low_gamma").unwrap().contains("at least 250 Hz"));
    assert!(reason(128.0, None, "emg_index").unwrap().contains("51–69 Hz"));
    assert!(reason(64.0, None, "rel_alpha").unwrap().contains("1–45 Hz"));
}
