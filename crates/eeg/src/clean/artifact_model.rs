//! What is learnt about a session's artifacts once, and taken out of each of its parts alike.

use super::interpolate::FEWEST_GOOD;
use super::{
    BadChannelParams, ComponentLimits, Components, Filter, FoundComponent, IcaParams, InterpolationParams,
};
use crate::{Channel, Error, Header, Hz, Note, Recording, Result, Run, Seconds, channel};
use ndarray::{Array2, Axis, concatenate, s};
use serde::{Deserialize, Serialize};

/// Components are found in pieces of this length, spread evenly over each part, s.
const PIECE_S: f64 = 20.0;

/// Settings of [`ArtifactModel::learn`]; `None` leaves a step out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ArtifactModelParams {
    /// Bad channels: found, left out of the components, and interpolated.
    pub bad_channels: Option<BadChannelParams>,
    /// The spline that puts them back.
    pub interpolation: InterpolationParams,
    /// Independent components.
    pub ica: Option<IcaStep>,
}

/// How components are found and which are removed.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct IcaStep {
    /// The decomposition.
    pub params: IcaParams,
    /// Scores from which a component is removed.
    pub limits: ComponentLimits,
    /// High-pass of the copy that components are found in, Hz.
    pub high_pass_hz: f64,
    /// Most seconds that components are found in, the same number from each part.
    pub most_s: f64,
}

impl Default for ArtifactModelParams {
    fn default() -> Self {
        Self {
            bad_channels: Some(BadChannelParams::default()),
            interpolation: InterpolationParams::default(),
            ica: Some(IcaStep::default()),
        }
    }
}

impl Default for IcaStep {
    /// Components are told apart long before a gradient of 1e-7: at 1e-4 what is removed changes by less than the EEG's
    /// own rounding.
    fn default() -> Self {
        Self {
            params: IcaParams { tolerance: 1e-4, ..IcaParams::default() },
            limits: ComponentLimits::default(),
            high_pass_hz: 1.0,
            most_s: 600.0,
        }
    }
}

/// What was learnt from all parts of a session.
#[derive(Clone, Debug, PartialEq)]
pub struct ArtifactModel {
    /// Labels of the channels that were bad in any part.
    pub bad_channels: Vec<String>,
    /// Components of the good channels.
    pub components: Option<Components>,
    /// Those that are removed.
    pub removed: Vec<FoundComponent>,
    /// What was found.
    pub notes: Vec<Note>,
    interpolation: InterpolationParams,
    /// EEG channels, good and bad.
    n_eeg: usize,
}

impl ArtifactModel {
    /// Learns from the parts of a session, `part(0)` … `part(n_parts − 1)`, which are asked for one after the other, so that
    /// they need not be in memory together. A channel that is bad in one part is bad in all; one decomposition serves
    /// all: what is done before a drug is done after it. Components are scored with the mains at `line`.
    ///
    /// # Errors
    /// [`Error::NothingLeft`] when more than half of the channels are bad: the others cannot stand for a head. Those of
    /// `part`, of [`Recording::bad_channels`] and of [`Components::fit`].
    ///
    /// ```
    /// use dosewave_eeg::{ArtifactModel, ArtifactModelParams, Hz, Recording};
    /// let names = ["Fz", "C3", "Cz", "C4", "Pz", "Oz"];
    /// let wave = |c: usize, t: usize| 20.0 * (0.2 * t as f64).sin() + (7.0 * (t * (c + 1)) as f64).sin();
    /// let mut data_uv = ndarray::Array2::from_shape_fn((6, 10_000), |(c, t)| wave(c, t));
    /// data_uv.row_mut(3).fill(2.0);
    /// let recording = Recording::new(data_uv, Hz(250.0), &names).unwrap();
    /// let params = ArtifactModelParams { ica: None, ..ArtifactModelParams::default() };
    /// let model = ArtifactModel::learn(1, |_| Ok(recording.clone()), Some(Hz(50.0)), &params).unwrap();
    /// assert_eq!(model.bad_channels, ["C4"]);
    /// let clean = model.apply(&recording).unwrap();
    /// assert!((clean.data_uv()[[3, 500]] - clean.data_uv()[[2, 500]]).abs() < 5.0);
    /// ```
    pub fn learn(
        n_parts: usize,
        mut part: impl FnMut(usize) -> Result<Recording>,
        line: Option<Hz>,
        params: &ArtifactModelParams,
    ) -> Result<Self> {
        let mut model = Self {
            bad_channels: Vec::new(),
            components: None,
            removed: Vec::new(),
            notes: Vec::new(),
            interpolation: params.interpolation,
            n_eeg: 0,
        };
        let mut pieces = Vec::new();
        for k in 0..n_parts {
            let part = part(k)?;
            model.n_eeg = channel::eeg_indices(part.channels()).len();
            if let Some(params) = &params.bad_channels {
                model.add_bad_channels(&part, params)?;
            }
            if let Some(step) = &params.ica {
                let filtered = part.into_filtered(&Filter::high_pass(Hz(step.high_pass_hz)))?;
                pieces.push(pieces_of(filtered, step.most_s / n_parts.max(1) as f64)?);
            }
        }
        model.check_enough_are_good()?;
        if let Some(step) = &params.ica {
            model.find_components(pieces, step, line)?;
        }
        Ok(model)
    }

