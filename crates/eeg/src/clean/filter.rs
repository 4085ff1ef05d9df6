//! Filtering, run by run.

use crate::recording::check_channel_finite;
use crate::{Channel, ChannelKind, Header, Hz, Note, Recording, Result, Run, Seconds, parallel};
pub use dosewave_numerics::filter::{ButterworthDesign, FirDesign};
use dosewave_numerics::filter::{Section, ZeroPhaseFir, ringing, sos_zero_phase};
use ndarray::{Array1, Array2, ArrayView1, ArrayViewMut1, Axis, Slice};

/// A filter that [`Recording::filter`] applies.
#[derive(Clone, Copy, Debug, PartialEq)]
#[non_exhaustive]
pub enum Filter {
    /// Zero-phase FIR with a Hamming window, by MNE's design rules.
    Fir(FirDesign),
    /// Butterworth, forwards and backwards.
    Butterworth(ButterworthDesign),
}

/// A filter at a sampling frequency.
pub(crate) enum Designed {
    Fir(Box<ZeroPhaseFir>),
    Sections(Vec<Section>),
}

impl Designed {
    pub(crate) fn zero_phase(&self, x: ArrayView1<'_, f64>) -> Result<Array1<f64>> {
        let mut y = Array1::zeros(x.len());
        self.zero_phase_into(x, y.view_mut())?;
        Ok(y)
    }

    fn zero_phase_into(&self, x: ArrayView1<'_, f64>, mut y: ArrayViewMut1<'_, f64>) -> Result<()> {
        match self {
            Self::Fir(fir) => fir.filter_into(x, y)?,
            Self::Sections(sections) => y.assign(&sos_zero_phase(x, sections)?),
        }
        Ok(())
    }

    /// A whole row, run by run.
    fn runs_into(&self, runs: &[Run], x: ArrayView1<'_, f64>, mut y: ArrayViewMut1<'_, f64>) -> Result<()> {
        for run in runs {
            let columns = Slice::from(run.samples.start as usize..run.samples.end as usize);
            self.zero_phase_into(x.slice_axis(Axis(0), columns), y.slice_axis_mut(Axis(0), columns))?;
        }
        Ok(())
    }

    /// Samples below which a run is mostly edge.
    pub(crate) fn reach(&self) -> u64 {
        match self {
            Self::Fir(fir) => fir.n_taps() as u64,
            Self::Sections(sections) => ringing(sections) as u64,
        }
    }
}

impl Filter {
    /// Passes what is faster than `low`.
    #[must_use]
    pub fn high_pass(low: Hz) -> Self {
        Self::Fir(FirDesign { high_pass_hz: Some(low.0), low_pass_hz: None })
    }

    /// Passes what is slower than `high`.
    #[must_use]
    pub fn low_pass(high: Hz) -> Self {
        Self::Fir(FirDesign { high_pass_hz: None, low_pass_hz: Some(high.0) })
    }

    /// Lower and upper edge of the pass band, Hz.
    #[must_use]
    pub fn edges_hz(&self) -> (Option<f64>, Option<f64>) {
        match self {
            Self::Fir(design) => (design.high_pass_hz, design.low_pass_hz),
            Self::Butterworth(design) => (design.high_pass_hz, design.low_pass_hz),
        }
    }

    /// Seconds of signal on each side of a sample that shape it.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for edges that the rate does not carry.
    pub fn reach(&self, sfreq: Hz) -> Result<Seconds> {
        let samples = self.designed(sfreq)?.reach() as f64;
        Ok(Seconds(if matches!(self, Self::Fir(_)) { samples / 2.0 } else { samples } / sfreq.0))
    }

    pub(crate) fn designed(&self, sfreq: Hz) -> Result<Designed> {
        Ok(match self {
            Self::Fir(design) => {
                Designed::Fir(Box::new(ZeroPhaseFir::new(design.coefficients(sfreq.0)?.view())?))
            }
            Self::Butterworth(design) => Designed::Sections(design.sections(sfreq.0)?),
        })
    }

    /// Passes what is between `low` and `high`.
    #[must_use]
    pub fn band_pass(low: Hz, high: Hz) -> Self {
        Self::Fir(FirDesign { high_pass_hz: Some(low.0), low_pass_hz: Some(high.0) })
    }
}

