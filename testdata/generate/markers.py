"""Golden values of the markers: `python testdata/generate/markers.py` from the project's root.

Made with mne 1.13.2, mne-connectivity 0.9.0, specparam 2.0 and numpy 2.x. The input is a formula that
`crates/markers/tests/common/mod.rs` repeats sample by sample (sines, and uniform noise from a 32-bit LCG), so it is
not stored.
"""

import json
import warnings
from importlib.metadata import version
from pathlib import Path

import numpy as np
from mne.time_frequency import psd_array_multitaper
from mne_connectivity import spectral_connectivity_epochs
from specparam import SpectralModel

CHANNELS = ["Fp1", "F4", "C3", "P3", "O1", "T7"]
SFREQ = 500.0
N_EPOCHS, N_TIMES = 24, 1000
LINE_HZ, HALF_WIDTH_HZ = 50.0, 2.0
BANDS = {
    "delta": (1, 4),
    "theta": (4, 8),
    "alpha": (8, 13),
    "beta": (13, 30),
    "low_gamma": (30, 45),
    "high_gamma": (55, 90),
    "hfo": (100, 170),
}
TOTAL = (1, 45)
MEASURES = ["coh", "imcoh", "ciplv", "wpli2_debiased", "plv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli"]


def uniform_noise(n):
    """n numbers in [-0.5, 0.5) of the LCG of Numerical Recipes, seed 1."""
    state, out = 1, np.empty(n)
    for k in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out[k] = state / 2**32 - 0.5
    return out


def signal(channels=CHANNELS):
    """[epoch, channel, time], µV: brown-ish and white noise, a shared lagged source, 10.2 Hz, mains."""
    n, n_channels = N_EPOCHS * N_TIMES, len(channels)
    noise = uniform_noise(n * (2 * n_channels + 1)).reshape(n, 2 * n_channels + 1)
    t = np.arange(n) / SFREQ
    data = np.empty((n_channels, n))
    shared = noise[:, -1]
    for c in range(n_channels):
        brown, last = np.empty(n), 0.0
        for k in range(n):
            last = 0.97 * last + noise[k, c]
            brown[k] = last
        lag = 2 * c
        source = np.concatenate([np.zeros(lag), shared[: n - lag]])
        alpha = 3.0 * np.sin(2 * np.pi * 10.2 * t + 0.7 * c) * (1.0 + 0.5 * np.sin(2 * np.pi * 0.05 * t))
        mains = 4.0 * np.sin(2 * np.pi * 50.0 * t)
        data[c] = 8.0 * brown + alpha + 9.0 * source + 1.5 * noise[:, n_channels + c] + mains
    return data.reshape(n_channels, N_EPOCHS, N_TIMES).transpose(1, 0, 2)


def kept(freqs, band):
    """Bins of [low, high) that do not lie within 2 Hz of the mains or a harmonic."""
    distance = np.abs(freqs - LINE_HZ * np.maximum(np.round(freqs / LINE_HZ), 1))
    return (freqs >= band[0]) & (freqs < band[1]) & (distance > HALF_WIDTH_HZ)


def band_mean(freqs, psd, band):
    """Trapezoid integral over the kept stretches divided by their width."""
    bins = np.flatnonzero(kept(freqs, band))
    area = width = 0.0
    for stretch in np.split(bins, np.flatnonzero(np.diff(bins) > 1) + 1):
        area = area + np.trapezoid(psd[..., stretch], freqs[stretch], axis=-1)
        width += freqs[stretch[-1]] - freqs[stretch[0]]
    return area / width


def powers(freqs, psd):
    absolute, relative = {}, {}
    total = psd[..., kept(freqs, TOTAL)].sum(axis=-1)
    for name, band in BANDS.items():
        absolute[name] = np.median(band_mean(freqs, psd, band), axis=0).tolist()
        share = psd[..., kept(freqs, band)].sum(axis=-1) / total
        relative[name] = np.median(share, axis=0).tolist()
    return absolute, relative


def aperiodic(freqs, psd):
    """specparam's fixed mode without peaks on the mean PSD at the bins of 1-45 Hz."""
    exponents, offsets = [], []
    bins = kept(freqs, TOTAL)
    for spectrum in psd.mean(axis=0):
        model = SpectralModel(aperiodic_mode="fixed", max_n_peaks=0, verbose=False)
        model.fit(freqs[bins], spectrum[bins])
        offset, exponent = model.results.get_params("aperiodic")
        offsets.append(float(offset))
        exponents.append(float(exponent))
    return exponents, offsets


def connectivity(data, band):
    """Lower triangle (1,0), (2,0), (2,1) … of each measure."""
    result = spectral_connectivity_epochs(
        data,
        method=MEASURES,
        mode="multitaper",
        sfreq=SFREQ,
        fmin=band[0],
        fmax=band[1] - 0.01,
        faverage=True,
        mt_bandwidth=4.0,
        mt_adaptive=False,
        mt_low_bias=True,
        verbose="error",
    )
    rows, cols = np.tril_indices(len(CHANNELS), -1)
    return {name: con.get_data("dense")[rows, cols, 0].tolist() for name, con in zip(MEASURES, result, strict=True)}


def main():
    warnings.simplefilter("ignore")
    data = signal()
    psd, freqs = psd_array_multitaper(
        data, SFREQ, bandwidth=4.0, adaptive=False, low_bias=True, normalization="full", verbose="error"
    )
    absolute, relative = powers(freqs, psd)
    exponents, offsets = aperiodic(freqs, psd)
    emg_db = 10 * np.log10(np.median(band_mean(freqs, psd, (110, 140)), axis=0))
    golden = {
        "made_with": {name: version(name) for name in ["mne", "mne-connectivity", "specparam", "numpy"]},
        "input": {
            "channels": CHANNELS,
            "first_uv": data[0, :, :3].tolist(),
            "last_uv": data[-1, :, -1].tolist(),
            "sum_of_squares": float((data**2).sum()),
        },
        "band_power": absolute,
        "relative_power": relative,
        "aperiodic_exponent": exponents,
        "aperiodic_offset": offsets,
        "emg_index": emg_db.tolist(),
        "connectivity": {name: connectivity(data, BANDS[name]) for name in ["alpha", "low_gamma", "high_gamma"]},
    }
    path = Path(__file__).parents[1] / "golden" / "markers_values.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