    fn add_bad_channels(&mut self, part: &Recording, params: &BadChannelParams) -> Result<()> {
        let found = part.bad_channels(params)?;
        for note in found.notes() {
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        for name in found.names() {
            let label = part.channels()[part.header().channel_index(name)?].label().to_owned();
            if !self.bad_channels.contains(&label) {
                self.bad_channels.push(label);
            }
        }
        Ok(())
    }

    fn check_enough_are_good(&self) -> Result<()> {
        if 2 * self.bad_channels.len() <= self.n_eeg {
            return Ok(());
        }
        let hint = format!(
            "{} of {} EEG channels are bad ({}): look at the recording and its reference, or leave the search for bad \
             channels out",
            self.bad_channels.len(),
            self.n_eeg,
            self.notes.first().map_or_else(String::new, |note| note.text.clone())
        );
        Err(Error::NothingLeft { step: "bad_channels", hint })
    }

    fn find_components(&mut self, pieces: Vec<Recording>, step: &IcaStep, line: Option<Hz>) -> Result<()> {
        let good = pieces.into_iter().map(|piece| self.without_bad(piece)).collect::<Result<Vec<_>>>()?;
        let eeg = good.first().map_or(0, |piece| channel::eeg_indices(piece.channels()).len());
        if eeg < 2 {
            let text = format!("{eeg} good EEG channel has no components to tell apart");
            self.notes.push(Note::info("ica", text));
            return Ok(());
        }
        let parts: Vec<&Recording> = good.iter().collect();
        let components = Components::fit(&parts, &step.params, line)?;
        if !components.ica.converged {
            let text = format!(
                "components were still moving after {} iterations (gradient {:.1e}); they are used as they are",
                components.ica.n_iter, components.ica.gradient
            );
            self.notes.push(Note::warning("ica", text));
        }
        self.removed = components.over(&step.limits);
        self.components = Some(components);
        Ok(())
    }

    fn without_bad(&self, recording: Recording) -> Result<Recording> {
        let rows = self.good_rows(recording.channels());
        if rows.len() == recording.channels().len() { Ok(recording) } else { recording.pick(&rows) }
    }

    fn is_bad(&self, channel: &Channel) -> bool {
        self.bad_channels.iter().any(|label| label == channel.label())
    }

    fn good_rows(&self, channels: &[Channel]) -> Vec<usize> {
        (0..channels.len()).filter(|&row| !self.is_bad(&channels[row])).collect()
    }

    /// A part without the components, its bad channels put back from the clean ones. Those that cannot be put back, because
    /// they have no position or too few others have one, are no EEG any more (kind `misc`); notes name both.
    ///
    /// # Errors
    /// [`Error::Shape`] for other channels, [`Error::NotFinite`] for NaN or infinity in a good channel.
    pub fn apply(&self, recording: &Recording) -> Result<Recording> {
        let rows = self.good_rows(recording.channels());
        let cleaned = match &self.components {
            Some(components) => {
                let good = recording.pick(&rows)?.without_components(components, &self.removed)?;
                put_back(recording, &good, &rows)
            }
            None => recording.clone(),
        };
        self.repaired(&cleaned)
    }

    /// Bad channels put back where that can be done, and left out where it cannot.
    fn repaired(&self, cleaned: &Recording) -> Result<Recording> {
        let channels = cleaned.channels().clone();
        let eeg = || channel::eeg_indices(&channels).into_iter().map(|row| &channels[row]);
        let n_good = eeg().filter(|c| c.position.is_some() && !self.is_bad(c)).count();
        let (placed, lost): (Vec<&Channel>, Vec<&Channel>) =
            eeg().filter(|c| self.is_bad(c)).partition(|c| c.position.is_some());
        let names = |channels: &[&Channel]| channels.iter().map(|c| c.name.clone()).collect::<Vec<_>>();
        let (placed, lost) = (names(&placed), names(&lost));
        let mut recording = cleaned.clone();
        if n_good >= FEWEST_GOOD {
            let placed: Vec<&str> = placed.iter().map(String::as_str).collect();
            recording = recording.interpolate(&placed, &self.interpolation)?;
        } else if !placed.is_empty() {
            let why = format!(
                "{n_good} good EEG channels with a position are too few to interpolate from, {FEWEST_GOOD} are needed"
            );
            recording = left_out(recording, &placed, &why);
        }
        if !lost.is_empty() {
            let why = "without a position they cannot be interpolated; give positions or 10-20 names";
            recording = left_out(recording, &lost, why);
        }
        Ok(recording)
    }
}

/// Pieces of 20 s, spread evenly, of at most `most_s` seconds together; all of it where that is no more.
fn pieces_of(recording: Recording, most_s: f64) -> Result<Recording> {
    let sfreq = recording.sfreq().0;
    let length = ((PIECE_S * sfreq) as usize).max(1);
    let most = ((most_s / PIECE_S).floor() as usize).max(1);
    let starts = recording.window_starts(length);
    if starts.len() <= most {
        return Ok(recording);
    }
    let chosen: Vec<usize> = (0..most).map(|k| starts[(2 * k + 1) * starts.len() / (2 * most)]).collect();
    let stretches: Vec<Array2<f64>> = chosen
        .iter()
        .map(|start| recording.data_uv().slice(s![.., *start..start + length]).to_owned())
        .collect();
    let views: Vec<_> = stretches.iter().map(|stretch| stretch.view()).collect();
    let data_uv = concatenate(Axis(1), &views).unwrap_or_default();
    let time = |sample: usize| recording.header().time_of(sample as u64).unwrap_or(Seconds(0.0));
    let runs = chosen.iter().enumerate().map(|(k, &start)| Run {
        onset: time(start),
        samples: (k * length) as u64..((k + 1) * length) as u64,
    });
    let header = Header { runs: runs.collect(), annotations: Vec::new(), ..recording.header().clone() };
    Recording::from_parts(header, data_uv)
}

/// The recording with these rows from another one, and its notes.
fn put_back(recording: &Recording, rows_from: &Recording, rows: &[usize]) -> Recording {
    let (mut header, mut data_uv) = recording.clone().into_parts();
    header.notes.clone_from(&rows_from.header().notes);
    for (k, &row) in rows.iter().enumerate() {
        data_uv.row_mut(row).assign(&rows_from.data_uv().row(k));
    }
    Recording::derived(header, data_uv)
}

/// The channels `bad` as no EEG any more.
fn left_out(recording: Recording, bad: &[String], why: &str) -> Recording {
    let (mut header, data_uv) = recording.into_parts();
    let mut channels = header.channels.to_vec();
    for channel in channels.iter_mut().filter(|channel| bad.contains(&channel.name)) {
        channel.kind = crate::ChannelKind::Misc;
    }
    header.channels = channels.into();
    let text = format!("bad channels are left out: {}; {why}", bad.join(", "));
    Recording::derived(header, data_uv).with_note(Note::warning("bad_channels", text))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clean::bad_channels::tests::{add_blinks, head};

    const LINE: Option<Hz> = Some(Hz(50.0));

    fn params() -> ArtifactModelParams {
        ArtifactModelParams::default()
    }

    #[test]
    fn a_channel_bad_in_one_part_is_put_back_in_all_and_components_go() {
        let recording = head(|data, stream| {
            add_blinks(data);
            for t in 0..7500 {
                data[[17, t]] = 300.0 * stream.normal();
            }
        });
        let cut = |from, to| recording.crop(Seconds(from), Seconds(to));
        let model =
            ArtifactModel::learn(2, |k| cut(30.0 * k as f64, 30.0 + 30.0 * k as f64), LINE, &params())
                .unwrap();
        assert_eq!(model.bad_channels, ["Cz"]);
        assert!(model.removed.iter().any(|r| r.source == crate::ComponentSource::Eye), "{:?}", model.removed);
        let second = cut(30.0, 60.0).unwrap();
        let clean = model.apply(&second).unwrap();
        let swing =
            |r: &Recording, row: usize| r.data_uv().row(row).iter().fold(0.0_f64, |m, v| m.max(v.abs()));
        assert!(swing(&second, 1) > 250.0 && swing(&clean, 1) < 80.0, "{}", swing(&clean, 1));
        assert_ne!(second.data_uv().row(17), clean.data_uv().row(17), "bad before, so put back after");
        let topics: Vec<&str> = clean.header().notes.iter().map(|n| n.topic.as_str()).collect();
        assert_eq!(topics, ["ica", "interpolate"]);
        let again =
            ArtifactModel::learn(2, |k| cut(30.0 * k as f64, 30.0 + 30.0 * k as f64), LINE, &params())
                .unwrap();
        assert_eq!(model, again);
    }

    #[test]
    fn a_head_without_good_channels_is_refused() {
        let recording = head(|data, _| data.slice_mut(s![..20, ..]).fill(0.0));
        let error =
            ArtifactModel::learn(1, |_| Ok(recording.clone()), LINE, &params()).unwrap_err().to_string();
        assert!(error.contains("20 of 32 EEG channels are bad ('Fp1' is a bad channel: flat"), "{error}");
    }

    #[test]
    fn long_parts_are_represented_by_pieces() {
        let recording = head(|_, _| ());
        let pieces = pieces_of(recording.clone(), 45.0).unwrap();
        let onsets: Vec<f64> = pieces.runs().iter().map(|run| run.onset.0).collect();
        assert_eq!(onsets, [0.0, 40.0]);
        assert_eq!(pieces.data_uv().column(5000), recording.data_uv().column(10_000));
        assert_eq!(pieces_of(recording.clone(), 60.0).unwrap(), recording);
    }

    /// A head with flat channels, some of them without a position, cleaned.
    fn repaired(flat: &[usize], unplaced: &[usize]) -> Recording {
        let recording = head(|data, _| flat.iter().for_each(|&row| data.row_mut(row).fill(1.0)));
        let (mut header, data_uv) = recording.into_parts();
        let mut channels = header.channels.to_vec();
        unplaced.iter().for_each(|&row| channels[row].position = None);
        header.channels = channels.into();
        let recording = Recording::from_parts(header, data_uv).unwrap();
        let params = ArtifactModelParams { ica: None, ..params() };
        let model = ArtifactModel::learn(1, |_| Ok(recording.clone()), LINE, &params).unwrap();
        model.apply(&recording).unwrap()
    }

    #[test]
    fn bad_channels_without_a_place_are_left_out_and_the_others_put_back() {
        let clean = repaired(&[5, 17], &[5]);
        assert_eq!(clean.channels()[5].kind, crate::ChannelKind::Misc);
        assert_eq!(clean.channels()[17].kind, crate::ChannelKind::Eeg);
        assert!(clean.data_uv().row(17).std(0.0) > 1.0, "Cz has EEG again");
        assert!(clean.data_uv().row(5).iter().all(|v| *v == 1.0));
        let notes: Vec<&str> = clean.header().notes.iter().map(|n| n.text.as_str()).collect();
        assert_eq!(notes.len(), 2, "{notes:?}");
        assert_eq!(notes[0], "interpolated from the other EEG channels: Cz");
        assert!(notes[1].contains("left out: F7; without a position"), "{notes:?}");
    }

    #[test]
    fn with_too_few_good_places_all_are_left_out() {
        let unplaced: Vec<usize> = (0..32).filter(|row| ![0, 9, 17, 31].contains(row)).collect();
        let clean = repaired(&[5, 17], &unplaced);
        let notes: Vec<&str> = clean.header().notes.iter().map(|n| n.text.as_str()).collect();
        assert!(notes[0].contains("left out: Cz; 3 good EEG channels"), "{notes:?}");
        assert!(notes[1].contains("left out: F7; without a position"), "{notes:?}");
        assert_eq!(clean.channels()[17].kind, crate::ChannelKind::Misc);
    }
}
