//! Filter, notch and resampling in one pass.

use super::filter::{filtered_header, is_filtered};
use super::line::{notch_note, short_note};
use super::resample::{nearest_earlier, resampled_header};
use crate::channel::is_eeg;
use crate::recording::check_channel_finite;
use crate::{Channel, ChannelKind, Filter, Header, Hz, Recording, Resampling, Result, Run, parallel};
use dosewave_numerics::filter::{Cascade, FirDesign, FirNotch, Ratio, ZeroPhaseFir};
use ndarray::{Array1, Array2, s};
use serde::{Deserialize, Serialize};

/// The steps of [`Recording::filter_notch_resample`], in this order; each may be left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FilterSteps {
    /// Pass band of a zero-phase FIR ([`Filter::Fir`]).
    pub filter: Option<FirDesign>,
    /// The mains, which `notch` takes out.
    pub line: Option<Hz>,
    /// The band-stop at the mains ([`crate::LineRemoval::FirNotch`]).
    pub notch: FirNotch,
    /// The new rate ([`Resampling::Polyphase`]).
    pub sfreq: Option<Hz>,
}

impl Recording {
    /// [`Recording::filter`] (FIR), [`Recording::remove_line`] (FIR notch) and [`Recording::resample`] (polyphase), in this
    /// order, in one pass over the samples: the same values up to rounding, the same notes and pass bands, in a fraction of
    /// the time where the new rate is the old one divided by a whole number.
    ///
    /// # Errors
    /// Those of the steps.
    ///
    /// ```
    /// use dosewave_eeg::{Filter, FilterSteps, FirDesign, Hz, LineRemoval, Recording, Resampling};
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 20_000), |(c, t)| ((t * t * (c + 3)) % 101) as f64);
    /// let recording = Recording::new(data_uv, Hz(500.0), &["Cz", "Pz"]).unwrap();
    /// let band = FirDesign { high_pass_hz: Some(1.0), low_pass_hz: Some(100.0) };
    /// let steps = FilterSteps {
    ///     filter: Some(band),
    ///     line: Some(Hz(50.0)),
    ///     sfreq: Some(Hz(250.0)),
    ///     ..Default::default()
    /// };
    /// let at_once = recording.filter_notch_resample(&steps).unwrap();
    /// let one_by_one = recording
    ///     .filter(&Filter::Fir(band)).unwrap()
    ///     .remove_line(Hz(50.0), &LineRemoval::FirNotch(Default::default())).unwrap()
    ///     .resample(Hz(250.0), Resampling::Polyphase).unwrap();
    /// assert_eq!(at_once.header(), one_by_one.header());
    /// assert!((&at_once.data_uv() - &one_by_one.data_uv()).iter().all(|apart| apart.abs() < 1e-11));
    /// ```
    pub fn filter_notch_resample(&self, steps: &FilterSteps) -> Result<Self> {
        let plan = Plan::new(self, steps)?;
        let header = plan.header(self.header().clone());
        let channels = self.channels();
        let x = self.data_uv();
        let mut data_uv = Array2::zeros((channels.len(), header.n_times() as usize));
        parallel::try_rows(data_uv.view_mut(), |row, mut samples| {
            let x = x.row(row);
            if plan.touches(&channels[row]) {
                check_channel_finite(&channels[row], x)?;
            }
            for (from, to) in self.runs().iter().zip(&header.runs) {
                let x = x.slice(s![from.samples.start as usize..from.samples.end as usize]);
                let mut y = samples.slice_mut(s![to.samples.start as usize..to.samples.end as usize]);
                if channels[row].kind == ChannelKind::Trig {
                    y.assign(&nearest_earlier(x, plan.ratio));
                    continue;
                }
                plan.cascade(&channels[row], from).filter_into(x, y)?;
            }
            Ok(())
        })?;
        Ok(Self::derived(header, data_uv))
    }
}

/// The steps at a recording's rate.
struct Plan<'a> {
    steps: &'a FilterSteps,
    ratio: Ratio,
    filter_taps: usize,
    notch: Option<Array1<f64>>,
    /// For EEG.
    with_notch: Cascade,
    /// For other voltages, and for runs shorter than the notch.
    without_notch: Cascade,
    /// For what is no voltage.
    only_rate: Cascade,
}

impl<'a> Plan<'a> {
    fn new(recording: &Recording, steps: &'a FilterSteps) -> Result<Self> {
        let old = recording.sfreq().0;
        let ratio = match steps.sfreq {
            Some(new) => Ratio::of_rates(old, new.0)?,
            None => Ratio { up: 1, down: 1 },
        };
        let filter = steps.filter.map(|design| design.coefficients(old)).transpose()?;
        let notch = steps.line.map(|line| steps.notch.coefficients(old, line.0)).transpose()?;
        let cascade = |some: &[&Option<Array1<f64>>]| -> Result<Cascade> {
            let filters = some.iter().copied().flatten().map(|h| ZeroPhaseFir::new(h.view()));
            Ok(Cascade::new(filters.collect::<dosewave_numerics::Result<_>>()?, ratio))
        };
        Ok(Self {
            steps,
            ratio,
            filter_taps: filter.as_ref().map_or(0, Array1::len),
            with_notch: cascade(&[&filter, &notch])?,
            without_notch: cascade(&[&filter])?,
            only_rate: cascade(&[])?,
            notch,
        })
    }

