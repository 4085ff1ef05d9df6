"""One of two chains over one recording: read, clean, epochs; times of its stages as JSON on the last line.

    python preset_chain.py dosewave|mne RECORDING.edf

The MNE chain is what its documentation and that of autoreject put together: FIR filter, notch, RANSAC of autoreject,
Picard on a copy above 1 Hz, components by EOG (frontal channels) and by muscle, interpolation, average reference,
AutoReject (local).
"""

import json
import sys
import time

import numpy as np


class Watch:
    """Seconds of one stage after the other."""

    def __init__(self):
        """Start."""
        self.start, self.stages = time.perf_counter(), {}

    def __call__(self, stage):
        """Note the seconds since the last stage."""
        now = time.perf_counter()
        self.stages[stage], self.start = round(now - self.start, 2), now


def dosewave(path):
    import dosewave as dw

    watch = Watch()
    rec = dw.read(path)
    watch("read")
    epochs = rec.clean_resting()
    watch("clean")
    done = epochs.cleaning
    return watch.stages, len(epochs), done.bad_channels, len(done.removed)


def mne(path):
    import mne
    from autoreject import AutoReject, Ransac

    mne.set_log_level("error")
    watch = Watch()
    raw = mne.io.read_raw_edf(path, preload=True)
    raw.set_montage("standard_1005")
    watch("read")
    raw.filter(0.5, None)
    raw.notch_filter(np.arange(50, raw.info["sfreq"] / 2, 50))
    watch("filter and notch")
    slow = raw.copy().filter(1.0, 45.0).resample(100)
    ransac = Ransac(n_resample=50, min_channels=0.25, min_corr=0.75, unbroken_time=0.4, random_state=0, verbose=False)
    ransac.fit(mne.make_fixed_length_epochs(slow, 5.0, preload=True))
    raw.info["bads"] = list(ransac.bad_chs_)
    watch("bad channels")
    # the tolerance of dosewave's chain; the peer's own, 1e-7, takes longer
    ica = mne.preprocessing.ICA(
        method="picard", fit_params={"extended": True, "ortho": True, "tol": 1e-4}, max_iter=500, random_state=0
    )
    ica.fit(raw.copy().filter(1.0, None))
    watch("ICA")
    frontal = [name for name in ("Fp1", "Fp2") if name not in raw.info["bads"]]
    eyes, _ = ica.find_bads_eog(raw, ch_name=frontal)
    muscle, _ = ica.find_bads_muscle(raw)
    ica.exclude = sorted({int(k) for k in [*eyes, *muscle]})
    ica.apply(raw)
    watch("components")
    raw.interpolate_bads()
    raw.set_eeg_reference("average")
    epochs = mne.make_fixed_length_epochs(raw, 2.0, preload=True)
    watch("interpolation, reference, epochs")
    cleaned = AutoReject(random_state=0, n_jobs=2, verbose=False).fit_transform(epochs)
    watch("AutoReject")
    return watch.stages, len(cleaned), list(ransac.bad_chs_), len(ica.exclude)


if __name__ == "__main__":
    stages, n_epochs, bad, n_removed = {"dosewave": dosewave, "mne": mne}[sys.argv[1]](sys.argv[2])
    found = {"epochs": n_epochs, "bad_channels": bad, "components_removed": n_removed}
    print(json.dumps({"stages_s": stages, "found": found}))
