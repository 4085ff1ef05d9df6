//! Channels of eyes and heart that cannot be used.

use crate::{ChannelKind, Note, Recording};

impl Recording {
    /// The recording with EOG and ECG channels that hold NaN or infinity set to zero and called `misc`, with a note: nothing
    /// needs them, and a detached ECG is no reason to give the EEG up.
    ///
    /// ```
    /// use dosewave_eeg::{ChannelKind, Hz, Recording};
    /// let data_uv = ndarray::array![[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]];
    /// let (header, mut data_uv) = Recording::new(data_uv, Hz(100.0), &["Cz", "ECG"]).unwrap().into_parts();
    /// data_uv[[1, 1]] = f64::NAN;
    /// let recording = Recording::from_parts(header, data_uv).unwrap();
    /// let without = recording.without_broken_companions();
    /// assert_eq!(without.channels()[1].kind, ChannelKind::Misc);
    /// assert!(without.check_finite().is_ok() && without.heart().unwrap().is_none());
    /// ```
    #[must_use]
    pub fn without_broken_companions(self) -> Self {
        let is_companion = |kind| matches!(kind, ChannelKind::Eog | ChannelKind::Ecg);
        let broken: Vec<usize> = (0..self.channels().len())
            .filter(|&row| is_companion(self.channels()[row].kind) && self.check_rows_finite([row]).is_err())
            .collect();
        if broken.is_empty() {
            return self;
        }
        let names: Vec<&str> = broken.iter().map(|&row| self.channels()[row].name.as_str()).collect();
        let text = format!("holds NaN or infinity and is left out: {}", names.join(", "));
        let (mut header, mut data_uv) = self.into_parts();
        let mut channels = header.channels.to_vec();
        for row in broken {
            channels[row].kind = ChannelKind::Misc;
            data_uv.row_mut(row).fill(0.0);
        }
        header.channels = channels.into();
        Self::derived(header, data_uv).with_note(Note::warning("channels", text))
    }
}
