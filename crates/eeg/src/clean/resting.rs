//! The chain of cleaning steps for resting EEG around a drug.

use super::heart::BEATS_FROM_HZ;
use super::{
    ArtifactModel, ArtifactModelParams, ArtifactParams, Filter, FirDesign, LearnedLimits,
    LearnedLimitsParams, LineRemoval, Reference,
};
use crate::{Epochs, Hz, Note, Recording, Rejection, Result, Seconds, Windows};
use serde::{Deserialize, Serialize};

/// All settings of the chain, in its order. `None` leaves a step out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RestingPreset {
    /// Zero-phase FIR.
    pub filter: FirDesign,
    /// Mains, Hz: for their removal and for the scores of components.
    pub line_hz: Option<f64>,
    /// How the mains are taken out.
    pub line_removal: Option<LineRemoval>,
    /// Whether the heart's field is subtracted, where there is an ECG channel.
    pub heart_field: bool,
    /// Bad channels and components.
    pub model: ArtifactModelParams,
    /// Reference.
    pub reference: Reference,
    /// Length of an epoch, s.
    pub epoch_s: f64,
    /// Fixed limits.
    pub rejection: Rejection,
    /// Muscle, blinks and saccades in time.
    pub artifacts: Option<ArtifactParams>,
    /// Limits learnt from the epochs.
    pub limits: Option<LearnedLimitsParams>,
}

impl Default for RestingPreset {
    fn default() -> Self {
        Self {
            filter: FirDesign { high_pass_hz: Some(0.5), low_pass_hz: None },
            line_hz: Some(50.0),
            line_removal: Some(LineRemoval::SpectrumInterpolation(Default::default())),
            heart_field: true,
            model: ArtifactModelParams::default(),
            reference: Reference::Average,
            epoch_s: 2.0,
            rejection: Rejection::default(),
            artifacts: None,
            limits: Some(LearnedLimitsParams::default()),
        }
    }
}

/// Clean epochs, and how they came to be.
#[derive(Clone, Debug, PartialEq)]
pub struct CleanEpochs {
    /// The epochs.
    pub epochs: Epochs,
    /// Bad channels and components.
    pub model: ArtifactModel,
    /// The limits that were learnt.
    pub limits: Option<LearnedLimits>,
    /// Channels that were interpolated in single epochs, with the number of epochs.
    pub interpolated: Vec<(String, usize)>,
    /// What each step did.
    pub notes: Vec<Note>,
}

impl RestingPreset {
    /// A continuous recording through filter, mains and heart, before anything is learnt from it. What the rate does not
    /// carry is left out with a note: mains at about half the rate or above, beats below 80 Hz. So are EOG and ECG channels with
    /// NaN.
    ///
    /// # Errors
    /// Those of the steps.
    pub fn prepare(&self, recording: &Recording) -> Result<Recording> {
        let usable = recording.clone().without_broken_companions();
        let filtered = usable.into_filtered(&Filter::Fir(self.filter))?;
        let rate = filtered.sfreq();
        let quiet = match (self.line_hz, &self.line_removal) {
            (Some(line), Some(removal)) => match removal.not_carried(Hz(line), rate) {
                Some(note) => filtered.with_note(note),
                None => filtered.remove_line(Hz(line), removal)?,
            },
            _ => filtered,
        };
        match self.heart_field {
            true if rate.0 < BEATS_FROM_HZ => {
                let text =
                    format!("no beats are seen at {rate}, below {BEATS_FROM_HZ} Hz: the heart's field stays");
                Ok(quiet.with_note(Note::warning("heart", text)))
            }
            true => quiet.without_heart_field(),
            false => Ok(quiet),
        }
    }

