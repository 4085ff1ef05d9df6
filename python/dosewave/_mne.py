"""To and from MNE-Python: volts there, microvolts here."""

from __future__ import annotations

import numpy as np

from ._recording import Recording

_VOLT_TYPES = {"eeg", "eog", "ecg", "emg", "seeg", "ecog", "bio", "dbs"}


def from_mne(raw) -> Recording:
    """Return a :class:`Recording` from an ``mne.io.Raw``: EEG, EOG, ECG and EMG channels, volts to µV."""
    import mne

    kinds = raw.get_channel_types()
    picks = [i for i, kind in enumerate(kinds) if kind in _VOLT_TYPES]
    if not picks:
        raise ValueError("the Raw has no EEG, EOG, ECG or EMG channel")
    data = raw.get_data(picks=picks) * 1e6
    annotations = raw.annotations.copy()
    shift = raw.first_time if annotations.orig_time is not None else 0.0
    events = [
        (float(onset) - shift, float(duration), str(label))
        for onset, duration, label in zip(annotations.onset, annotations.duration, annotations.description, strict=True)
    ]
    name = str(raw.filenames[0].name) if isinstance(raw, mne.io.BaseRaw) and raw.filenames[0] else "mne"
    return Recording(data, raw.info["sfreq"], [raw.ch_names[i] for i in picks], events, name=name)


def to_mne(recording: Recording):
    """Return an ``mne.io.RawArray`` with the recording's samples in volts; a pause becomes a BAD annotation."""
    import mne

    channels = recording.header["channels"]
    known = {"eeg", "eog", "ecg", "emg"}
    kinds = [c["kind"] if c["kind"] in known else "misc" for c in channels]
    scale = np.array([1e-6 if c["unit"] == "µV" else 1.0 for c in channels])
    info = mne.create_info(recording.ch_names, recording.sfreq, kinds)
    raw = mne.io.RawArray(recording.data * scale[:, None], info, verbose="error")
    raw.set_annotations(_on_samples(recording))
    raw.info["bads"] = [name for name in recording.bads if name in raw.ch_names]
    return raw


def _on_samples(recording: Recording):
    """Annotations on the gapless time axis of a RawArray, with a boundary where the recording paused."""
    import mne

    runs = recording.runs

    def squeezed(t: float) -> float:
        for onset, start, stop in reversed(runs):
            if t >= onset:
                return start / recording.sfreq + min(t - onset, (stop - start) / recording.sfreq)
        return 0.0

    events = [(squeezed(onset), duration, label) for onset, duration, label in recording.annotations]
    events += [(start / recording.sfreq, 0.0, "BAD boundary") for _, start, _ in runs[1:]]
    events.sort(key=lambda event: event[0])
    onsets, durations, labels = ([event[i] for event in events] for i in range(3))
    return mne.Annotations(onsets, durations, labels)
