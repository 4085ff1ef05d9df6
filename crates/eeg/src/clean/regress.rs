//! What eye channels carry, regressed out of the EEG.

use crate::{ChannelKind, Error, Note, Recording, Result, channel, parallel};
use dosewave_numerics::decompose::least_squares;
use ndarray::{Array1, Array2, ArrayView1, Axis, s};

impl Recording {
    /// The EEG channels without what is a weighted sum of the EOG channels (Gratton, Coles & Donchin 1983,
    /// 10.1016/0013-4694(83)90135-9): one weight for each pair of channels, by least squares over all runs, each run
    /// without its mean. `names` are the channels to regress on; empty takes all EOG channels. The EOG sees the brain too,
    /// so a part of the frontal EEG goes with the eyes; a note says how much.
    ///
    /// # Errors
    /// [`Error::UnknownChannel`], [`Error::NothingLeft`] without an EOG or EEG channel, [`Error::NotFinite`] for NaN or
    /// infinity, [`Error::Kernel`] where the regressors are constant or copies of each other.
    ///
    /// ```
    /// use dosewave_eeg::{Hz, Recording};
    /// let blink = |t: usize| if t % 100 < 20 { 80.0 } else { 0.0 };
    /// let brain = |t: usize| (0.7 * t as f64).sin();
    /// let data_uv = ndarray::Array2::from_shape_fn((2, 1000), |(c, t)| {
    ///     if c == 0 { brain(t) + 0.3 * blink(t) } else { blink(t) }
    /// });
    /// let recording = Recording::new(data_uv, Hz(100.0), &["Fz", "VEOG"]).unwrap();
    /// let clean = recording.regress_eog(&[]).unwrap();
    /// assert!((clean.data_uv()[[0, 5]] - clean.data_uv()[[0, 25]] - (brain(5) - brain(25))).abs() < 0.2);
    /// ```
    pub fn regress_eog(&self, names: &[&str]) -> Result<Self> {
        let eog = self.regressors(names)?;
        let eeg: Vec<usize> =
            channel::eeg_indices(self.channels()).into_iter().filter(|row| !eog.contains(row)).collect();
        if eeg.is_empty() {
            let hint = "no EEG channel in µV to clean".to_owned();
            return Err(Error::NothingLeft { step: "regress_eog", hint });
        }
        self.check_rows_finite(eeg.iter().chain(&eog).copied())?;
        let eyes = self.without_run_means(&eog);
        let weights = parallel::try_map(eeg.len(), |i| {
            let one = self.without_run_means(&eeg[i..=i]);
            Ok(least_squares(eyes.view(), one.row(0))?)
        })?;
        let (header, mut data_uv) = self.clone().into_parts();
        let (mut before, mut removed) = (0.0, 0.0);
        for (&row, weights) in eeg.iter().zip(&weights) {
            let field = weights.dot(&eyes);
            before += self.without_run_means(&[row]).iter().map(|v| v * v).sum::<f64>();
            removed += field.iter().map(|v| v * v).sum::<f64>();
            let mut samples = data_uv.row_mut(row);
            samples -= &field;
        }
        let shown: Vec<&str> = eog.iter().map(|&row| self.channels()[row].name.as_str()).collect();
        let text = format!(
            "{} regressed out of {} EEG channels: {:.1} % of their variance",
            shown.join(" and "),
            eeg.len(),
            if before > 0.0 { 100.0 * removed / before } else { 0.0 }
        );
        Ok(Self::derived(header, data_uv).with_note(Note::info("eog", text)))
    }

    fn regressors(&self, names: &[&str]) -> Result<Vec<usize>> {
        if !names.is_empty() {
            return names.iter().map(|name| self.header().channel_index(name)).collect();
        }
        let eog: Vec<usize> = (0..self.channels().len())
            .filter(|&row| self.channels()[row].kind == ChannelKind::Eog && self.channels()[row].is_voltage())
            .collect();
        if eog.is_empty() {
            let hint = format!(
                "no EOG channel among {}; name the channels to regress on",
                self.header().ch_names().join(", ")
            );
            return Err(Error::NothingLeft { step: "regress_eog", hint });
        }
        Ok(eog)
    }

