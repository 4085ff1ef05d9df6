//! Muscle, separated from window to window by its lack of memory.

use super::component_scores::{fast_share, highest_hz};
use crate::{Error, Hz, Note, Recording, Result, Run, channel, parallel};
use dosewave_numerics::decompose::bss_cca;
use ndarray::{Array1, Array2, ArrayView2, Axis, s};
use serde::{Deserialize, Serialize};

/// Settings of [`Recording::remove_muscle_cca`].
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MuscleCcaParams {
    /// Length of a window, s; neighbours overlap by half and are faded into each other.
    pub window_s: f64,
    /// A component is muscle when 20–100 Hz have this share of its power from 2 to 100 Hz.
    pub fast_share: f64,
}

impl Default for MuscleCcaParams {
    fn default() -> Self {
        Self { window_s: 10.0, fast_share: 0.6 }
    }
}

/// What was found in a window and taken out.
struct Removed {
    field: Array2<f64>,
    n_components: usize,
}

impl Recording {
    /// The EEG channels without muscle, by canonical correlation of each sample with the one before (BSS-CCA: De Clercq et
    /// al. 2006, 10.1109/TBME.2006.879459): in windows, components are sorted by their autocorrelation, and those with
    /// as much fast power as muscle has are subtracted. The `line` ± 2 Hz does not count.
    ///
    /// It does not know brain gamma from muscle: a component that holds both goes whole. Use it to see slower rhythms
    /// through muscle, not to measure gamma; a note says how much went.
    ///
    /// # Errors
    /// [`Error::Invalid`] for settings outside their range, [`Error::NothingLeft`] without EEG channels,
    /// [`Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, MuscleCcaParams, Recording};
    /// let slow = |t: usize| 20.0 * (0.1 * t as f64).sin();
    /// let fast = |t: usize| ((t * t) as f64 * 0.37).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 5000), |(c, t)| {
    ///     slow(t) + if c == 1 { 15.0 * fast(t) } else { 0.0 }
    /// });
    /// let recording = Recording::new(data_uv, Hz(250.0), &["Cz", "T7"]).unwrap();
    /// let clean = recording.remove_muscle_cca(&MuscleCcaParams::default(), None).unwrap();
    /// assert!((clean.data_uv()[[1, 2500]] - slow(2500)).abs() < 1.0);
    /// ```
    pub fn remove_muscle_cca(&self, params: &MuscleCcaParams, line: Option<Hz>) -> Result<Self> {
        check(params)?;
        let eeg = channel::eeg_indices(self.channels());
        if eeg.is_empty() {
            let hint = "no EEG channel in µV to clean".to_owned();
            return Err(Error::NothingLeft { step: "remove_muscle_cca", hint });
        }
        self.check_rows_finite(eeg.iter().copied())?;
        let x = self.data_uv().select(Axis(0), &eeg);
        let windows: Vec<(usize, usize)> =
            self.runs().iter().flat_map(|run| windows(run, params.window_s, self.sfreq())).collect();
        let removed = parallel::try_map(windows.len(), |k| {
            let (from, to) = windows[k];
            self.muscle_in(x.slice(s![.., from..to]), params, line)
        })?;
        let cleaned = &x - &faded_together(&removed, &windows, x.dim());
        let note = removal_note(&x, &cleaned, &removed, params);
        let (header, mut data_uv) = self.clone().into_parts();
        for (k, &row) in eeg.iter().enumerate() {
            data_uv.row_mut(row).assign(&cleaned.row(k));
        }
        Ok(Self::derived(header, data_uv).with_note(note))
    }

    fn muscle_in(
        &self,
        x: ArrayView2<'_, f64>,
        params: &MuscleCcaParams,
        line: Option<Hz>,
    ) -> Result<Removed> {
        let found = match bss_cca(x) {
            Ok(found) => found,
            // flat in all channels, or one sample: there is no muscle in it
            Err(dosewave_numerics::Error::Value { .. } | dosewave_numerics::Error::TooShort { .. }) => {
                return Ok(Removed { field: Array2::zeros(x.dim()), n_components: 0 });
            }
            Err(error) => return Err(error.into()),
        };
        let sources = found.sources(x)?;
        let mut muscle = Vec::new();
        for (k, course) in sources.rows().into_iter().enumerate() {
            if fast_share(course, self.sfreq().0, highest_hz(self), line)? >= params.fast_share {
                muscle.push(k);
            }
        }
        let field = found.mixing.select(Axis(1), &muscle).dot(&sources.select(Axis(0), &muscle));
        Ok(Removed { field, n_components: muscle.len() })
    }
}

fn check(params: &MuscleCcaParams) -> Result<()> {
    let invalid = |parameter, value: f64, allowed: &str| {
        Err(Error::Invalid { parameter, value: value.to_string(), allowed: allowed.into() })
    };
    if !(params.window_s.is_finite() && params.window_s >= 4.0) {
        return invalid("window_s", params.window_s, "4 s or more");
    }
    if !(params.fast_share > 0.0 && params.fast_share < 1.0) {
        return invalid("fast_share", params.fast_share, "between 0 and 1");
    }
    Ok(())
}

/// Windows that overlap by half and cover a run; one where it is shorter.
fn windows(run: &Run, window_s: f64, sfreq: Hz) -> Vec<(usize, usize)> {
    let (from, to) = (run.samples.start as usize, run.samples.end as usize);
    let length = (window_s * sfreq.0).round() as usize;
    if to - from <= length {
        return vec![(from, to)];
    }
    let hop = length / 2;
    let n = (to - from - length).div_ceil(hop);
    let mut all: Vec<(usize, usize)> = (0..n).map(|k| (from + k * hop, from + k * hop + length)).collect();
    all.push((to - length, to));
    all
}

