//! How much of a band is a flat floor.

use crate::aggregate::geometric_mean;
use crate::needs::bins_of;
use crate::sites::{Sites, channel_sites};
use crate::{BandPreset, BlockStats, Change, Marker, Members, Needs, Result, Segment, Spec, View};
use dosewave_eeg::{Band, Hz, Unit};
use dosewave_numerics::aperiodic::fit_power_law_plus_flat;
use ndarray::{Array2, Array3, ArrayView1, ArrayView2, Axis};
use serde::{Deserialize, Serialize};

/// Fitted share of muscle in the power of a band, 0 to 1.
///
/// ```math
/// P(f) = a f^{-\chi} + m, \qquad \mathrm{share} = \frac{m}{\operatorname{mean}_{f \in B} (a f^{-\chi} + m)}
/// ```
///
/// The spectrum above 20 Hz is taken apart into the brain's power law and a flat floor `m`; scalp muscle is nearly flat
/// there. The floor holds the amplifier's noise as well, and a kink of the brain's own spectrum would go into it: the share
/// is an upper estimate, and its change is what counts. Regions and `global` fit the geometric mean of their channels; the
/// spectrum is averaged in steps of 4 Hz, mains left out. Missing where the best exponent is beyond 0.2–5.
///
/// Scalp power above 20 Hz falls tenfold to two-hundredfold under paralysis: Whitham et al. 2007,
/// <https://doi.org/10.1016/j.clinph.2007.04.027>.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MuscleShare {
    /// The band whose power is shared, `[low, high)` in Hz.
    pub band: Band,
    /// Range of the fit, `[low, high)` in Hz.
    pub range: Band,
}

impl Default for MuscleShare {
    fn default() -> Self {
        Self { band: Band::LOW_GAMMA, range: FIT_RANGE }
    }
}

/// 20–140 Hz.
const FIT_RANGE: Band = Band::MUSCLE_FIT;
/// The spectrum is averaged in steps of this, Hz.
const STEP_HZ: f64 = 4.0;
const FEWEST_STEPS: usize = 10;

impl Marker for MuscleShare {
    fn spec() -> Spec {
        Spec {
            kind: "muscle_share",
            label: "Fitted share of muscle",
            description: "Part of the band's power that a flat floor under the brain's power law makes up, from a fit of both to \
                          the spectrum above 20 Hz. An upper estimate of muscle: the amplifier's noise is in it. Evidence for \
                          judging gamma, not an effect of its own.",
            unit: Unit::One,
            change: Change::Difference,
            contaminable: false,
            formula: r"P(f) = a f^{-\chi} + m,\quad \mathrm{share} = m / \operatorname{mean}_{f \in B}(a f^{-\chi} + m)",
            reference: "Whitham EM et al. (2007). Scalp electrical recording during paralysis: quantitative evidence that EEG \
                        frequencies above 20 Hz are contaminated by EMG. Clinical Neurophysiology 118, 1877-1888",
            doi: "10.1016/j.clinph.2007.04.027",
        }
    }

    fn defaults(_: BandPreset) -> Vec<(String, Self)> {
        [("low_gamma", Band::LOW_GAMMA), ("high_gamma", Band::HIGH_GAMMA)]
            .map(|(name, band)| (format!("muscle_share.{name}"), Self { band, ..Self::default() }))
            .to_vec()
    }

    fn check(&self) -> std::result::Result<(), String> {
        let inside = self.band.low() >= self.range.low() && self.band.high() <= self.range.high();
        if inside { Ok(()) } else { Err(format!("band {} lies outside the fitted range {}", self.band, self.range)) }
    }