impl Recording {
    /// Zero-phase filter of the voltage (or Laplacian) channels, run by run: no sample knows of the other side of a gap.
    /// Other channels stay as they are.
    ///
    /// Runs shorter than the filter are filtered too, but nearly all of what they become depends on how their edges are
    /// extended (by reflection); a note says how many there are. Channels record the narrower of their
    /// pass bands, so what the recording can show is known later.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for edges that the rate does not carry, [`crate::Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Filter, Hz, Recording};
    /// let constant = ndarray::Array2::from_elem((1, 2000), 7.0);
    /// let recording = Recording::new(constant, Hz(250.0), &["Cz"]).unwrap();
    /// let filtered = recording.filter(&Filter::high_pass(Hz(1.0))).unwrap();
    /// assert!(filtered.data_uv()[[0, 1000]].abs() < 1e-9); // a constant does not pass a high-pass
    /// assert_eq!(filtered.channels()[0].high_pass, Some(Hz(1.0)));
    /// ```
    pub fn filter(&self, filter: &Filter) -> Result<Self> {
        let designed = filter.designed(self.sfreq())?;
        let (x, channels) = (self.data_uv(), self.channels());
        let mut data_uv = Array2::zeros(x.dim());
        parallel::try_rows(data_uv.view_mut(), |row, mut y| {
            if !is_filtered(&channels[row]) {
                y.assign(&x.row(row));
                return Ok(());
            }
            check_channel_finite(&channels[row], x.row(row))?;
            designed.runs_into(self.runs(), x.row(row), y)
        })?;
        Ok(Self::derived(filtered_header(self.header().clone(), filter, designed.reach()), data_uv))
    }

    /// As [`Self::filter`], in the memory of this recording.
    ///
    /// # Errors
    /// As [`Self::filter`].
    pub fn into_filtered(self, filter: &Filter) -> Result<Self> {
        let designed = filter.designed(self.sfreq())?;
        let (header, mut data_uv) = self.into_parts();
        parallel::try_rows(data_uv.view_mut(), |row, samples| {
            let channel = &header.channels[row];
            if !is_filtered(channel) {
                return Ok(());
            }
            check_channel_finite(channel, samples.view())?;
            let x = samples.to_owned();
            designed.runs_into(&header.runs, x.view(), samples)
        })?;
        Ok(Self::derived(filtered_header(header, filter, designed.reach()), data_uv))
    }
}

/// The header with the narrower pass bands and a note on runs shorter than the filter's reach in samples.
pub(super) fn filtered_header(header: Header, filter: &Filter, reach: u64) -> Header {
    let mut header = Header { channels: narrowed(&header.channels, filter.edges_hz()), ..header };
    header.notes.extend(short_runs(&header.runs, reach, header.sfreq));
    header
}

/// Whether a channel is one that filters are for: a voltage or a Laplacian of voltages, and no trigger, whose codes would
/// be codes no more.
pub(crate) fn is_filtered(channel: &Channel) -> bool {
    channel.kind != ChannelKind::Trig && (channel.is_voltage() || channel.is_csd())
}

/// Channels with the pass band that is left between the new edges.
fn narrowed(channels: &[Channel], (high_pass, low_pass): (Option<f64>, Option<f64>)) -> crate::Channels {
    let tighter = |old: Option<Hz>, new: Option<f64>, pick: fn(f64, f64) -> f64| match (old, new) {
        (Some(old), Some(new)) => Some(Hz(pick(old.0, new))),
        (old, new) => old.or(new.map(Hz)),
    };
    channels
        .iter()
        .map(|channel| {
            let mut channel = channel.clone();
            if is_filtered(&channel) {
                channel.high_pass = tighter(channel.high_pass, high_pass, f64::max);
                channel.low_pass = tighter(channel.low_pass, low_pass, f64::min);
            }
            channel
        })
        .collect()
}

