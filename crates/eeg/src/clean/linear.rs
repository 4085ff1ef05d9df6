//! Steps that make each new channel a weighted sum of the old ones, sample by sample.

use crate::{Channels, Epochs, Error, Recording, Result, parallel};
use ndarray::{Array2, Array3, Axis, s};

/// Samples that are transformed together: their old and new values fit into the cache.
const BLOCK: usize = 1024;

/// New channels as weighted sums of old ones.
#[derive(Clone, Debug, PartialEq)]
pub struct ChannelOperator {
    /// The new channels.
    pub channels: Channels,
    /// Weights `[new channel, old channel]`; the unit of the new channels per that of the old.
    pub matrix: Array2<f64>,
}

impl ChannelOperator {
    fn check(&self, n_channels: usize) -> Result<()> {
        let expected = (self.channels.len(), n_channels);
        if self.matrix.dim() == expected {
            return Ok(());
        }
        Err(Error::Shape {
            what: "weights [new channel, old channel]",
            expected: format!("{expected:?}"),
            got: format!("{:?}", self.matrix.dim()),
        })
    }
}

impl Recording {
    /// The recording with the channels that `operator` makes.
    ///
    /// # Errors
    /// [`Error::Shape`] when the weights do not fit the channels, [`Error::NotFinite`] for NaN or infinity in a channel
    /// with a weight.
    ///
    /// ```
    /// use dosewave_eeg::{Channel, ChannelOperator, Hz, Recording};
    /// let recording = Recording::new(ndarray::array![[5.0, 6.0], [1.0, 2.0]], Hz(1.0), &["F3", "C3"]).unwrap();
    /// let bipolar = ChannelOperator {
    ///     channels: [Channel::from_name("F3-C3")].into(),
    ///     matrix: ndarray::array![[1.0, -1.0]],
    /// };
    /// assert_eq!(recording.transformed(&bipolar).unwrap().data_uv(), ndarray::array![[4.0, 4.0]]);
    /// ```
    pub fn transformed(&self, operator: &ChannelOperator) -> Result<Self> {
        operator.check(self.channels().len())?;
        let used = (0..self.channels().len())
            .filter(|&old| operator.matrix.column(old).iter().any(|weight| *weight != 0.0));
        let used: Vec<usize> = used.collect();
        self.check_rows_finite(used.iter().copied())?;
        // a channel without a weight may hold NaN, and 0 × NaN is NaN
        let weights = operator.matrix.select(Axis(1), &used);
        let n_times = self.data_uv().ncols();
        let blocks = parallel::try_map(n_times.div_ceil(BLOCK), |block| {
            let columns = s![.., block * BLOCK..((block + 1) * BLOCK).min(n_times)];
            Ok(weights.dot(&self.data_uv().slice(columns).select(Axis(0), &used)))
        })?;
        let mut data_uv = Array2::zeros((operator.channels.len(), n_times));
        for (block, values) in blocks.iter().enumerate() {
            data_uv.slice_mut(s![.., block * BLOCK..block * BLOCK + values.ncols()]).assign(values);
        }
        let mut header = self.header().clone();
        header.channels = operator.channels.clone();
        Ok(Self::derived(header, data_uv))
    }
}

impl Epochs {
    /// The epochs with the channels that `operator` makes; times and the list of rejected epochs stay.
    ///
    /// # Errors
    /// [`Error::Shape`] when the weights do not fit the channels.
    pub fn transformed(&self, operator: &ChannelOperator) -> Result<Self> {
        operator.check(self.channels().len())?;
        let mut data_uv = Array3::zeros((self.n_epochs(), operator.channels.len(), self.n_times()));
        parallel::rows(data_uv.view_mut(), |epoch, mut values| {
            values.assign(&operator.matrix.dot(&self.data_uv().index_axis(Axis(0), epoch)));
        });
        let (channels, onsets) = (operator.channels.clone(), self.onsets().to_vec());
        Ok(Self::derived(channels, self.sfreq(), data_uv, onsets).with_rejected(self.rejected().to_vec()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::noise;
    use crate::{Channel, Seconds, Windows};

    fn operator(n_old: usize) -> ChannelOperator {
        let matrix = Array2::from_shape_fn((2, n_old), |(i, j)| (i + 1) as f64 - 0.5 * j as f64);
        ChannelOperator { channels: ["a", "b"].map(Channel::from_name).into(), matrix }
    }

    #[test]
    fn every_sample_is_the_weighted_sum() {
        let recording = noise(3, 2500, 100.0);
        let new = recording.transformed(&operator(3)).unwrap();
        let (old, weights) = (recording.data_uv(), operator(3).matrix);
        for t in [0, 1023, 1024, 2499] {
            let slow: f64 = (0..3).map(|k| weights[[1, k]] * old[[k, t]]).sum();
            assert!((new.data_uv()[[1, t]] - slow).abs() < 1e-12);
        }
        assert_eq!(new.header().ch_names(), ["a", "b"]);
    }

    #[test]
    fn epochs_and_recordings_are_transformed_alike() {
        let cut = Windows::fixed(Seconds(2.0));
        let recording = noise(3, 1000, 100.0);
        let first = recording.transformed(&operator(3)).unwrap().epochs(&cut).unwrap();
        let last = recording.epochs(&cut).unwrap().transformed(&operator(3)).unwrap();
        assert_eq!(first.onsets(), last.onsets());
        for (a, b) in first.data_uv().iter().zip(&last.data_uv()) {
            assert!((a - b).abs() < 1e-12);
        }
    }

    #[test]
    fn weights_must_fit_and_unused_channels_may_hold_nan() {
        let recording = noise(3, 50, 100.0);
        assert!(matches!(recording.transformed(&operator(4)), Err(Error::Shape { .. })));
        let (header, mut data_uv) = recording.into_parts();
        data_uv[[2, 7]] = f64::NAN;
        let recording = Recording::from_parts(header, data_uv).unwrap();
        assert!(matches!(recording.transformed(&operator(3)), Err(Error::NotFinite { sample: 7, .. })));
        let mut without = operator(3);
        without.matrix.column_mut(2).fill(0.0);
        assert!(recording.transformed(&without).unwrap().check_finite().is_ok());
    }
}
