//! What an analysis found: everything that a report, a table or a data frame shows.
//!
//! Nothing here is computed later: the report and the front-ends only print it.

use crate::Provenance;
use dosewave_eeg::{Note, Unit};
use dosewave_markers::Change;
use serde::{Deserialize, Serialize};

/// The results of a before/after-dosing analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Results {
    /// Title of the analysis.
    pub title: String,
    /// What each marker is, in table order.
    pub definitions: Vec<MarkerDefinition>,
    /// One entry per session.
    pub sessions: Vec<SessionSummary>,
    /// Tidy rows: one value per session, window, marker and site.
    pub markers: Vec<MarkerRow>,
    /// Changes from baseline, per session and for the group.
    pub contrasts: Vec<ContrastRow>,
    /// Spectra per session, window and site, with intervals.
    pub spectra: Vec<SpectrumResult>,
    /// Markers in sliding windows on the dose clock.
    pub time_courses: Vec<TimeCourse>,
    /// What the time courses say: onset, peak, half-times, end, area.
    #[serde(default)]
    pub responses: Vec<ResponseRow>,
    /// Channel × channel connectivity.
    pub connectivity: Vec<ConnectivityMatrix>,
    /// Simulated truth beside the estimate, where the data were simulated.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub truth: Vec<TruthRow>,
    /// The paragraph for the paper.
    pub methods: String,
    /// Oddities that were tolerated, decisions taken, values that are missing.
    pub notes: Vec<SessionNote>,
    /// What was run on what.
    pub provenance: Provenance,
}

/// What a marker is, as configured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkerDefinition {
    /// Name in the tables.
    pub marker: String,
    /// Kind in the registry.
    pub kind: String,
    /// Name for people.
    pub label: String,
    /// What it measures.
    pub description: String,
    /// Unit of its values.
    pub unit: Unit,
    /// How it is compared.
    pub change: Change,
    /// Unit of its changes.
    pub change_unit: Unit,
    /// Whether muscle can fake it.
    pub contaminable: bool,
    /// Formula (LaTeX).
    pub formula: String,
    /// Source.
    pub reference: String,
    /// DOI of the source.
    pub doi: String,
    /// Its parameters.
    pub params: serde_json::Value,
}

/// One session: what was recorded, when the drug was given, what was kept.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionSummary {
    /// Subject.
    pub subject: String,
    /// Session (empty where there is one only).
    pub session: String,
    /// Treatment (`ketamine`, `placebo` …; empty where not stated).
    pub treatment: String,
    /// Files read: one, or before and after.
    pub files: Vec<String>,
    /// Their format.
    pub format: String,
    /// Sampling frequency, Hz.
    pub sfreq_hz: f64,
    /// Lowest low-pass that the recording reports, Hz.
    pub low_pass_hz: Option<f64>,
    /// EEG channels analysed.
    pub channels: Vec<ChannelSummary>,
    /// When the drug was given.
    pub dose: Option<DoseSummary>,
    /// Windows, baseline first.
    pub windows: Vec<WindowSummary>,
    /// Why the session failed, where it did.
    pub failure: Option<String>,
}

/// A channel of the analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ChannelSummary {
    /// Electrode label.
    pub name: String,
    /// Position in metres (x right, y front, z up).
    pub position: Option<[f64; 3]>,
    /// Region.
    pub region: Option<String>,
}

/// When the drug was given. Time zero of every table is its start.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct DoseSummary {
    /// What it is called: the annotation's label, or how the time was given.
    pub label: String,
    /// Start, seconds from the recording's start.
    pub onset_s: f64,
    /// Length of the infusion, minutes; zero for a bolus.
    pub duration_min: f64,
}

/// One window of a session.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct WindowSummary {
    /// `baseline`, `post` …
    pub window: String,
    /// Start, minutes from dose.
    pub t_start_min: f64,
    /// End, minutes from dose.
    pub t_stop_min: f64,
    /// Recorded time in it, seconds (pauses not included).
    pub recorded_s: f64,
    /// Epochs kept.
    pub n_epochs: usize,
    /// Epochs rejected.
    pub n_rejected: usize,
    /// Resampling blocks.
    pub n_blocks: usize,
    /// The channel that cost most epochs, with how many.
    pub worst_channel: Option<(String, usize)>,
}

/// The verdict on muscle.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Gate {
    /// The evidence speaks against muscle.
    Ok,
    /// Muscle can explain the value.
    Confounded,
    /// There is no evidence either way.
    Unknown,
    /// Muscle cannot fake this marker.
    NotApplicable,
}

impl Gate {
    /// As it stands in tables.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Confounded => "confounded",
            Self::Unknown => "unknown",
            Self::NotApplicable => "not_applicable",
        }
    }
}

/// The gravest of some verdicts; `None` of nothing.
pub(crate) fn gravest(gates: impl Iterator<Item = Gate>) -> Option<Gate> {
    gates.max_by_key(|gate| match gate {
        Gate::NotApplicable => 0,
        Gate::Ok => 1,
        Gate::Unknown => 2,
        Gate::Confounded => 3,
    })
}

