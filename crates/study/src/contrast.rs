//! Before and after: one function for all markers.

use crate::config::{Config, Correction};
use crate::inference::{FEWEST_BLOCKS, spread};
use crate::plan::PlannedMarker;
use crate::{ContrastRow, Gate, Result};
use dosewave_eeg::{Region, Unit};
use dosewave_markers::{BlockStats, Change};
use dosewave_numerics::stats::{fdr_bh, holm};

/// The change from `before` to `after`: `10·log10(after / before)` for powers, `after − before` for all else.
/// `None` where a value is missing or a power is not positive.
///
/// +1 dB is 25.9 % more.
pub(crate) fn change(kind: Change, before: Option<f64>, after: Option<f64>) -> Option<f64> {
    let (before, after) = (before?, after?);
    let value = match kind {
        Change::Decibel if before > 0.0 && after > 0.0 => 10.0 * (after / before).log10(),
        Change::Decibel => f64::NAN,
        Change::Difference => after - before,
    };
    value.is_finite().then_some(value)
}

/// The unit of a change.
pub(crate) fn change_unit(kind: Change, unit: Unit) -> Unit {
    match kind {
        Change::Decibel => Unit::Decibel,
        Change::Difference => unit,
    }
}

/// One window of one marker: its statistics and its value at each site.
#[derive(Clone, Copy)]
pub(crate) struct Side<'a> {
    pub(crate) stats: &'a BlockStats,
    pub(crate) values: &'a [Option<f64>],
}

/// Rows of one marker and one window after the dose, without gate and adjustment.
pub(crate) fn rows(
    planned: &PlannedMarker,
    before: &Side<'_>,
    after: &Side<'_>,
    window: &str,
    config: &Config,
    session: &str,
) -> Result<Vec<ContrastRow>> {
    let spec = &planned.spec;
    let values = before.values.iter().zip(after.values);
    let estimates: Vec<Option<f64>> = values.map(|(b, a)| change(spec.change, *b, *a)).collect();
    let task = format!("{session}/{window}/{}", planned.name);
    let spreads = spread(&*planned.marker, (before.stats, after.stats), &estimates, config, &task)?;
    let mut rows = Vec::with_capacity(estimates.len());
    for (i, site) in after.stats.sites.iter().enumerate() {
        let spread = spreads.get(i).cloned().unwrap_or_default();
        let estimate = estimates.get(i).copied().flatten();
        rows.push(ContrastRow {
            baseline: before.values.get(i).copied().flatten(),
            post: after.values.get(i).copied().flatten(),
            change: estimate,
            ci_low: spread.ci.map(|(low, _)| low),
            ci_high: spread.ci.map(|(_, high)| high),
            p: spread.p,
            note: note(estimate, before.stats, after.stats),
            ..empty(&planned.name, site, window, change_unit(spec.change, spec.unit))
        });
    }
    Ok(rows)
}

/// A row with nothing in it yet.
pub(crate) fn empty(marker: &str, site: &str, window: &str, unit: Unit) -> ContrastRow {
    ContrastRow {
        subject: String::new(),
        session: String::new(),
        treatment: String::new(),
        window: window.to_owned(),
        marker: marker.to_owned(),
        site: site.to_owned(),
        baseline: None,
        post: None,
        change: None,
        unit,
        ci_low: None,
        ci_high: None,
        p: None,
        p_adjusted: None,
        family: String::new(),
        gate: Gate::NotApplicable,
        change_adjusted: None,
        effect_size: None,
        n: None,
        note: String::new(),
    }
}

fn note(estimate: Option<f64>, before: &BlockStats, after: &BlockStats) -> String {
    if estimate.is_none() {
        return "undefined before or after the dose".into();
    }
    if before.n_blocks < FEWEST_BLOCKS || after.n_blocks < FEWEST_BLOCKS {
        return format!(
            "{} blocks before and {} after: no interval and no p below {FEWEST_BLOCKS}",
            before.n_blocks, after.n_blocks
        );
    }
    String::new()
}

/// What kind of place a site is; p-values of one kind are adjusted together.
pub(crate) fn site_class(site: &str, channels: &[String]) -> &'static str {
    let is_region = |name: &str| Region::ALL.iter().any(|region| region.name() == name);
    if site == "global" {
        "global"
    } else if channels.iter().any(|name| name == site) {
        "channels"
    } else if is_region(site) {
        "regions"
    } else if site.split_once('-').is_some_and(|(a, b)| is_region(a) && is_region(b)) {
        "region pairs"
    } else {
        "pairs"
    }
}

/// Families of global values.
const MARKERS: &str = "all markers";
const EVIDENCE: &str = "the evidence of muscle";
/// Kinds of marker that are evidence of muscle.
const EVIDENCE_KINDS: [&str; 4] = ["emg_index", "rim_ratio", "sp_rate", "muscle_share"];

