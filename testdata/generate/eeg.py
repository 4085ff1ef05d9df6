"""Golden values of the steps from recording to connectivity: `python testdata/generate/eeg.py` from the project's root.

Made with mne 1.13.2, mne-connectivity 0.9.0 and numpy 2.x. The input is a formula that `crates/eeg/tests/common/mod.rs`
repeats sample by sample (a sine, and uniform noise from a 32-bit LCG), so it is not stored.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from mne.filter import filter_data
from mne.time_frequency import psd_array_multitaper, psd_array_welch
from mne_connectivity import spectral_connectivity_epochs

SFREQ = 250.0
N_CHANNELS, N_EPOCHS = 4, 12
N_SAMPLES = 6000
MEASURES = [
    "coh",
    "imcoh",
    "plv",
    "ciplv",
    "ppc",
    "pli",
    "pli2_unbiased",
    "dpli",
    "wpli",
    "wpli2_debiased",
]
BANDS = [(8.0, 13.0), (30.0, 45.0)]
# the lower triangle, row by row
PAIRS = [(i, j) for i in range(N_CHANNELS) for j in range(i)]


def uniform_noise(n):
    """n numbers in [-0.5, 0.5) of the LCG of Numerical Recipes, seed 7."""
    state, out = 7, np.empty(n)
    for k in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out[k] = state / 2**32 - 0.5
    return out


def signal():
    """[channel, time] in µV: a 10 Hz rhythm, own noise, and shared noise that reaches channel c after 2c samples."""
    noise = uniform_noise((N_CHANNELS + 1) * N_SAMPLES + 16)
    t = np.arange(N_SAMPLES)
    shared = noise[N_CHANNELS * N_SAMPLES :]
    rows = [
        3 * np.sin(2 * np.pi * 10 * t / SFREQ + 0.3 * c)
        + 30 * noise[c * N_SAMPLES : (c + 1) * N_SAMPLES]
        + 15 * shared[16 - 2 * c + t]
        for c in range(N_CHANNELS)
    ]
    return np.array(rows)


def spectra(epochs):
    """PSD of the epochs' mean and of single epochs, by multitaper, adaptive multitaper and Welch."""
    multitaper = {
        "sfreq": SFREQ,
        "bandwidth": 4.0,
        "low_bias": True,
        "normalization": "full",
        "verbose": False,
    }
    plain, freqs = psd_array_multitaper(epochs, adaptive=False, **multitaper)
    adaptive, _ = psd_array_multitaper(epochs[:1], adaptive=True, **multitaper)
    odd, odd_freqs = psd_array_multitaper(epochs[:1, :, :499], adaptive=False, **multitaper)
    welch, welch_freqs = psd_array_welch(
        epochs,
        SFREQ,
        n_fft=125,
        n_per_seg=125,
        n_overlap=62,
        window="hann",
        average="mean",
        remove_dc=True,
        verbose=False,
    )
    return {
        "freqs_hz": freqs.tolist(),
        "multitaper_mean": plain.mean(axis=0)[1].tolist(),
        "multitaper_median": np.median(plain, axis=0)[2].tolist(),
        "multitaper_epoch_7": plain[7, 3].tolist(),
        "adaptive_epoch_0": adaptive[0, 1].tolist(),
        "odd_freqs_hz": odd_freqs.tolist(),
        "odd_epoch_0": odd[0, 1].tolist(),
        "welch_freqs_hz": welch_freqs.tolist(),
        "welch_mean": welch.mean(axis=0)[1].tolist(),
    }


def connectivity(epochs, **kwargs):
    """{measure: [[value per band] per pair]} and {measure: [value per bin] of the last pair} for 8 to 13 Hz."""
    indices = tuple(np.array(column) for column in zip(*PAIRS, strict=True))
    common = dict(sfreq=SFREQ, indices=indices, verbose=False, **kwargs)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        averaged = spectral_connectivity_epochs(
            epochs,
            method=MEASURES,
            fmin=tuple(low for low, _ in BANDS),
            fmax=tuple(high for _, high in BANDS),
            faverage=True,
            **common,
        )
        single = spectral_connectivity_epochs(epochs, method=MEASURES, fmin=8.0, fmax=13.0, faverage=False, **common)
    return {
        "bands": {m: c.get_data().tolist() for m, c in zip(MEASURES, averaged, strict=True)},
        "band_freqs_hz": [float(np.mean(f)) for f in averaged[0].freqs],
        "alpha_freqs_hz": list(single[0].freqs),
        "last_pair": {m: c.get_data()[-1].tolist() for m, c in zip(MEASURES, single, strict=True)},
        "n_tapers": averaged[0].attrs.get("n_tapers"),
    }


def filtered(data):
    """Runs of 2000 and 4000 samples, filtered each for itself; every 50th sample of one channel."""
    runs = [data[:, :2000], data[:, 2000:]]
    band = [filter_data(run, SFREQ, 1.0, 40.0, verbose=False) for run in runs]
    high_pass = [filter_data(run, SFREQ, 0.5, None, verbose=False) for run in runs]
    return {
        "band_pass": np.concatenate(band, axis=1)[1, ::50].tolist(),
        "high_pass": np.concatenate(high_pass, axis=1)[2, ::50].tolist(),
    }


def main():
    data = signal()
    epochs = data.reshape(N_CHANNELS, N_EPOCHS, -1).transpose(1, 0, 2)
    out = {
        "made_with": {name: version(name) for name in ("mne", "mne-connectivity", "numpy")},
        "samples": [data[0, 0], data[3, 5999], float(data.sum())],
        "spectra": spectra(epochs),
        "pairs": PAIRS,
        "multitaper": connectivity(
            epochs,
            mode="multitaper",
            mt_bandwidth=4.0,
            mt_low_bias=True,
            mt_adaptive=False,
        ),
        "fourier": connectivity(epochs, mode="fourier"),
        "filtered": filtered(data),
    }
    path = Path(__file__).parents[1] / "golden" / "eeg_steps.json"
    path.write_text(json.dumps(out, indent=None, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
