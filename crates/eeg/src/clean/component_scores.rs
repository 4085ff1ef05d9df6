//! How much a component looks like eyes, muscle, heart or mains: numbers that can be looked at.

use super::components::{ComponentLimits, ComponentSource};
use super::heart::BEATS_FROM_HZ;
use crate::{ChannelKind, Hz, Recording, Result, parallel};
use dosewave_numerics::decompose::Ica;
use dosewave_numerics::events::{heart_rate, r_peaks};
use dosewave_numerics::spatial::fit_sphere;
use dosewave_numerics::spectral::{Average, Detrend, Welch, WelchParams, Window};
use dosewave_numerics::stats::correlation;
use ndarray::{Array1, Array2, ArrayView1, Axis, concatenate, s};
use serde::{Deserialize, Serialize};

/// Segments of the spectra that components are judged by, s.
const SEGMENT_S: f64 = 2.0;
/// Slow and fast parts of a spectrum, Hz.
const SLOW_HZ: [f64; 2] = [1.0, 5.0];
const JUDGED_BY_SLOW_HZ: [f64; 2] = [1.0, 45.0];
const FAST_HZ: [f64; 2] = [20.0, 100.0];
const JUDGED_BY_FAST_HZ: [f64; 2] = [2.0, 100.0];
/// Neighbourhood of the mains that belongs to it, and what is left out of all other shares, Hz.
const LINE_HALF_WIDTH_HZ: f64 = 1.0;
const LINE_LEFT_OUT_HZ: f64 = 2.0;
/// Around each R peak, s.
const BEAT_S: [f64; 2] = [-0.2, 0.4];
/// A heart without an ECG channel: rate per minute and regularity (SD over mean of the intervals).
const HEART_BPM: [f64; 2] = [40.0, 130.0];
const IRREGULAR: f64 = 0.25;
/// Beats that a score needs.
const FEWEST_BEATS: usize = 20;

/// Scores of a component from 0 to 1, each a number with a meaning of its own:
///
/// * `eye`: the largest correlation (magnitude) with an EOG channel; without one, the smaller of `front` and `slow`.
/// * `muscle`: `fast`, the share of 20–100 Hz in the power from 2 to 100 Hz. Brain with an exponent of 1 has 0.41, of
///   1.5 0.20; a flat spectrum 0.82.
/// * `heart`: root of the share of variance within 0.2 s before to 0.4 s after the R peaks that the mean over beats
///   explains, beyond what it would by chance. Without an ECG channel, R peaks are looked for in the component itself,
///   and count when there is one regular rate of 40–130 per minute.
/// * `line`: share of the power from 2 to 100 Hz that lies within 1 Hz of the mains or its harmonics.
///
/// Frequencies end below half the sampling rate and the low-pass; all but `line` leave the mains ± 2 Hz out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ComponentScores {
    /// Like eyes.
    pub eye: f64,
    /// Like muscle.
    pub muscle: f64,
    /// Like the heart.
    pub heart: f64,
    /// Like the mains.
    pub line: f64,
    /// Share of the squared map on electrodes near the eyes (Fp, AF7 to AF8, F7, F8); 0 without positions.
    pub front: f64,
    /// Share of the squared map on the rim (Fpz–T7–Oz–T8 and below); 0 without positions.
    pub rim: f64,
    /// Share of 1–5 Hz in the power from 1 to 45 Hz.
    pub slow: f64,
}

impl ComponentScores {
    /// The source whose score is furthest over its limit.
    pub(super) fn worst(&self, limits: &ComponentLimits) -> Option<(ComponentSource, f64)> {
        let all = [
            (ComponentSource::Eye, self.eye, limits.eye),
            (ComponentSource::Muscle, self.muscle, limits.muscle),
            (ComponentSource::Heart, self.heart, limits.heart),
            (ComponentSource::Line, self.line, limits.line),
        ];
        let over = all.into_iter().filter_map(|(source, score, limit)| {
            let limit = limit?;
            (score >= limit).then_some((source, score, score - limit))
        });
        over.reduce(|a, b| if b.2 > a.2 { b } else { a }).map(|(source, score, _)| (source, score))
    }
}