    /// What to know where muscle is asked for and the rate does not carry its band.
    fn muscle_note(&self, rate: Hz) -> Option<Note> {
        let params = self.artifacts.as_ref()?;
        let [low, high] = params.muscle_band_hz;
        let unseen = params.muscle_z.is_some() && high >= rate.0 / 2.0;
        let text =
            format!("muscle at {low}–{high} Hz is not looked for: {rate} carries up to {} Hz", rate.0 / 2.0);
        unseen.then(|| Note::warning("artifacts", text))
    }

    /// The chain over one recording: filter, mains, heart, bad channels, components, reference, epochs, fixed limits,
    /// artifacts in time, learnt limits.
    ///
    /// # Errors
    /// Those of the steps; [`crate::Error::NothingLeft`] when no epoch stays.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording, RestingPreset};
    /// let names = ["Fp1", "Fp2", "F3", "Fz", "F4", "C3", "Cz", "C4", "Pz", "Oz"];
    /// let noise = |c: usize, t: usize| (((c * 7919 + t) as f64 * 12.9898).sin() * 43_758.5).fract();
    /// let wave = |c: usize, t: usize| 20.0 * (0.1 * t as f64 + c as f64).sin() + noise(c, t);
    /// let data_uv = ndarray::Array2::from_shape_fn((10, 20_000), |(c, t)| wave(c, t));
    /// let recording = Recording::new(data_uv, Hz(250.0), &names).unwrap();
    /// let clean = RestingPreset::default().clean(&recording).unwrap();
    /// assert!(clean.epochs.n_epochs() >= 20); // of 40
    /// ```
    pub fn clean(&self, recording: &Recording) -> Result<CleanEpochs> {
        let known = recording.header().notes.len();
        let prepared = self.prepare(recording)?;
        let model = ArtifactModel::learn(1, |_| Ok(prepared.clone()), self.line_hz.map(Hz), &self.model)?;
        let clean = model.apply(&prepared)?.into_referenced(&self.reference)?;
        let mut notes = model.notes.clone();
        notes.extend(clean.header().notes.iter().skip(known).cloned());
        let windows = Windows::fixed(Seconds(self.epoch_s));
        let mut epochs = clean.epochs(&windows)?.into_rejected(&self.rejection)?;
        if let Some(params) = &self.artifacts {
            notes.extend(self.muscle_note(clean.sfreq()));
            epochs = epochs.without_artifacts(&clean.artifacts(params)?)?;
        }
        let (mut limits, mut interpolated) = (None, Vec::new());
        if let Some(params) = self.limits.as_ref().filter(|params| epochs.n_epochs() < 2 * params.n_folds) {
            let text = format!(
                "{} epochs are too few to learn limits of the channels from ({} are needed): the fixed ones alone hold",
                epochs.n_epochs(),
                2 * params.n_folds
            );
            notes.push(Note::warning("rejection", text));
        } else if let Some(params) = &self.limits {
            let learned = LearnedLimits::learn(&epochs, params)?;
            let repaired = learned.apply(&epochs)?;
            notes.push(learned.note(&repaired.interpolated));
            (epochs, interpolated, limits) = (repaired.epochs, repaired.interpolated, Some(learned));
        }
        Ok(CleanEpochs { epochs, model, limits, interpolated, notes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::bad_channels::tests::{add_blinks, head};

    #[test]
    fn the_chain_finds_what_was_put_in_and_says_so() {
        let recording = head(|data, stream| {
            add_blinks(data);
            for t in 0..15_000 {
                let mains = 20.0 * (std::f64::consts::TAU * 50.0 * t as f64 / 250.0).sin();
                (0..32).for_each(|row| data[[row, t]] += mains);
                data[[17, t]] = 200.0 * stream.normal();
            }
        });
        let clean = RestingPreset::default().clean(&recording).unwrap();
        assert_eq!(clean.model.bad_channels, ["Cz"]);
        assert!(clean.epochs.n_epochs() >= 25, "{}", clean.epochs.n_epochs());
        assert!(clean.epochs.data_uv().iter().all(|v| v.abs() < 100.0));
        let topics: Vec<&str> = clean.notes.iter().map(|n| n.topic.as_str()).collect();
        for topic in ["line", "heart", "bad_channels", "ica", "interpolate", "rejection"] {
            assert!(topics.contains(&topic), "{topic} in {topics:?}");
        }
        let again = RestingPreset::default().clean(&recording).unwrap();
        assert_eq!(clean, again);
    }

    #[test]
    fn components_are_scored_by_the_mains_of_the_preset() {
        let recording = head(|data, stream| {
            for t in 0..15_000 {
                let mains = 20.0 * (std::f64::consts::TAU * 60.0 * t as f64 / 250.0).sin();
                (0..32).for_each(|row| data[[row, t]] += mains * (1.0 + 0.01 * stream.normal()));
            }
        });
        let largest = |line_hz| {
            let preset =
                RestingPreset { line_hz, line_removal: None, limits: None, ..RestingPreset::default() };
            let rejection = Rejection { peak_to_peak_uv: None, ..Rejection::default() };
            let clean = RestingPreset { rejection, ..preset }.clean(&recording).unwrap();
            clean.model.components.unwrap().scores.iter().map(|s| s.line).fold(0.0, f64::max)
        };
        assert!(largest(Some(60.0)) > 0.8, "{}", largest(Some(60.0)));
        assert!(largest(Some(50.0)) < 0.3 && largest(None) == 0.0);
    }

    #[test]
    fn what_a_low_rate_does_not_carry_is_noted() {
        let head = head(|_, _| ());
        let at = |sfreq: f64| {
            let (header, data_uv) = head.clone().into_parts();
            Recording::from_parts(crate::Header { sfreq: Hz(sfreq), ..header }, data_uv).unwrap()
        };
        let preset = RestingPreset { artifacts: Some(ArtifactParams::default()), ..RestingPreset::default() };
        let clean = preset.clean(&at(100.0)).unwrap();
        let says = |text: &str| clean.notes.iter().any(|note| note.text.contains(text));
        assert!(says("mains of 50 Hz are not taken out: 100 Hz"), "{:?}", clean.notes);
        assert!(says("muscle at 110–140 Hz is not looked for"), "{:?}", clean.notes);
        let note = |sfreq: f64| preset.prepare(&at(sfreq)).unwrap().header().notes[0].text.clone();
        assert!(note(101.0).contains("mains of 50 Hz are not taken out: 101 Hz"), "{}", note(101.0));
        assert!(!note(103.0).contains("not taken out"), "{}", note(103.0));
        let slow = preset.prepare(&at(70.0)).unwrap();
        assert!(slow.header().notes.iter().any(|note| note.text.contains("no beats are seen at 70 Hz")));
    }

    #[test]
    fn a_short_recording_has_no_limits_of_its_own_and_says_so() {
        let short = head(|_, _| ()).crop(Seconds(0.0), Seconds(30.0)).unwrap();
        let clean = RestingPreset::default().clean(&short).unwrap();
        assert_eq!((clean.epochs.n_epochs(), clean.limits), (15, None));
        assert!(clean.notes.last().unwrap().text.contains("15 epochs are too few"));
    }

    #[test]
    fn every_step_can_be_left_out() {
        let recording = head(|_, _| ());
        let none = RestingPreset {
            line_removal: None,
            heart_field: false,
            model: ArtifactModelParams { bad_channels: None, ica: None, ..Default::default() },
            limits: None,
            ..RestingPreset::default()
        };
        let clean = none.clean(&recording).unwrap();
        let by_hand = recording
            .filter(&Filter::high_pass(Hz(0.5)))
            .unwrap()
            .set_reference(&Reference::Average)
            .unwrap()
            .epochs(&Windows::fixed(Seconds(2.0)))
            .unwrap();
        assert_eq!(clean.epochs, by_hand);
        let read: RestingPreset = serde_json::from_str(&serde_json::to_string(&none).unwrap()).unwrap();
        assert_eq!(read, none);
    }
}
