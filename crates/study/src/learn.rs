//! What cleaning learns from all windows of a session together, before any of them is measured: what is done to the EEG
//! before a drug is done after it.

use crate::clean::Cleaning;
use crate::config::{BadChannelStep, Config, IcaChoice};
use crate::load::Source;
use crate::windows::Window;
use crate::{Error, Result};
use dosewave_eeg::{
    ArtifactModel, ArtifactModelParams, BadChannelParams, ChannelKind, ComponentLimits, Epochs, HeartField,
    Hz, IcaMethod, IcaParams, IcaStep, LearnedLimits, LearnedLimitsParams, Note, RansacParams, Recording,
};

/// Limits are learnt from so many epochs at most, spread evenly over the windows.
pub(crate) const MOST_EPOCHS: usize = 600;

/// Heart, bad channels, components and limits, as far as the configuration asks for them.
#[derive(Default)]
pub(crate) struct Learned {
    pub(crate) heart: Option<HeartField>,
    pub(crate) model: Option<ArtifactModel>,
    pub(crate) limits: Option<LearnedLimits>,
}

/// The windows of a session and where they come from.
pub(crate) struct Session<'a, 'b> {
    pub(crate) sources: &'a mut [Source<'b>],
    pub(crate) windows: &'a [Window],
    /// Channels to read, for each source.
    pub(crate) picks: &'a [Vec<usize>],
}

impl Learned {
    /// Adds to `cleaning` what it learns, and the notes on it.
    ///
    /// # Errors
    /// Those of reading and of the steps. Windows where nothing was recorded or nothing is left teach nothing.
    pub(crate) fn from_all(cleaning: &mut Cleaning<'_>, mut session: Session<'_, '_>) -> Result<Vec<Note>> {
        let mut notes = Vec::new();
        if cleaning.config.clean.heart_field {
            cleaning.learned.heart = Some(session.heart(cleaning)?);
        }
        if let Some(params) = model_params(cleaning.config) {
            let model = session.model(cleaning, &params)?;
            notes.extend(model.notes.iter().cloned());
            cleaning.learned.model = Some(model);
        }
        if cleaning.config.rejection.learned {
            match session.limits(cleaning)? {
                Some(limits) => cleaning.learned.limits = Some(limits),
                None => notes.push(Note::warning(
                    "rejection",
                    "too few epochs to learn limits of the channels from: the fixed ones alone hold",
                )),
            }
        }
        Ok(notes)
    }
}

/// Settings of the artifact model; `None` where nothing of it is asked for.
pub(crate) fn model_params(config: &Config) -> Option<ArtifactModelParams> {
    let interpolates = config.clean.bad_channels == BadChannelStep::Interpolate;
    let method = match config.ica.method {
        IcaChoice::None => None,
        IcaChoice::Picard => Some(IcaMethod::Picard),
        IcaChoice::FastIca => Some(IcaMethod::FastIca),
    };
    let ransac = RansacParams { seed: config.seed, ..RansacParams::default() };
    let params = ArtifactModelParams {
        bad_channels: interpolates
            .then(|| BadChannelParams { ransac: Some(ransac), ..BadChannelParams::default() }),
        ica: method.map(|method| {
            let step = IcaStep::default();
            let params = IcaParams { method, seed: config.seed, ..step.params };
            IcaStep { params, limits: ComponentLimits::from(&config.ica), ..step }
        }),
        ..ArtifactModelParams::default()
    };
    (params.bad_channels.is_some() || params.ica.is_some()).then_some(params)
}

impl Session<'_, '_> {
    /// A window through filter, mains and heart; `None` where it holds nothing.
    fn prepared(&mut self, cleaning: &Cleaning<'_>, window: &Window) -> Result<Option<Recording>> {
        let (Some(source), Some(picks)) = (self.sources.get_mut(window.file), self.picks.get(window.file))
        else {
            return Ok(None);
        };
        match cleaning.prepared(source, window, picks) {
            Ok((recording, _)) => Ok(Some(recording)),
            Err(Error::Eeg(
                dosewave_eeg::Error::EmptyWindow { .. } | dosewave_eeg::Error::NothingLeft { .. },
            )) => Ok(None),
            Err(error) => Err(error),
        }
    }

    /// Windows in which something was recorded.
    fn filled(&self) -> Vec<&Window> {
        let is_filled = |window: &&Window| {
            let source = self.sources.get(window.file);
            source.is_some_and(|source| crate::windows::recorded_s(&source.header, window) > 0.0)
        };
        self.windows.iter().filter(is_filled).collect()
    }

