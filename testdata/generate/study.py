"""Golden values of study/tests/propofol.rs: band changes of a real recording before and after propofol, by MNE.

Run with mne 1.13.2, numpy, from the root of the workspace, with the data folder beside it (../shared/data).
The recording is Propofol2021 (CC BY 4.0), see its MANIFEST. Values are dB, 10 log10(post / pre).

same_settings: high-pass 0.5 Hz, then 2-s epochs, multitaper (4 Hz), mean of each epoch's PSD over the band (trapezoid
over the stretches that the mains mask, 50 Hz +- 2 Hz and harmonics, leaves), median over epochs.
plain: no high-pass, median over epochs of each bin, mean of the bins of the band, no mains mask.
"""

import json
from pathlib import Path

import mne
import numpy as np

BANDS = {
    "delta": (1, 4),
    "theta": (4, 8),
    "alpha": (8, 13),
    "beta": (13, 30),
    "low_gamma": (30, 45),
    "high_gamma": (55, 90),
    "hfo": (100, 170),
}
ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "../shared/data/Propofol2021/converted"


def spectra(name, high_pass):
    raw = mne.io.read_raw_edf(DATA / name, preload=True, verbose="error")
    if high_pass:
        raw.filter(high_pass, None, verbose="error")
    epochs = mne.make_fixed_length_epochs(raw, 2.0, preload=True, verbose="error").get_data() * 1e6
    psd, freqs = mne.time_frequency.psd_array_multitaper(
        epochs, raw.info["sfreq"], bandwidth=4.0, normalization="full", verbose="error"
    )
    return psd[:, 0], freqs


def masked_mean(psd, freqs, low, high):
    line = 50 * np.maximum(np.round(freqs / 50), 1)
    keep = (freqs >= low) & (freqs < high) & (np.abs(freqs - line) > 2)
    area, width = 0.0, 0.0
    for i in range(len(freqs) - 1):
        if keep[i] and keep[i + 1]:
            step = freqs[i + 1] - freqs[i]
            area = area + 0.5 * (psd[:, i] + psd[:, i + 1]) * step
            width += step
    return area / width


def changes(high_pass, band_value):
    pre, freqs = spectra("cz_pre.edf", high_pass)
    post, _ = spectra("cz_post.edf", high_pass)
    value = {name: (band_value(pre, freqs, *b), band_value(post, freqs, *b)) for name, b in BANDS.items()}
    return {name: float(10 * np.log10(after / before)) for name, (before, after) in value.items()}


def main():
    golden = {
        "mne": mne.__version__,
        "same_settings_db": changes(0.5, lambda p, f, lo, hi: np.median(masked_mean(p, f, lo, hi))),
        "plain_db": changes(None, lambda p, f, lo, hi: np.median(p, axis=0)[(f >= lo) & (f < hi)].mean()),
    }
    path = ROOT / "testdata/golden/study_propofol.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