/// What scores are computed from.
pub(super) struct Scoring<'a> {
    pub(super) parts: &'a [&'a Recording],
    pub(super) eeg: &'a [usize],
    pub(super) line: Option<Hz>,
}

/// A spectrum with the frequencies that count.
struct Spectrum {
    freqs_hz: Array1<f64>,
    power: Array1<f64>,
    line_hz: Option<f64>,
    highest_hz: f64,
}

/// Shares of a map near the eyes and on the rim, as sets of its entries.
struct Places {
    front: Vec<usize>,
    rim: Vec<usize>,
}

impl Scoring<'_> {
    pub(super) fn scores(&self, ica: &Ica) -> Result<Vec<ComponentScores>> {
        let sources: Vec<Array2<f64>> = self
            .parts
            .iter()
            .map(|part| ica.sources(part.data_uv().select(Axis(0), self.eeg).view()))
            .collect::<std::result::Result<_, _>>()?;
        let places = self.places();
        let eyes = self.companions(ChannelKind::Eog);
        let beats = self.beats()?;
        parallel::try_map(ica.variances.len(), |k| {
            let courses: Vec<ArrayView1<'_, f64>> = sources.iter().map(|part| part.row(k)).collect();
            let spectrum = self.spectrum(&courses)?;
            let map = ica.mixing.column(k);
            let (front, rim) = (share(map, &places.front), share(map, &places.rim));
            let slow = spectrum.share(SLOW_HZ, JUDGED_BY_SLOW_HZ);
            Ok(ComponentScores {
                eye: match eyes.is_empty() {
                    true => front.min(slow),
                    false => self.largest_correlation(&courses, &eyes),
                },
                muscle: spectrum.share(FAST_HZ, JUDGED_BY_FAST_HZ),
                heart: match &beats {
                    Some(beats) => self.locked(&courses, beats),
                    None => self.locked_to_itself(&courses)?,
                },
                line: spectrum.line_share(),
                front,
                rim,
                slow,
            })
        })
    }

    fn sfreq(&self) -> f64 {
        self.parts.first().map_or(1.0, |part| part.sfreq().0)
    }

    fn companions(&self, kind: ChannelKind) -> Vec<usize> {
        let channels = self.parts.first().map(|part| part.channels().clone()).unwrap_or_default();
        let is_kind = |row: &usize| channels[*row].kind == kind && channels[*row].is_voltage();
        let finite =
            |row: &usize| self.parts.iter().all(|p| p.data_uv().row(*row).iter().all(|v| v.is_finite()));
        (0..channels.len()).filter(is_kind).filter(finite).collect()
    }

    /// Electrodes near the eyes and on the rim, by direction from the middle of the sphere that fits them.
    fn places(&self) -> Places {
        let none = Places { front: Vec::new(), rim: Vec::new() };
        let Some(first) = self.parts.first() else { return none };
        let placed: Vec<(usize, [f64; 3])> = self
            .eeg
            .iter()
            .enumerate()
            .filter_map(|(k, &row)| Some((k, first.channels()[row].position?)))
            .collect();
        let positions = Array2::from_shape_fn((placed.len(), 3), |(i, k)| placed[i].1[k]);
        let Ok(sphere) = fit_sphere(positions.view()) else { return none };
        let direction = |p: [f64; 3]| {
            let d: [f64; 3] = std::array::from_fn(|k| p[k] - sphere.centre[k]);
            let length = d.iter().map(|v| v * v).sum::<f64>().sqrt();
            d.map(|v| v / length)
        };
        let near = |is: &dyn Fn([f64; 3]) -> bool| {
            placed.iter().filter(|(_, p)| is(direction(*p))).map(|(k, _)| *k).collect()
        };
        Places { front: near(&|[_, y, z]| y > 0.5 && z < 0.45), rim: near(&|[_, _, z]| z < 0.1) }
    }

    fn spectrum(&self, courses: &[ArrayView1<'_, f64>]) -> Result<Spectrum> {
        let sfreq = self.sfreq();
        let (welch, n) = welch(sfreq)?;
        let mut power = Array1::zeros(welch.freqs_hz().len());
        for (course, part) in courses.iter().zip(self.parts) {
            for run in part.runs().iter().filter(|run| run.len() as usize >= n) {
                let stretch = course.slice(s![run.samples.start as usize..run.samples.end as usize]);
                let mut psd = Array1::zeros(power.len());
                welch.psd_into(stretch, psd.view_mut())?;
                power.scaled_add(run.len() as f64, &psd);
            }
        }
        let highest_hz = self.parts.iter().map(|part| highest_hz(part)).fold(f64::INFINITY, f64::min);
        Ok(Spectrum { freqs_hz: welch.freqs_hz(), power, line_hz: self.line.map(|hz| hz.0), highest_hz })
    }

    /// Largest correlation with an eye channel.
    fn largest_correlation(&self, courses: &[ArrayView1<'_, f64>], eyes: &[usize]) -> f64 {
        let Ok(course) = concatenate(Axis(0), courses) else { return 0.0 };
        let correlations = eyes.iter().map(|&row| {
            let data: Vec<_> = self.parts.iter().map(|part| part.data_uv().row(row).to_owned()).collect();
            let views: Vec<_> = data.iter().map(|part| part.view()).collect();
            concatenate(Axis(0), &views)
                .ok()
                .and_then(|eye| correlation(course.view(), eye.view()))
                .map_or(0.0, f64::abs)
        });
        correlations.fold(0.0, f64::max)
    }

    /// R peaks of each part in the ECG; `None` without one.
    fn beats(&self) -> Result<Option<Vec<Vec<u64>>>> {
        if self.companions(ChannelKind::Ecg).is_empty() || self.sfreq() < BEATS_FROM_HZ {
            return Ok(None);
        }
        let found =
            self.parts.iter().map(|part| Ok(part.heart()?.map_or_else(Vec::new, |heart| heart.peaks)));
        Ok(Some(found.collect::<Result<_>>()?))
    }

    /// Root of the share of variance around the beats that their mean explains, less what chance would.
    fn locked(&self, courses: &[ArrayView1<'_, f64>], beats: &[Vec<u64>]) -> f64 {
        let [before, after] = BEAT_S.map(|s: f64| (s.abs() * self.sfreq()).round() as u64);
        let n = (before + after) as usize;
        let (mut mean, mut total, mut count) = (Array1::<f64>::zeros(n), 0.0, 0_usize);
        for ((course, part), beats) in courses.iter().zip(self.parts).zip(beats) {
            for run in part.runs() {
                let inside =
                    |peak: &&u64| **peak >= run.samples.start + before && **peak + after <= run.samples.end;
                for peak in beats.iter().filter(inside) {
                    let start = (peak - before) as usize;
                    let window = course.slice(s![start..start + n]);
                    mean += &window;
                    total += window.iter().map(|v| v * v).sum::<f64>();
                    count += 1;
                }
            }
        }
        if count < FEWEST_BEATS || total <= 0.0 {
            return 0.0;
        }
        mean /= count as f64;
        // blinks push one way: what is the same at all times of a beat is not of the beat
        let level = mean.sum() / n as f64;
        let explained = mean.iter().map(|v| (v - level) * (v - level)).sum::<f64>() / (total / count as f64);
        let chance = 1.0 / count as f64;
        ((explained - chance) / (1.0 - chance)).max(0.0).sqrt()
    }

    /// As [`Self::locked`], to beats of the component itself, where it has a regular rate.
    fn locked_to_itself(&self, courses: &[ArrayView1<'_, f64>]) -> Result<f64> {
        let (mut beats, mut clock, mut offset) = (Vec::new(), Vec::new(), 0);
        for (course, part) in courses.iter().zip(self.parts) {
            let mut of_part = Vec::new();
            for run in part.runs() {
                let start = run.samples.start as usize;
                let stretch = course.slice(s![start..run.samples.end as usize]);
                let found = match r_peaks(stretch, self.sfreq()) {
                    Ok(found) => found,
                    Err(
                        dosewave_numerics::Error::TooShort { .. } | dosewave_numerics::Error::Invalid { .. },
                    ) => Vec::new(),
                    Err(error) => return Err(error.into()),
                };
                clock.extend(found.iter().map(|t| offset + t));
                offset += stretch.len() + (10.0 * self.sfreq()) as usize;
                of_part.extend(found.iter().map(|t| (start + t) as u64));
            }
            beats.push(of_part);
        }
        let Some(rate) = heart_rate(&clock, self.sfreq()) else { return Ok(0.0) };
        let is_heart = (HEART_BPM[0]..=HEART_BPM[1]).contains(&rate.bpm)
            && irregularity(&clock, self.sfreq()) < IRREGULAR;
        Ok(if is_heart { self.locked(courses, &beats) } else { 0.0 })
    }
}

/// Welch's estimator over segments of 2 s, and their length.
fn welch(sfreq: f64) -> Result<(Welch, usize)> {
    let n = (SEGMENT_S * sfreq).round().max(8.0) as usize;
    let params = WelchParams {
        n_fft: n,
        n_per_seg: n,
        n_overlap: n / 2,
        window: Window::Hann,
        average: Average::Mean,
        detrend: Detrend::Constant,
    };
    Ok((Welch::new(params, sfreq)?, n))
}

/// Share of 20–100 Hz in the power from 2 to 100 Hz of one course without a gap; 0 below 2 s.
pub(super) fn fast_share(
    course: ArrayView1<'_, f64>,
    sfreq: f64,
    highest_hz: f64,
    line: Option<Hz>,
) -> Result<f64> {
    let (welch, n) = welch(sfreq)?;
    if course.len() < n {
        return Ok(0.0);
    }
    let mut power = Array1::zeros(welch.freqs_hz().len());
    welch.psd_into(course, power.view_mut())?;
    let spectrum = Spectrum { freqs_hz: welch.freqs_hz(), power, line_hz: line.map(|hz| hz.0), highest_hz };
    Ok(spectrum.share(FAST_HZ, JUDGED_BY_FAST_HZ))
}

/// The highest frequency that counts: below half the rate and the low-pass.
pub(super) fn highest_hz(recording: &Recording) -> f64 {
    let nyquist = 0.95 * recording.sfreq().0 / 2.0;
    recording.header().low_pass().map_or(nyquist, |hz| hz.0.min(nyquist))
}

/// SD over mean of the intervals below 2 s.
fn irregularity(clock: &[usize], sfreq: f64) -> f64 {
    let intervals: Vec<f64> =
        clock.windows(2).map(|pair| (pair[1] - pair[0]) as f64 / sfreq).filter(|s| *s < 2.0).collect();
    let n = intervals.len().max(1) as f64;
    let mean = intervals.iter().sum::<f64>() / n;
    let variance = intervals.iter().map(|s| (s - mean) * (s - mean)).sum::<f64>() / n;
    if mean > 0.0 { variance.sqrt() / mean } else { f64::INFINITY }
}

/// Share of a map's squared entries.
fn share(map: ArrayView1<'_, f64>, entries: &[usize]) -> f64 {
    let total: f64 = map.iter().map(|v| v * v).sum();
    let part: f64 = entries.iter().map(|&k| map[k] * map[k]).sum();
    if total > 0.0 { part / total } else { 0.0 }
}

impl Spectrum {
    fn near_line(&self, freq: f64, half_width: f64) -> bool {
        self.line_hz.is_some_and(|line| {
            let harmonic = (freq / line).round().max(1.0) * line;
            (freq - harmonic).abs() <= half_width
        })
    }

    fn sum(&self, [from, to]: [f64; 2], counts: impl Fn(f64) -> bool) -> f64 {
        let inside = |f: f64| f >= from && f < to.min(self.highest_hz) && counts(f);
        self.freqs_hz.iter().zip(&self.power).filter(|(f, _)| inside(**f)).map(|(_, p)| p).sum()
    }

    /// Share of one stretch in another, without the mains.
    fn share(&self, part: [f64; 2], whole: [f64; 2]) -> f64 {
        let quiet = |f: f64| !self.near_line(f, LINE_LEFT_OUT_HZ);
        let total = self.sum(whole, quiet);
        if total > 0.0 { self.sum(part, quiet) / total } else { 0.0 }
    }

    fn line_share(&self) -> f64 {
        let total = self.sum(JUDGED_BY_FAST_HZ, |_| true);
        let line = self.sum(JUDGED_BY_FAST_HZ, |f| self.near_line(f, LINE_HALF_WIDTH_HZ));
        if total > 0.0 { line / total } else { 0.0 }
    }
}

#[cfg(test)]
mod tests;
