//! Amplitude and phase of a band from sample to sample.

use crate::clean::filter::{Designed, is_filtered};
use crate::{Channels, Epochs, Filter, Hz, Recording, Result, parallel};
use dosewave_numerics::filter::analytic_signal;
use ndarray::{Array, ArrayView1, ArrayViewMut1, Axis, Dimension, Ix2, Ix3, RemoveAxis, Slice};
use std::ops::Range;

/// Amplitude and phase of a band: of a recording `[channel, time]`, of epochs `[epoch, channel, time]`.
#[derive(Clone, Debug, PartialEq)]
pub struct BandEnvelope<D: Dimension> {
    /// The channels that are voltages (or Laplacians); others have no band.
    pub channels: Channels,
    /// Sampling frequency.
    pub sfreq: Hz,
    /// Modulus of the analytic signal, µV.
    pub amplitude_uv: Array<f64, D>,
    /// Its argument, radians in (−π, π]; 0 at the crest of the rhythm.
    pub phase_rad: Array<f64, D>,
    /// Samples further from an end than the filter reaches: one range per run of a recording, one for all epochs. The
    /// Hilbert transform reaches further, but fades.
    pub valid: Vec<Range<usize>>,
}

impl Recording {
    /// Filters each run by itself and takes the amplitude and phase of the analytic signal, whose transform is as long as
    /// the run (MNE's `apply_hilbert` with `n_fft=None`).
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for edges that the rate does not carry, [`crate::Error::NotFinite`] for NaN or infinity.
    ///
    /// ```
    /// use dosewave_eeg::{Filter, Hz, Recording};
    /// let tone = |t: usize| 8.0 * (2.0 * std::f64::consts::PI * 10.0 * t as f64 / 200.0).cos();
    /// let data_uv = ndarray::Array2::from_shape_fn((1, 2000), |(_, t)| tone(t));
    /// let recording = Recording::new(data_uv, Hz(200.0), &["O1"]).unwrap();
    /// let alpha = recording.band_envelope(&Filter::band_pass(Hz(8.0), Hz(13.0))).unwrap();
    /// assert!((alpha.amplitude_uv[[0, 1000]] - 8.0).abs() < 0.05);
    /// assert!(alpha.phase_rad[[0, 1000]].abs() < 0.05); // a crest
    /// ```
    pub fn band_envelope(&self, filter: &Filter) -> Result<BandEnvelope<Ix2>> {
        let designed = filter.designed(self.sfreq())?;
        let kept = filtered_channels(self.channels());
        self.check_rows_finite(kept.iter().copied())?;
        let runs: Vec<Range<usize>> =
            self.runs().iter().map(|run| run.samples.start as usize..run.samples.end as usize).collect();
        let data_uv = self.data_uv();
        let mut amplitude_phase = Array::zeros((kept.len(), 2, data_uv.ncols()));
        parallel::try_rows(amplitude_phase.view_mut(), |row, mut out| {
            let samples = data_uv.row(kept[row]);
            for run in &runs {
                let (amplitude, phase) = out.view_mut().split_at(Axis(0), 1);
                let columns = Slice::from(run.clone());
                into_envelope(
                    &designed,
                    samples.slice_axis(Axis(0), columns),
                    amplitude.index_axis_move(Axis(0), 0).slice_axis_mut(Axis(0), columns),
                    phase.index_axis_move(Axis(0), 0).slice_axis_mut(Axis(0), columns),
                )?;
            }
            Ok(())
        })?;
        let reach = half_reach(filter, self.sfreq())?;
        let valid = runs.iter().map(|run| inside(run.clone(), reach)).collect();
        let channels = kept.iter().map(|&row| self.channels()[row].clone()).collect();
        Ok(unpacked(channels, self.sfreq(), &amplitude_phase, Axis(1), valid))
    }
}

impl Epochs {
    /// As [`Recording::band_envelope`], each epoch by itself. Where the recording is at hand, filter it before it is cut:
    /// an epoch's ends are extended by reflection, as far as [`BandEnvelope::valid`] says.
    ///
    /// # Errors
    /// [`crate::Error::Kernel`] for edges that the rate does not carry, [`crate::Error::NothingLeft`] without an epoch.
    pub fn band_envelope(&self, filter: &Filter) -> Result<BandEnvelope<Ix3>> {
        self.check_not_empty("band_envelope")?;
        let designed = filter.designed(self.sfreq())?;
        let kept = filtered_channels(self.channels());
        let data_uv = self.data_uv();
        let mut amplitude_phase = Array::zeros((self.n_epochs(), kept.len(), 2, self.n_times()));
        parallel::try_rows(amplitude_phase.view_mut(), |epoch, mut out| {
            for (&channel, mut out) in kept.iter().zip(out.outer_iter_mut()) {
                let samples = data_uv.index_axis(Axis(0), epoch);
                let (amplitude, phase) = out.view_mut().split_at(Axis(0), 1);
                into_envelope(
                    &designed,
                    samples.row(channel),
                    amplitude.index_axis_move(Axis(0), 0),
                    phase.index_axis_move(Axis(0), 0),
                )?;
            }
            Ok(())
        })?;
        let valid = vec![inside(0..self.n_times(), half_reach(filter, self.sfreq())?)];
        let channels = kept.iter().map(|&row| self.channels()[row].clone()).collect();
        Ok(unpacked(channels, self.sfreq(), &amplitude_phase, Axis(2), valid))
    }
}

