//! Independent components of a recording: what they look like, and the recording without some of them.

use super::component_scores::{ComponentScores, Scoring};
use crate::{Error, Hz, Note, Recording, Result, channel};
use dosewave_numerics::decompose::{Ica, IcaParams, ica};
use ndarray::{Array2, Axis, s};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a component comes from, when it does not come from the brain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ComponentSource {
    /// Eyes.
    Eye,
    /// Muscle.
    Muscle,
    /// Heart.
    Heart,
    /// Mains.
    Line,
    /// Chosen by hand.
    Chosen,
}

impl fmt::Display for ComponentSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Eye => "eye",
            Self::Muscle => "muscle",
            Self::Heart => "heart",
            Self::Line => "line",
            Self::Chosen => "chosen",
        })
    }
}

/// Scores from which a component counts as not of the brain; `None` leaves a source in. The scores are explained at
/// [`ComponentScores`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ComponentLimits {
    /// Eyes.
    pub eye: Option<f64>,
    /// Muscle.
    pub muscle: Option<f64>,
    /// Heart.
    pub heart: Option<f64>,
    /// Mains.
    pub line: Option<f64>,
}

impl Default for ComponentLimits {
    fn default() -> Self {
        Self { eye: Some(0.6), muscle: Some(0.6), heart: Some(0.5), line: Some(0.5) }
    }
}

/// Independent components of the EEG channels, with scores.
#[derive(Clone, Debug, PartialEq)]
pub struct Components {
    /// The decomposition.
    pub ica: Ica,
    /// Labels of the EEG channels that the maps belong to.
    pub channels: Vec<String>,
    /// Scores of each component.
    pub scores: Vec<ComponentScores>,
}

/// A component that is not of the brain.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoundComponent {
    /// Its index, by descending variance.
    pub component: usize,
    /// What it comes from: the source whose score is furthest over its limit.
    pub source: ComponentSource,
    /// That score.
    pub score: f64,
    /// Its share of the variance of all EEG channels.
    pub variance: f64,
}

impl Components {
    /// Independent components of the EEG channels of all `parts` together, which have the same channels and rate: the
    /// windows before and after a dose get one and the same decomposition, so that what is removed is the same. Take
    /// drifts out first (a high-pass of 1 Hz). Scores use EOG and ECG channels where there are some, and the `line`.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] without EEG channels or parts, [`Error::Shape`] for parts with other channels,
    /// [`Error::NotFinite`] for NaN or infinity, [`Error::Kernel`] where ICA finds nothing.
    ///
    /// ```
    /// use dosewave_eeg::{Components, Hz, IcaParams, Recording};
    /// let wave = |c: usize, t: usize| (0.3 * t as f64).sin().signum() * (c + 1) as f64 + ((t * t * 7) as f64).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 4000), |(c, t)| wave(c, t));
    /// let recording = Recording::new(data_uv, Hz(200.0), &["Fz", "Cz"]).unwrap();
    /// let found = Components::fit(&[&recording], &IcaParams::default(), Some(Hz(50.0))).unwrap();
    /// assert_eq!(found.scores.len(), found.ica.variances.len());
    /// ```
    pub fn fit(parts: &[&Recording], params: &IcaParams, line: Option<Hz>) -> Result<Self> {
        let Some(first) = parts.first() else {
            let hint = "no recording to find components in".to_owned();
            return Err(Error::NothingLeft { step: "ica", hint });
        };
        let eeg = channel::eeg_indices(first.channels());
        if eeg.is_empty() {
            let hint = format!("no EEG channel in µV among {}", first.header().ch_names().join(", "));
            return Err(Error::NothingLeft { step: "ica", hint });
        }
        for part in parts {
            check_same(first, part)?;
            part.check_rows_finite(eeg.iter().copied())?;
        }
        let x = together(parts, &eeg);
        let ica = ica(x.view(), params)?;
        let scores = Scoring { parts, eeg: &eeg, line }.scores(&ica)?;
        let channels = eeg.iter().map(|&row| first.channels()[row].label().to_owned()).collect();
        Ok(Self { ica, channels, scores })
    }

    /// Components over a limit, in their order.
    #[must_use]
    pub fn over(&self, limits: &ComponentLimits) -> Vec<FoundComponent> {
        let judged = self.scores.iter().enumerate().filter_map(|(component, scores)| {
            let (source, score) = scores.worst(limits)?;
            Some(FoundComponent { component, source, score, variance: self.ica.variances[component] })
        });
        judged.collect()
    }
}

fn check_same(first: &Recording, part: &Recording) -> Result<()> {
    let describe = |r: &Recording| {
        let labels: Vec<&str> = r.channels().iter().map(crate::Channel::label).collect();
        format!("{} at {}", labels.join(", "), r.sfreq())
    };
    if describe(first) == describe(part) {
        return Ok(());
    }
    Err(Error::Shape { what: "channels of parts", expected: describe(first), got: describe(part) })
}

/// EEG rows of all parts, each without its mean, one after the other.
fn together(parts: &[&Recording], eeg: &[usize]) -> Array2<f64> {
    let n_times = parts.iter().map(|part| part.data_uv().ncols()).sum();
    let mut all = Array2::zeros((eeg.len(), n_times));
    let mut start = 0;
    for part in parts {
        let data = part.data_uv();
        let end = start + data.ncols();
        for (mut to, &row) in all.rows_mut().into_iter().zip(eeg) {
            let from = data.row(row);
            let mean = from.sum() / from.len().max(1) as f64;
            to.slice_mut(s![start..end]).zip_mut_with(&from, |to, from| *to = from - mean);
        }
        start = end;
    }
    all
}

impl Recording {
    /// The recording without these components in its EEG channels: their share of each channel is subtracted, all else
    /// stays. A note says which they were.
    ///
    /// # Errors
    /// [`Error::Shape`] for a recording with other EEG channels, [`Error::Kernel`] for a component that is not there,
    /// [`Error::NotFinite`] for NaN or infinity.
    pub fn without_components(&self, components: &Components, removed: &[FoundComponent]) -> Result<Self> {
        let eeg = channel::eeg_indices(self.channels());
        let names: Vec<&str> = eeg.iter().map(|&row| self.channels()[row].label()).collect();
        if names != components.channels {
            return Err(Error::Shape {
                what: "EEG channels that components were found in",
                expected: components.channels.join(", "),
                got: names.join(", "),
            });
        }
        if removed.is_empty() {
            return Ok(self.clone());
        }
        self.check_rows_finite(eeg.iter().copied())?;
        let indices: Vec<usize> = removed.iter().map(|found| found.component).collect();
        let cleaned = components.ica.without(self.data_uv().select(Axis(0), &eeg).view(), &indices)?;
        let (header, mut data_uv) = self.clone().into_parts();
        for (k, &row) in eeg.iter().enumerate() {
            data_uv.slice_mut(s![row, ..]).assign(&cleaned.row(k));
        }
        Ok(Self::derived(header, data_uv).with_note(removal_note(components, removed)))
    }
}

fn removal_note(components: &Components, removed: &[FoundComponent]) -> Note {
    let shown: Vec<String> = removed
        .iter()
        .map(|found| {
            format!(
                "{} ({}, score {:.2}, {:.1} % of variance)",
                found.component,
                found.source,
                found.score,
                100.0 * found.variance
            )
        })
        .collect();
    let text = format!(
        "{} of {} independent components were removed: {}",
        removed.len(),
        components.scores.len(),
        shown.join(", ")
    );
    Note::info("ica", text)
}