/// The fields of all windows, each weighted by the distance to the nearer end of its window: where windows overlap, one
/// fades into the next.
fn faded_together(removed: &[Removed], windows: &[(usize, usize)], dim: (usize, usize)) -> Array2<f64> {
    let mut field = Array2::zeros(dim);
    let mut weights = Array1::<f64>::zeros(dim.1);
    for (removed, &(from, to)) in removed.iter().zip(windows) {
        let n = to - from;
        let weight = Array1::from_shape_fn(n, |k| k.min(n - 1 - k) as f64 + 0.5);
        let mut stretch = field.slice_mut(s![.., from..to]);
        stretch += &(&removed.field * &weight);
        let mut sum = weights.slice_mut(s![from..to]);
        sum += &weight;
    }
    field / weights
}

fn removal_note(
    before: &Array2<f64>,
    after: &Array2<f64>,
    removed: &[Removed],
    params: &MuscleCcaParams,
) -> Note {
    let power = |x: &Array2<f64>| x.iter().map(|v| v * v).sum::<f64>();
    let gone = power(&(before - after)) / power(before).max(f64::MIN_POSITIVE);
    let n: usize = removed.iter().map(|r| r.n_components).sum();
    Note::warning(
        "muscle",
        format!(
            "{n} components of muscle (fast share of {} or more) in {} windows of {} s were removed, {:.1} % of the \
             power; brain gamma in them went too",
            params.fast_share,
            removed.len(),
            params.window_s,
            100.0 * gone
        ),
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seconds;
    use dosewave_numerics::stats::Stream;

    const SFREQ: f64 = 250.0;
    const NAMES: [&str; 4] = ["Fz", "Cz", "T7", "T8"];

    /// Slow brain in all channels; muscle at T7 and T8. Brain alone, and both.
    fn mixture(n: usize) -> (Array2<f64>, Recording) {
        let mut stream = Stream::new(5, 0);
        let mut brain = Array2::zeros((4, n));
        for source in 0..2 {
            let mut last = 0.0;
            for t in 0..n {
                last = 0.98 * last + stream.normal();
                for c in 0..4 {
                    brain[[c, t]] += last * (1.0 + ((c * source) as f64).sin());
                }
            }
        }
        let mut both = brain.clone();
        for t in 0..n {
            for c in 2..4 {
                both[[c, t]] += 6.0 * stream.normal();
            }
        }
        (brain, Recording::new(both, Hz(SFREQ), &NAMES).unwrap())
    }

    fn variance(x: &Array2<f64>, row: usize) -> f64 {
        x.row(row).var(0.0)
    }

    #[test]
    fn muscle_goes_and_slow_brain_stays() {
        let (brain, both) = mixture(15_000);
        let clean = both.remove_muscle_cca(&MuscleCcaParams::default(), None).unwrap();
        for row in 2..4 {
            let before = variance(&(&both.data_uv() - &brain), row);
            let after = variance(&(&clean.data_uv() - &brain), row);
            assert!(after < 0.1 * before, "{row}: {before} {after}");
        }
        for row in 0..2 {
            let error = variance(&(&clean.data_uv() - &brain), row);
            assert!(error < 0.02 * variance(&brain, row), "{row}: {error}");
        }
        assert!(clean.header().notes[0].text.contains("brain gamma in them went too"));
    }

    #[test]
    fn brain_without_muscle_stays_as_it_is() {
        let (brain, _) = mixture(5_000);
        let recording = Recording::new(brain, Hz(SFREQ), &NAMES).unwrap();
        let clean = recording.remove_muscle_cca(&MuscleCcaParams::default(), None).unwrap();
        assert!((&clean.data_uv() - &recording.data_uv()).iter().all(|d| d.abs() < 1e-9));
    }

    #[test]
    fn windows_cover_each_run_and_do_not_leave_it() {
        for n in [10, 2500, 2501, 4000, 12_345] {
            let run = Run { onset: Seconds(0.0), samples: 100..100 + n };
            let found = windows(&run, 10.0, Hz(SFREQ));
            assert_eq!((found[0].0, found[found.len() - 1].1), (100, 100 + n as usize));
            assert!(found.windows(2).all(|pair| pair[1].0 < pair[0].1), "{found:?}");
        }
        let ones: Vec<Removed> =
            (0..2).map(|_| Removed { field: Array2::ones((1, 10)), n_components: 1 }).collect();
        let together = faded_together(&ones, &[(0, 10), (4, 14)], (1, 14));
        assert!(together.iter().all(|v| (v - 1.0).abs() < 1e-12), "weights sum to one");
    }

    #[test]
    fn gaps_and_flat_stretches_are_taken_as_they_are() {
        let (_, both) = mixture(6_000);
        let (mut header, mut data_uv) = both.into_parts();
        header.runs = vec![
            Run { onset: Seconds(0.0), samples: 0..3000 },
            Run { onset: Seconds(100.0), samples: 3000..6000 },
        ];
        data_uv.slice_mut(s![.., 3000..]).fill(7.0);
        let recording = Recording::from_parts(header, data_uv).unwrap();
        let clean = recording.remove_muscle_cca(&MuscleCcaParams::default(), None).unwrap();
        assert!(clean.data_uv().slice(s![.., 3000..]).iter().all(|v| *v == 7.0));
        let bad = MuscleCcaParams { window_s: 1.0, ..Default::default() };
        assert!(recording.remove_muscle_cca(&bad, None).unwrap_err().to_string().contains("window_s = 1"));
    }
}