fn filtered_channels(channels: &Channels) -> Vec<usize> {
    (0..channels.len()).filter(|&row| is_filtered(&channels[row])).collect()
}

fn into_envelope(
    designed: &Designed,
    x: ArrayView1<'_, f64>,
    amplitude: ArrayViewMut1<'_, f64>,
    phase: ArrayViewMut1<'_, f64>,
) -> Result<()> {
    let z = analytic_signal(designed.zero_phase(x)?.view(), None)?;
    ndarray::Zip::from(amplitude).and(phase).and(&z).for_each(|amplitude, phase, z| {
        *amplitude = z.norm();
        *phase = z.arg();
    });
    Ok(())
}

/// Samples on each side of a sample that shape it.
fn half_reach(filter: &Filter, sfreq: Hz) -> Result<usize> {
    Ok((filter.reach(sfreq)?.0 * sfreq.0).ceil() as usize)
}

fn inside(run: Range<usize>, reach: usize) -> Range<usize> {
    let start = (run.start + reach).min(run.end);
    start..run.end.saturating_sub(reach).max(start)
}

fn unpacked<D>(
    channels: Channels,
    sfreq: Hz,
    amplitude_phase: &Array<f64, D>,
    axis: Axis,
    valid: Vec<Range<usize>>,
) -> BandEnvelope<D::Smaller>
where
    D: RemoveAxis,
{
    BandEnvelope {
        channels,
        sfreq,
        amplitude_uv: amplitude_phase.index_axis(axis, 0).to_owned(),
        phase_rad: amplitude_phase.index_axis(axis, 1).to_owned(),
        valid,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{noise, with_gap};
    use crate::{Seconds, Windows};
    use ndarray::s;

    fn band() -> Filter {
        Filter::band_pass(Hz(8.0), Hz(13.0))
    }

    #[test]
    fn each_run_stands_alone() {
        let whole = with_gap().band_envelope(&band()).unwrap();
        for (from, to, columns) in [(0.0, 4.0, 0..400), (14.0, 20.0, 400..1000)] {
            let alone = with_gap().crop(Seconds(from), Seconds(to)).unwrap().band_envelope(&band()).unwrap();
            assert_eq!(alone.amplitude_uv, whole.amplitude_uv.slice(s![.., columns.clone()]));
            assert_eq!(alone.phase_rad, whole.phase_rad.slice(s![.., columns]));
        }
        // 3.3 / 2 Hz at 100 Hz: 165 coefficients, 82.5 on each side
        assert_eq!(whole.valid, [83..317, 483..917]);
    }

    #[test]
    fn amplitude_and_phase_make_the_filtered_signal() {
        let recording = noise(2, 1000, 100.0);
        let filtered = recording.filter(&band()).unwrap();
        let found = recording.band_envelope(&band()).unwrap();
        let again = &found.amplitude_uv * &found.phase_rad.mapv(f64::cos);
        assert!(again.iter().zip(filtered.data_uv()).all(|(a, b)| (a - b).abs() < 1e-10));
    }

    #[test]
    fn epochs_are_taken_one_by_one_and_other_channels_left_out() {
        let (mut header, data_uv) = noise(3, 1000, 100.0).into_parts();
        let mut channels = header.channels.to_vec();
        channels[1].unit = "%".into();
        header.channels = channels.into();
        let recording = Recording::from_parts(header, data_uv).unwrap();
        let epochs = recording.epochs(&Windows::fixed(Seconds(5.0))).unwrap();
        let found = epochs.band_envelope(&band()).unwrap();
        assert_eq!(found.amplitude_uv.dim(), (2, 2, 500));
        assert_eq!(
            (found.channels[1].name.as_str(), found.valid.len(), &found.valid[0]),
            ("Pz", 1, &(83..417))
        );
        let second = recording.crop(Seconds(5.0), Seconds(10.0)).unwrap().band_envelope(&band()).unwrap();
        assert_eq!(second.amplitude_uv, found.amplitude_uv.index_axis(Axis(0), 1));
    }
}