    fn takes_view(view: View) -> std::result::Result<(), &'static str> {
        let why = "its floor is muscle that is flat in the potentials, which a Laplacian weakens at its own rate";
        if view == View::Laplacian { Err(why) } else { Ok(()) }
    }

    fn needs(&self) -> Needs {
        Needs { min_sfreq: Hz(2.5 * self.range.high().0), ..Needs::of_band(self.range) }
    }

    fn block_stats(&self, segment: &Segment) -> Result<BlockStats> {
        let (freqs_hz, steps) = steps(segment, self.range)?;
        let all = channel_sites(&segment.eeg_channels());
        let n_heads = all.members.iter().take_while(|members| matches!(members, Members::Mean(_))).count();
        let values = Array3::from_shape_fn((steps.len_of(Axis(0)), n_heads, freqs_hz.len()), |(epoch, site, step)| {
            let Members::Mean(channels) = &all.members[site] else { return f64::NAN };
            let inside: Vec<f64> = channels.iter().map(|&c| steps[[epoch, c, step]]).collect();
            geometric_mean(&inside)
        });
        let sites = Sites {
            names: all.names.into_iter().take(n_heads).collect(),
            members: (0..n_heads).map(Members::One).collect(),
        };
        let mut stats = BlockStats::of_epochs(segment, values, sites);
        stats.freqs_hz = freqs_hz;
        Ok(stats)
    }

    fn evaluate(&self, stats: &BlockStats, counts: ArrayView2<'_, u32>) -> Result<Array2<f64>> {
        stats.check_counts(counts)?;
        let psd = stats.epoch_values()?;
        let (_, n_sites, n_steps) = psd.dim();
        let mut sums = Array3::<f64>::zeros((stats.n_blocks, n_sites, n_steps));
        for (epoch, &block) in psd.outer_iter().zip(&stats.block_of) {
            let mut sum = sums.index_axis_mut(Axis(0), block);
            sum += &epoch;
        }
        let weights = counts.mapv(f64::from);
        let mut shares = Array2::zeros((counts.nrows(), n_sites));
        for site in 0..n_sites {
            let drawn = weights.dot(&sums.index_axis(Axis(1), site));
            for (draw, spectrum) in drawn.rows().into_iter().enumerate() {
                shares[[draw, site]] = self.share(&stats.freqs_hz, spectrum).unwrap_or(f64::NAN);
            }
        }
        Ok(shares)
    }
}

impl MuscleShare {
    /// Share of the floor in the band; `None` where the spectrum is no power law on a floor.
    fn share(&self, freqs_hz: &[f64], spectrum: ArrayView1<'_, f64>) -> Option<f64> {
        let fit = fit_power_law_plus_flat(ArrayView1::from(freqs_hz), spectrum).ok()?;
        let inside: Vec<f64> = freqs_hz
            .iter()
            .filter(|f| **f >= self.band.low().0 && **f < self.band.high().0)
            .map(|f| fit.density(*f))
            .collect();
        Some(fit.flat * inside.len() as f64 / inside.iter().sum::<f64>()).filter(|share| share.is_finite())
    }
}

/// Mean frequency of each step of the range, and the PSD in it `[epoch, channel, step]`.
fn steps(segment: &Segment, range: Band) -> Result<(Vec<f64>, Array3<f64>)> {
    let spectra = segment.spectra()?;
    let all = spectra.freqs_hz();
    let bins = bins_of(all, range, &segment.params().mains, FEWEST_STEPS, "muscle_share")?;
    let mut groups: Vec<(i64, Vec<usize>)> = Vec::new();
    for bin in bins {
        let step = ((all[bin] - range.low().0) / STEP_HZ).floor() as i64;
        match groups.last_mut() {
            Some((last, members)) if *last == step => members.push(bin),
            _ => groups.push((step, vec![bin])),
        }
    }
    let freqs_hz =
        groups.iter().map(|(_, bins)| bins.iter().map(|&b| all[b]).sum::<f64>() / bins.len() as f64).collect();
    let psd = spectra.psd_uv2_hz();
    let shape = (spectra.n_epochs(), segment.eeg().len(), groups.len());
    let mut steps = Array3::zeros(shape);
    for (epoch, mut values) in steps.outer_iter_mut().enumerate() {
        for (channel, &row) in segment.eeg().iter().enumerate() {
            let spectrum: ArrayView1<'_, f64> = psd.slice_move(ndarray::s![epoch, row, ..]);
            for (step, (_, bins)) in groups.iter().enumerate() {
                let sum: f64 = bins.iter().map(|&bin| spectrum[bin]).sum();
                values[[channel, step]] = sum / bins.len() as f64;
            }
        }
    }
    Ok((freqs_hz, steps))
}