fn short_runs(runs: &[Run], n_taps: u64, sfreq: Hz) -> Option<Note> {
    let short: Vec<&Run> = runs.iter().filter(|run| run.len() < n_taps).collect();
    let first = short.first()?;
    let seconds = |n: u64| n as f64 / sfreq.0;
    Some(Note::warning(
        "filter",
        format!(
            "{} of {} runs are shorter than the filter ({:.3} s), the first at {:.3} s with {:.3} s: they are filtered \
             with reflected edges, which shape most of their samples",
            short.len(),
            runs.len(),
            seconds(n_taps),
            first.onset.0,
            seconds(first.len()),
        ),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::testing::{noise, with_gap};
    use ndarray::s;

    const DESIGN: FirDesign = FirDesign { high_pass_hz: Some(4.0), low_pass_hz: Some(30.0) };
    const BAND: Filter = Filter::Fir(DESIGN);

    #[test]
    fn each_run_is_filtered_as_if_it_stood_alone() {
        let filtered = with_gap().filter(&BAND).unwrap();
        for (from, to) in [(0.0, 4.0), (14.0, 20.0)] {
            let alone = with_gap().crop(Seconds(from), Seconds(to)).unwrap().filter(&BAND).unwrap();
            let together = filtered.crop(Seconds(from), Seconds(to)).unwrap();
            assert_eq!(alone.data_uv(), together.data_uv());
        }
    }

    #[test]
    fn channels_that_are_no_voltage_are_left_alone_even_with_nan() {
        let (mut header, mut data_uv) = noise(2, 1000, 100.0).into_parts();
        let mut channels = header.channels.to_vec();
        channels[1].unit = "%".into();
        header.channels = channels.into();
        data_uv[[1, 7]] = f64::NAN;
        let recording = Recording::from_parts(header, data_uv).unwrap();
        let filtered = recording.filter(&BAND).unwrap();
        assert!(filtered.data_uv()[[1, 7]].is_nan());
        assert_eq!(filtered.data_uv().slice(s![1, 8..]), recording.data_uv().slice(s![1, 8..]));
        assert_eq!(
            (filtered.channels()[1].low_pass, filtered.channels()[0].low_pass),
            (None, Some(Hz(30.0)))
        );
        assert!(filtered.data_uv().row(0) != recording.data_uv().row(0));
    }

    #[test]
    fn trigger_codes_stay_codes() {
        let data_uv = ndarray::Array2::from_shape_fn((1, 1000), |(_, t)| if t % 100 < 5 { 7.0 } else { 0.0 });
        let recording = Recording::new(data_uv, Hz(100.0), &["Status"]).unwrap();
        assert_eq!(recording.filter(&BAND).unwrap(), recording);
        assert_eq!(recording.clone().into_filtered(&BAND).unwrap(), recording);
    }

    #[test]
    fn nan_in_a_voltage_channel_is_named() {
        let (header, mut data_uv) = noise(2, 1000, 100.0).into_parts();
        data_uv[[1, 7]] = f64::NAN;
        let error = Recording::from_parts(header, data_uv).unwrap().filter(&BAND).unwrap_err();
        assert!(matches!(error, Error::NotFinite { sample: 7, .. }));
    }

    #[test]
    fn short_runs_are_noted_and_long_ones_not() {
        assert!(with_gap().filter(&BAND).unwrap().header().notes.is_empty());
        let slow = Filter::high_pass(Hz(0.5));
        let notes = with_gap().filter(&slow).unwrap().into_parts().0.notes;
        // 3.3 / 0.5 Hz is 6.6 s, longer than both runs
        assert!(
            notes[0].text.starts_with("2 of 2 runs are shorter than the filter (6.610 s)"),
            "{}",
            notes[0].text
        );
    }

    #[test]
    fn butterworth_filters_run_by_run_too() {
        let design = ButterworthDesign { order: 4, high_pass_hz: Some(4.0), low_pass_hz: Some(30.0) };
        let filter = Filter::Butterworth(design);
        let filtered = with_gap().filter(&filter).unwrap();
        let alone = with_gap().crop(Seconds(14.0), Seconds(20.0)).unwrap().filter(&filter).unwrap();
        assert_eq!(filtered.crop(Seconds(14.0), Seconds(20.0)).unwrap().data_uv(), alone.data_uv());
        assert_eq!(filtered.channels()[0].low_pass, Some(Hz(30.0)));
        let reach = filter.reach(Hz(100.0)).unwrap();
        assert!(reach > Seconds(0.1) && reach < Seconds(2.0), "{reach}");
    }

    #[test]
    fn pass_bands_only_get_narrower() {
        let once = noise(1, 2000, 100.0).filter(&BAND).unwrap();
        let twice = once.filter(&Filter::band_pass(Hz(1.0), Hz(20.0))).unwrap();
        let channel = &twice.channels()[0];
        assert_eq!((channel.high_pass, channel.low_pass), (Some(Hz(4.0)), Some(Hz(20.0))));
    }
}