    /// The heart's field of all windows; of none where no ECG is read.
    fn heart(&mut self, cleaning: &Cleaning<'_>) -> Result<HeartField> {
        let is_ecg = |file: usize, pick: &usize| {
            let channel = self.sources.get(file).and_then(|source| source.header.channels.get(*pick));
            channel.is_some_and(|channel| channel.kind == ChannelKind::Ecg)
        };
        let any =
            self.picks.iter().enumerate().any(|(file, picks)| picks.iter().any(|pick| is_ecg(file, pick)));
        let filled: Vec<Window> = if any { self.filled().into_iter().cloned().collect() } else { Vec::new() };
        let mut failure = None;
        let field = HeartField::learn(filled.len(), |k| {
            let (source, picks) = (self.sources.get_mut(filled[k].file), self.picks.get(filled[k].file));
            let part = match (source, picks) {
                (Some(source), Some(picks)) => cleaning.filtered(source, &filled[k], picks),
                _ => Err(Error::Design(format!("window '{}' has no recording", filled[k].name))),
            };
            part.map(|(recording, _)| recording).map_err(|error| stop(&mut failure, error, &filled[k]))
        });
        match failure {
            Some(error) => Err(error),
            None => Ok(field?),
        }
    }

    fn model(&mut self, cleaning: &Cleaning<'_>, params: &ArtifactModelParams) -> Result<ArtifactModel> {
        let filled: Vec<Window> = self.filled().into_iter().cloned().collect();
        let mut failure = None;
        let model = ArtifactModel::learn(
            filled.len(),
            |k| {
                let part = self.prepared(cleaning, &filled[k]);
                part.map_err(|error| stop(&mut failure, error, &filled[k]))?
                    .ok_or_else(|| nothing_in(&filled[k]))
            },
            cleaning.config.clean.line.map(Hz),
            params,
        );
        match failure {
            Some(error) => Err(error),
            None => Ok(model?),
        }
    }

    /// Limits from epochs of all windows; `None` with too few of them.
    fn limits(&mut self, cleaning: &Cleaning<'_>) -> Result<Option<LearnedLimits>> {
        let most = MOST_EPOCHS.div_ceil(self.windows.len().max(1));
        let mut pool: Option<Epochs> = None;
        for window in self.windows {
            let Some(prepared) = self.prepared(cleaning, window)? else { continue };
            let known = prepared.header().notes.len();
            let epochs = match cleaning.cut(prepared, known) {
                Ok((epochs, _)) => epochs,
                Err(Error::Eeg(dosewave_eeg::Error::NothingLeft { .. })) => continue,
                Err(error) => return Err(error),
            };
            let some = epochs.select(&evenly(epochs.n_epochs(), most))?;
            pool = Some(match pool {
                None => some,
                Some(pool) => pool.joined(&some)?,
            });
        }
        let params = LearnedLimitsParams { seed: cleaning.config.seed, ..LearnedLimitsParams::default() };
        match pool.filter(|pool| pool.n_epochs() >= 2 * params.n_folds) {
            Some(pool) => Ok(Some(LearnedLimits::learn(&pool, &params)?)),
            None => Ok(None),
        }
    }
}

/// Stops the learning and keeps what went wrong.
fn stop(failure: &mut Option<Error>, error: Error, window: &Window) -> dosewave_eeg::Error {
    *failure = Some(error);
    nothing_in(window)
}

fn nothing_in(window: &Window) -> dosewave_eeg::Error {
    dosewave_eeg::Error::NothingLeft {
        step: "cleaning",
        hint: format!("window '{}' holds no EEG", window.name),
    }
}

/// Up to `most` of `n` indices, evenly spread.
fn evenly(n: usize, most: usize) -> Vec<usize> {
    if n <= most { (0..n).collect() } else { (0..most).map(|k| (2 * k + 1) * n / (2 * most)).collect() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_spread_evenly() {
        assert_eq!(evenly(3, 5), [0, 1, 2]);
        assert_eq!(evenly(10, 2), [2, 7]);
    }

    #[test]
    fn nothing_is_learnt_unless_asked_for() {
        assert_eq!(model_params(&Config::default()), None);
        let resting = Config::layered(None, &["preset=resting".into(), "ica.muscle=none".into()]).unwrap();
        let params = model_params(&resting).unwrap();
        let ica = params.ica.unwrap();
        assert_eq!((ica.limits.muscle, ica.limits.eye), (None, Some(0.6)));
        assert!(params.bad_channels.is_some() && resting.rejection.learned && resting.clean.heart_field);
        let without = Config::layered(None, &["preset=resting".into(), "ica.method=none".into()]).unwrap();
        assert!(model_params(&without).unwrap().ica.is_none());
    }
}
