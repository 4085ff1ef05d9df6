//! What of the results is shown, and in which order. Nothing is computed here.

use crate::svg::color::{Style, style};
use crate::text;
use dosewave_study::{ContrastRow, MarkerDefinition, Results, SessionSummary};
use std::collections::{BTreeMap, HashSet};

/// The subject of group rows.
pub(crate) const GROUP: &str = "group";
/// The site that stands for all channels.
pub(crate) const GLOBAL: &str = "global";
/// The window before the dose.
pub(crate) const BASELINE: &str = "baseline";
/// Sessions shown in full where there is no group.
const MOST_SESSIONS: usize = 6;
/// Kinds of markers that are shown at once; the others are folded away.
const PRIMARY_KINDS: [&str; 4] = ["band_power", "aperiodic_exponent", "wpli2_debiased", "emg_index"];

/// Whose results are shown in full: a treatment of the group, a difference of treatments, or a session.
pub(crate) struct Shown<'a> {
    pub(crate) subject: &'a str,
    pub(crate) session: &'a str,
    pub(crate) treatment: &'a str,
    /// Its changes from baseline.
    pub(crate) rows: Vec<&'a ContrastRow>,
}

impl<'a> Shown<'a> {
    /// Whether it is about the group.
    pub(crate) fn is_group(&self) -> bool {
        self.subject == GROUP
    }

    /// Whether it is a difference of treatments.
    pub(crate) fn is_difference(&self) -> bool {
        self.is_group() && self.treatment.contains(" - ")
    }

    /// `ketamine − placebo`, `Group`, `01 2 ketamine`.
    pub(crate) fn label(&self) -> String {
        match (self.is_group(), self.treatment) {
            (true, "") => "Group".into(),
            (true, treatment) => text::treatment(treatment),
            (false, _) => session_label(self.subject, self.session, self.treatment),
        }
    }

    /// Windows after the dose.
    pub(crate) fn windows(&self) -> Vec<&'a str> {
        firsts(self.rows.iter().map(|row| row.window.as_str()))
    }

    /// The row of a marker at a site.
    pub(crate) fn row(&self, window: &str, marker: &str, site: &str) -> Option<&'a ContrastRow> {
        self.rows.iter().copied().find(|row| row.marker == marker && row.site == site && row.window == window)
    }

    /// Whether a spectrum, course or matrix is of this session or group.
    pub(crate) fn owns(&self, subject: &str, session: &str, treatment: &str) -> bool {
        self.subject == subject && self.session == session && self.treatment == treatment
    }
}

/// The results, with what every section asks for.
pub(crate) struct View<'a> {
    pub(crate) results: &'a Results,
    /// Whose results are shown in full.
    pub(crate) shown: Vec<Shown<'a>>,
    /// Channel positions where known, metres.
    pub(crate) positions: BTreeMap<&'a str, [f64; 3]>,
    channels: HashSet<&'a str>,
}

impl<'a> View<'a> {
    /// A view of results.
    pub(crate) fn new(results: &'a Results) -> Self {
        let mut positions = BTreeMap::new();
        let mut channels = HashSet::new();
        for channel in results.sessions.iter().flat_map(|session| &session.channels) {
            channels.insert(channel.name.as_str());
            if let Some(position) = channel.position.filter(|p| p.iter().all(|v| v.is_finite())) {
                positions.entry(channel.name.as_str()).or_insert(position);
            }
        }
        Self { results, shown: shown(results), positions, channels }
    }

    /// Whether there are group results.
    pub(crate) fn has_group(&self) -> bool {
        self.shown.iter().any(Shown::is_group)
    }