    /// Rows without the mean of each run.
    fn without_run_means(&self, rows: &[usize]) -> Array2<f64> {
        let mut data = self.data_uv().select(Axis(0), rows);
        for run in self.runs() {
            let columns = s![.., run.samples.start as usize..run.samples.end as usize];
            let mut part = data.slice_mut(columns);
            let n = part.ncols().max(1) as f64;
            let means: Array1<f64> =
                part.rows().into_iter().map(|row: ArrayView1<'_, f64>| row.sum() / n).collect();
            part -= &means.insert_axis(Axis(1));
        }
        data
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Hz, Run, Seconds};

    const NAMES: [&str; 4] = ["Fz", "Cz", "VEOG", "HEOG"];

    /// EEG = noise + weights · eyes.
    fn recording(weights: [[f64; 2]; 2]) -> (Recording, Array2<f64>) {
        let (_, clean) = noise(4, 20_000, 100.0).into_parts();
        let mut data_uv = clean.clone();
        for (row, weights) in weights.iter().enumerate() {
            for (eye, weight) in weights.iter().enumerate() {
                let field = &clean.row(2 + eye) * *weight;
                data_uv.row_mut(row).zip_mut_with(&field, |v, f| *v += f);
            }
        }
        (Recording::new(data_uv, Hz(100.0), &NAMES).unwrap(), clean)
    }

    #[test]
    fn what_is_left_does_not_correlate_with_the_eyes() {
        let (mixed, clean) = recording([[0.8, -0.3], [0.2, 0.1]]);
        let found = mixed.regress_eog(&[]).unwrap();
        for row in 0..2 {
            for eye in 2..4 {
                let eyes = &mixed.data_uv().row(eye) - mixed.data_uv().row(eye).mean().unwrap();
                assert!(found.data_uv().row(row).dot(&eyes).abs() < 1e-6);
            }
            let error = &found.data_uv().row(row) - &clean.row(row);
            assert!(error.std(0.0) < 0.05 * clean.row(row).std(0.0));
        }
        assert_eq!(found.data_uv().row(2), mixed.data_uv().row(2), "the EOG stays");
        assert!(found.header().notes[0].text.contains("VEOG and HEOG"));
        let again = found.regress_eog(&[]).unwrap();
        assert!((&again.data_uv() - &found.data_uv()).iter().all(|d| d.abs() < 1e-9));
    }

    #[test]
    fn an_offset_between_runs_is_no_eye_movement() {
        let (mixed, _) = recording([[0.5, 0.0], [0.0, 0.5]]);
        let (mut header, mut data_uv) = mixed.into_parts();
        header.runs = vec![
            Run { onset: Seconds(0.0), samples: 0..10_000 },
            Run { onset: Seconds(500.0), samples: 10_000..20_000 },
        ];
        let plain = Recording::from_parts(header.clone(), data_uv.clone()).unwrap().regress_eog(&[]).unwrap();
        data_uv.slice_mut(s![.., 10_000..]).mapv_inplace(|v| v + 5000.0);
        let moved = Recording::from_parts(header, data_uv).unwrap().regress_eog(&[]).unwrap();
        let difference = &moved.data_uv() - &plain.data_uv();
        assert!(difference.slice(s![..2, ..10_000]).iter().all(|d| d.abs() < 1e-6));
        assert!(difference.slice(s![..2, 10_000..]).iter().all(|d| (d - 5000.0).abs() < 1e-6));
    }

    #[test]
    fn missing_and_constant_regressors_are_refused() {
        let (mixed, _) = recording([[0.0; 2]; 2]);
        let without = mixed.pick(&[0, 1]).unwrap();
        assert!(without.regress_eog(&[]).unwrap_err().to_string().contains("no EOG channel among Fz, Cz"));
        assert!(matches!(without.regress_eog(&["VEOG"]), Err(Error::UnknownChannel { .. })));
        let (header, mut data_uv) = mixed.into_parts();
        data_uv.row_mut(3).fill(1.0);
        let constant = Recording::from_parts(header, data_uv).unwrap();
        assert!(matches!(constant.regress_eog(&[]), Err(Error::Kernel(_))));
    }
}