/// Whether a kind of marker is evidence of muscle.
pub(crate) fn is_evidence(kind: &str) -> bool {
    EVIDENCE_KINDS.contains(&kind)
}

/// Adjusts the p-values of one subject's (or the group's) rows of one window.
///
/// The global values of all markers are one family (Holm), and those of the `evidence` of muscle, which is asked for another
/// reason, are one of their own; the channels, regions or pairs of one marker are a family each (Benjamini–Hochberg, or
/// Holm where the configuration says so).
pub(crate) fn adjust(
    rows: &mut [ContrastRow],
    channels: &[String],
    evidence: &[&str],
    correction: Correction,
) {
    let key = |row: &ContrastRow| match site_class(&row.site, channels) {
        "global" if evidence.contains(&row.marker.as_str()) => ("global", EVIDENCE.to_owned()),
        "global" => ("global", MARKERS.to_owned()),
        class => (class, row.marker.clone()),
    };
    let mut families: Vec<(&'static str, String)> = Vec::new();
    for row in rows.iter().filter(|row| row.p.is_some()) {
        let family = key(row);
        if !families.contains(&family) {
            families.push(family);
        }
    }
    for (class, marker) in families {
        let mut members: Vec<&mut ContrastRow> =
            rows.iter_mut().filter(|row| row.p.is_some() && key(row) == (class, marker.clone())).collect();
        let p: Vec<f64> = members.iter().filter_map(|row| row.p).collect();
        let by_fdr = class != "global" && correction == Correction::Fdr;
        let adjusted = if by_fdr { fdr_bh(&p) } else { holm(&p) };
        let what = if class == "global" {
            format!("global values of {marker}")
        } else {
            format!("{class} of {marker}")
        };
        for (row, value) in members.iter_mut().zip(adjusted) {
            row.p_adjusted = Some(value);
            row.family = format!("{what} ({})", if by_fdr { "BH" } else { "Holm" });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn changes_are_db_for_powers_and_differences_else() {
        assert!((change(Change::Decibel, Some(1.0), Some(2.0)).unwrap() - 3.0103).abs() < 1e-4);
        assert_eq!(change(Change::Difference, Some(1.0), Some(-2.0)), Some(-3.0));
        assert_eq!(change(Change::Decibel, Some(0.0), Some(2.0)), None);
        assert_eq!(change(Change::Decibel, None, Some(2.0)), None);
    }

    fn row(marker: &str, site: &str, p: Option<f64>) -> ContrastRow {
        ContrastRow { p, ..empty(marker, site, "post", Unit::Decibel) }
    }

    #[test]
    fn families_are_adjusted_apart() {
        let channels = vec!["Fz".to_owned(), "Cz".to_owned()];
        let mut rows = vec![
            row("a", "global", Some(0.01)),
            row("b", "global", Some(0.03)),
            row("c", "global", None),
            row("a", "Fz", Some(0.01)),
            row("a", "Cz", Some(0.04)),
            row("a", "frontal", Some(0.2)),
            row("w", "Fz-Cz", Some(0.5)),
            row("emg_index", "global", Some(0.001)),
            row("sp_rate", "global", Some(0.03)),
        ];
        adjust(&mut rows, &channels, &["emg_index", "sp_rate"], Correction::Fdr);
        let adjusted: Vec<Option<f64>> = rows.iter().map(|r| r.p_adjusted).collect();
        let (results, evidence) = adjusted.split_at(7);
        assert_eq!(results, [Some(0.02), Some(0.03), None, Some(0.02), Some(0.04), Some(0.2), Some(0.5)]);
        assert_eq!(evidence, [Some(0.002), Some(0.03)]);
        assert_eq!(rows[7].family, "global values of the evidence of muscle (Holm)");
        assert_eq!(rows[0].family, "global values of all markers (Holm)");
        assert_eq!(rows[3].family, "channels of a (BH)");
        assert_eq!(rows[5].family, "regions of a (BH)");
        assert_eq!(rows[6].family, "pairs of w (BH)");
        assert_eq!(rows[2].family, "");
        adjust(&mut rows, &channels, &["emg_index", "sp_rate"], Correction::Holm);
        assert_eq!(rows[3].family, "channels of a (Holm)");
    }

    #[test]
    fn sites_are_told_apart() {
        let channels = vec!["Fz".to_owned(), "F3-C3".to_owned()];
        let class = |site: &str| site_class(site, &channels);
        assert_eq!([class("global"), class("Fz"), class("F3-C3")], ["global", "channels", "channels"]);
        assert_eq!(
            [class("frontal"), class("frontal-parietal"), class("Fz-Cz")],
            ["regions", "region pairs", "pairs"]
        );
    }
}