/// One value. Field order is the column order of `markers.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct MarkerRow {
    /// Subject.
    pub subject: String,
    /// Session.
    pub session: String,
    /// Treatment.
    pub treatment: String,
    /// Window.
    pub window: String,
    /// Start of the window, minutes from dose.
    pub t_start_min: f64,
    /// End of the window, minutes from dose.
    pub t_stop_min: f64,
    /// Marker.
    pub marker: String,
    /// Channel, region, pair or `global`.
    pub site: String,
    /// The value; missing with a reason in `note`.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: Unit,
    /// Epochs it rests on.
    pub n_epochs: usize,
    /// Muscle evidence: 10·log10 of the mean PSD at 110–140 Hz.
    pub emg_index_db: Option<f64>,
    /// Muscle evidence: rim against central-Laplacian gamma.
    pub rim_ratio_db: Option<f64>,
    /// Saccadic spike potentials per second.
    pub sp_rate_hz: Option<f64>,
    /// Verdict.
    pub gate: Gate,
    /// Why a value is missing, or what to know about it.
    pub note: String,
}

/// One change from baseline. Field order is the column order of `contrasts.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ContrastRow {
    /// Subject, or `group`.
    pub subject: String,
    /// Session.
    pub session: String,
    /// Treatment, or `ketamine - placebo` for a difference of treatments.
    pub treatment: String,
    /// Post window.
    pub window: String,
    /// Marker.
    pub marker: String,
    /// Site.
    pub site: String,
    /// Value before.
    pub baseline: Option<f64>,
    /// Value after.
    pub post: Option<f64>,
    /// Change: dB for powers, a difference for all else.
    pub change: Option<f64>,
    /// Unit of the change.
    pub unit: Unit,
    /// Lower end of the 95 % interval of the change.
    pub ci_low: Option<f64>,
    /// Upper end of the 95 % interval of the change.
    pub ci_high: Option<f64>,
    /// Two-sided permutation p.
    pub p: Option<f64>,
    /// The same, adjusted within its family.
    pub p_adjusted: Option<f64>,
    /// The family and method of the adjustment.
    pub family: String,
    /// Verdict on muscle.
    pub gate: Gate,
    /// Change after the contamination evidence is taken out.
    pub change_adjusted: Option<f64>,
    /// Hedges-corrected d_z, group rows only.
    pub effect_size: Option<f64>,
    /// Number of subjects, group rows only.
    pub n: Option<usize>,
    /// What to know about it.
    pub note: String,
}

/// A spectrum with its interval.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SpectrumResult {
    /// Subject, or `group`.
    pub subject: String,
    /// Session.
    pub session: String,
    /// Treatment.
    pub treatment: String,
    /// Window.
    pub window: String,
    /// Channel or `global` (mean of channels in dB).
    pub site: String,
    /// Frequencies, Hz.
    pub freqs_hz: Vec<f64>,
    /// Median over epochs, µV²/Hz.
    pub psd_uv2_hz: Vec<f64>,
    /// Lower end of the 95 % interval; empty where none was computed.
    pub ci_low: Vec<f64>,
    /// Upper end of the 95 % interval; empty where none was computed.
    pub ci_high: Vec<f64>,
}

/// A marker in sliding windows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TimeCourse {
    /// Subject, or `group`.
    pub subject: String,
    /// Session.
    pub session: String,
    /// Treatment.
    pub treatment: String,
    /// Marker.
    pub marker: String,
    /// Site.
    pub site: String,
    /// Centres of the windows, minutes from dose.
    pub t_from_dose_min: Vec<f64>,
    /// Change from the baseline window; missing in pauses.
    pub change: Vec<Option<f64>>,
    /// Unit of the change.
    pub unit: Unit,
    /// Width of a window, seconds.
    pub width_s: f64,
    /// From one window to the next, seconds.
    pub step_s: f64,
}

/// One feature of a time course. Field order is the column order of `responses.tsv`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ResponseRow {
    /// Subject, or `group`.
    pub subject: String,
    /// Session.
    pub session: String,
    /// Treatment.
    pub treatment: String,
    /// Marker.
    pub marker: String,
    /// Site.
    pub site: String,
    /// `t_onset`, `t_half_rise`, `t_peak`, `peak`, `t_half_fall`, `t_offset` or `auec`.
    pub feature: String,
    /// Its value; times in minutes from dose. Missing with a reason in `note`.
    pub value: Option<f64>,
    /// Its unit.
    pub unit: String,
    /// Lower end of the interval.
    pub ci_low: Option<f64>,
    /// Upper end of the interval.
    pub ci_high: Option<f64>,
    /// The gravest verdict on muscle among the changes of this marker and site.
    pub gate: Gate,
    /// Why it is missing, or what to know about it.
    pub note: String,
}

/// Channel × channel connectivity of one window.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ConnectivityMatrix {
    /// Subject, or `group`.
    pub subject: String,
    /// Session.
    pub session: String,
    /// Treatment.
    pub treatment: String,
    /// Window.
    pub window: String,
    /// Marker (`wpli2_debiased.low_gamma`).
    pub marker: String,
    /// Channels, rows and columns.
    pub channels: Vec<String>,
    /// Lower triangle in row order: (1,0), (2,0), (2,1), …; missing where undefined.
    pub values: Vec<Option<f64>>,
}

/// Simulated truth beside the estimate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TruthRow {
    /// What was planted: a marker and site, `ketamine - placebo`.
    pub what: String,
    /// Marker.
    pub marker: String,
    /// Planted change.
    pub truth: f64,
    /// Estimated change.
    pub estimate: f64,
    /// Interval of the estimate.
    pub ci_low: f64,
    /// Interval of the estimate.
    pub ci_high: f64,
    /// Unit.
    pub unit: Unit,
    /// Whether the interval holds the truth.
    pub covered: bool,
}

/// A note with the session it belongs to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SessionNote {
    /// Subject, empty for the whole analysis.
    pub subject: String,
    /// Session.
    pub session: String,
    /// The note.
    #[serde(flatten)]
    pub note: Note,
}