    /// The steps for a run of a channel.
    fn cascade(&self, channel: &Channel, run: &Run) -> &Cascade {
        if is_eeg(channel) && !self.too_short(run) {
            &self.with_notch
        } else if is_filtered(channel) {
            &self.without_notch
        } else {
            &self.only_rate
        }
    }

    /// Whether a run is too short for the notch.
    fn too_short(&self, run: &Run) -> bool {
        self.notch.as_ref().is_some_and(|notch| run.len() < notch.len() as u64)
    }

    /// Whether a channel's samples are computed with, and so must be finite.
    fn touches(&self, channel: &Channel) -> bool {
        let resampled = self.steps.sfreq.is_some() && channel.kind != ChannelKind::Trig;
        let filtered = self.steps.filter.is_some() && is_filtered(channel);
        resampled || filtered || (self.steps.line.is_some() && is_eeg(channel))
    }

    /// The header after all steps, with their notes.
    fn header(&self, mut header: Header) -> Header {
        if let Some(design) = self.steps.filter {
            header = filtered_header(header, &Filter::Fir(design), self.filter_taps as u64);
        }
        if let (Some(line), Some(notch)) = (self.steps.line, &self.notch) {
            let short = header.runs.iter().filter(|run| self.too_short(run)).count();
            header.notes.extend(short_note(short, header.runs.len()));
            header.notes.extend(notch_note(notch.view(), line, header.sfreq));
        }
        match self.steps.sfreq {
            Some(sfreq) => resampled_header(&header, self.ratio, sfreq, Resampling::Polyphase),
            None => header,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{header, noise};
    use crate::{Error, LineRemoval, Seconds};

    const BAND: FirDesign = FirDesign { high_pass_hz: Some(4.0), low_pass_hz: Some(80.0) };

    fn steps(filter: bool, line: bool, sfreq: Option<f64>) -> FilterSteps {
        FilterSteps {
            filter: filter.then_some(BAND),
            line: line.then_some(Hz(50.0)),
            sfreq: sfreq.map(Hz),
            ..Default::default()
        }
    }

    /// Two runs, the second shorter than the notch; EEG, EOG, a trigger and a channel in percent.
    fn mixed() -> Recording {
        let runs = vec![
            Run { onset: Seconds(0.0), samples: 0..10_000 },
            Run { onset: Seconds(100.0), samples: 10_000..11_501 },
        ];
        let (_, mut data_uv) = noise(5, 11_501, 400.0).into_parts();
        data_uv.row_mut(3).mapv_inplace(|v| v.abs().floor());
        let mut header = header(5, 400.0, runs);
        let mut channels = header.channels.to_vec();
        channels[2].kind = ChannelKind::Eog;
        channels[3].kind = ChannelKind::Trig;
        channels[4].unit = "%".into();
        header.channels = channels.into();
        Recording::from_parts(header, data_uv).unwrap()
    }

    fn one_by_one(recording: &Recording, steps: &FilterSteps) -> Recording {
        let mut now = recording.clone();
        if let Some(design) = steps.filter {
            now = now.filter(&Filter::Fir(design)).unwrap();
        }
        if let Some(line) = steps.line {
            now = now.remove_line(line, &LineRemoval::FirNotch(steps.notch)).unwrap();
        }
        if let Some(sfreq) = steps.sfreq {
            now = now.resample(sfreq, Resampling::Polyphase).unwrap();
        }
        now
    }

    #[test]
    fn any_steps_at_once_are_the_steps_one_by_one() {
        let recording = mixed();
        for sfreq in [None, Some(200.0), Some(100.0), Some(300.0), Some(400.0)] {
            for (filter, line) in [(true, true), (true, false), (false, true), (false, false)] {
                let steps = steps(filter, line, sfreq);
                let (slow, fast) =
                    (one_by_one(&recording, &steps), recording.filter_notch_resample(&steps).unwrap());
                assert_eq!(slow.header(), fast.header(), "{steps:?}");
                for (a, b) in slow.data_uv().iter().zip(&fast.data_uv()) {
                    assert!((a - b).abs() < 1e-10, "{steps:?}: {a} {b}");
                }
            }
        }
    }

    #[test]
    fn what_the_steps_refuse_is_refused() {
        let (header, mut data_uv) = mixed().into_parts();
        data_uv[[4, 77]] = f64::NAN;
        let recording = Recording::from_parts(header, data_uv).unwrap();
        // no filter is for percent; another rate is
        assert!(recording.filter_notch_resample(&steps(true, true, None)).is_ok());
        let error = recording.filter_notch_resample(&steps(true, true, Some(200.0))).unwrap_err();
        assert!(matches!(error, Error::NotFinite { sample: 77, .. }), "{error}");
        let beyond = FilterSteps { line: Some(Hz(300.0)), ..Default::default() };
        assert!(recording.filter_notch_resample(&beyond).is_err());
        let odd = FilterSteps { sfreq: Some(Hz(std::f64::consts::E)), ..Default::default() };
        assert!(recording.filter_notch_resample(&odd).is_err());
    }
}