    /// Sessions that were analysed.
    pub(crate) fn analysed(&self) -> impl Iterator<Item = &'a SessionSummary> {
        self.results.sessions.iter().filter(|session| session.failure.is_none())
    }

    /// Window names of all sessions and spectra, baseline first.
    pub(crate) fn windows(&self) -> Vec<&'a str> {
        let of_sessions =
            self.analysed().flat_map(|session| session.windows.iter().map(|w| w.window.as_str()));
        let of_spectra = self.results.spectra.iter().map(|s| s.window.as_str());
        firsts(std::iter::once(BASELINE).chain(of_sessions).chain(of_spectra))
    }

    /// Colour and dash of a window's lines.
    pub(crate) fn window_style(&self, window: &str) -> Style {
        style(self.windows().iter().position(|name| *name == window).unwrap_or(0))
    }

    /// Name of a window with its times, where all sessions agree on them.
    pub(crate) fn window_label(&self, window: &str) -> String {
        let mut times = self
            .analysed()
            .flat_map(|s| &s.windows)
            .filter(|w| w.window == window)
            .map(|w| text::minutes(w.t_start_min, w.t_stop_min));
        match times.next() {
            Some(first) if times.all(|other| other == first) => format!("{window} ({first})"),
            _ => window.to_owned(),
        }
    }

    /// Treatments in order of appearance.
    pub(crate) fn treatments(&self) -> Vec<&'a str> {
        firsts(self.results.sessions.iter().map(|session| session.treatment.as_str()))
    }

    /// Colour and dash of the `index`-th of the shown.
    pub(crate) fn shown_style(&self, index: usize) -> Style {
        match self.shown.get(index) {
            Some(shown) if shown.is_difference() => Style { color: "#000000", dash: "" },
            Some(shown) if self.has_group() => self.treatment_style(shown.treatment),
            // orange first: blue is the baseline's
            _ => style(index + 1),
        }
    }

    /// Colour and dash of a treatment.
    pub(crate) fn treatment_style(&self, treatment: &str) -> Style {
        match self.treatments().iter().position(|name| *name == treatment).unwrap_or(0) {
            0 => style(1),
            1 => Style { dash: "6 2", ..style(0) },
            later => style(later),
        }
    }

    /// Whether a marker is shown at once.
    pub(crate) fn is_primary(definition: &MarkerDefinition) -> bool {
        PRIMARY_KINDS.contains(&definition.kind.as_str()) && definition.params.get("view").is_none()
    }

    /// The definition of a marker.
    pub(crate) fn definition(&self, marker: &str) -> Option<&'a MarkerDefinition> {
        self.results.definitions.iter().find(|definition| definition.marker == marker)
    }

    /// Whether a site is a pair of channels.
    pub(crate) fn is_pair(&self, site: &str) -> bool {
        let known = |name: &str| self.channels.contains(name);
        !known(site) && site.match_indices('-').any(|(at, _)| known(&site[..at]) && known(&site[at + 1..]))
    }

    /// Why a marker has no value: what its own rows say.
    pub(crate) fn reason(&self, marker: &str) -> &'a str {
        let of_contrasts = self
            .results
            .contrasts
            .iter()
            .filter(|r| r.change.is_none() && r.marker == marker)
            .map(|r| r.note.as_str());
        let of_values = self
            .results
            .markers
            .iter()
            .filter(|r| r.value.is_none() && r.marker == marker)
            .map(|r| r.note.as_str());
        of_contrasts
            .chain(of_values)
            .find(|note| !note.is_empty())
            .unwrap_or("not computed; the notes say more")
    }
}

/// `01 2 ketamine`, without what is empty.
pub(crate) fn session_label(subject: &str, session: &str, treatment: &str) -> String {
    let parts: Vec<&str> =
        [subject, session, treatment].into_iter().filter(|part| !part.is_empty()).collect();
    if parts.is_empty() { "Session".into() } else { parts.join(" · ") }
}

/// Each text once, in order of appearance.
pub(crate) fn firsts<'a>(all: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = Vec::new();
    for text in all {
        if !seen.contains(&text) {
            seen.push(text);
        }
    }
    seen
}

/// The group's differences of treatments, then its treatments; without a group the first sessions.
fn shown(results: &Results) -> Vec<Shown<'_>> {
    let keys: Vec<(&str, &str, &str)> = if results.contrasts.iter().any(|row| row.subject == GROUP) {
        let mut treatments = firsts(
            results.contrasts.iter().filter(|row| row.subject == GROUP).map(|row| row.treatment.as_str()),
        );
        treatments.sort_by_key(|treatment| !treatment.contains(" - "));
        treatments.into_iter().map(|treatment| (GROUP, "", treatment)).collect()
    } else {
        let of_sessions = results
            .sessions
            .iter()
            .filter(|s| s.failure.is_none())
            .map(|s| (s.subject.as_str(), s.session.as_str(), s.treatment.as_str()));
        let of_spectra =
            results.spectra.iter().map(|s| (s.subject.as_str(), s.session.as_str(), s.treatment.as_str()));
        let mut keys = Vec::new();
        for key in of_sessions.chain(of_spectra) {
            if !keys.contains(&key) && keys.len() < MOST_SESSIONS {
                keys.push(key);
            }
        }
        keys
    };
    let of = |key: (&str, &str, &str)| -> Vec<&ContrastRow> {
        results
            .contrasts
            .iter()
            .filter(|row| (row.subject.as_str(), row.session.as_str(), row.treatment.as_str()) == key)
            .collect()
    };
    keys.into_iter()
        .map(|key| Shown { subject: key.0, session: key.1, treatment: key.2, rows: of(key) })
        .collect()
}
