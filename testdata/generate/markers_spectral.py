"""Golden values of the spectral markers: `python testdata/generate/markers_spectral.py` from the project's root.

Made with mne 1.13.2, scipy 1.17 and numpy 2.x on the input of `markers.py` with twelve channels. Spectra are mne's and
scipy's; what is made of them (edges, the alpha frequency with its robust line, cordance, stages of vigilance) has no
peer and is written here a second time, in the plainest way.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from markers import SFREQ, band_mean, kept, signal
from mne.time_frequency import psd_array_multitaper
from scipy.optimize import brentq
from scipy.signal import welch

CHANNELS = ["Fp1", "Fp2", "F3", "F4", "T7", "C3", "C4", "T8", "P3", "P4", "O1", "O2"]
IPEG2012 = {
    "delta": (1.5, 6),
    "theta": (6, 8.5),
    "alpha1": (8.5, 10.5),
    "alpha2": (10.5, 12.5),
    "beta1": (12.5, 18.5),
    "beta2": (18.5, 21),
    "beta3": (21, 30),
    "gamma": (30, 40),
}
# electrodes next to each other (see the rule of the marker)
NEIGHBOURS = "Fp1-Fp2 Fp1-F3 Fp2-F4 F3-C3 F4-C4 T7-C3 C3-P3 C4-T8 C4-P4 P3-O1 P4-O2 O1-O2"


def multitaper(data):
    return psd_array_multitaper(
        data, SFREQ, bandwidth=4.0, adaptive=False, low_bias=True, normalization="full", verbose="error"
    )


def bin_sum(freqs, psd, band):
    return psd[..., kept(freqs, band)].sum(axis=-1)


def powers(freqs, psd):
    """Mean over epochs in one of our bands and the median in the bands of ipeg2012."""
    share = bin_sum(freqs, psd, (4, 8)) / bin_sum(freqs, psd, (1, 45))
    return {
        "mean_theta": band_mean(freqs, psd, (4, 8)).mean(axis=0).tolist(),
        "mean_rel_theta": share.mean(axis=0).tolist(),
        "ipeg2012": {n: np.median(band_mean(freqs, psd, b), axis=0).tolist() for n, b in IPEG2012.items()},
    }


def edge(freqs, psd, share, low=1.0, high=45.0):
    """Root of the integral of the interpolated spectrum, summed on a fine grid."""

    def area(to):
        inside = freqs[(freqs > low) & (freqs < to)]
        points = np.concatenate([[low], inside, [to]])
        return np.trapezoid(np.interp(points, freqs, psd), points)

    return brentq(lambda f: area(f) - share * area(high), low + 1e-9, high, xtol=1e-12)


def robust_line(x, y):
    """Bisquare weights for what lies above the line, as the marker's documentation says."""
    slope, offset = np.polyfit(x, y, 1)
    scale = 1e-3
    for turn in range(1000):
        r = y - (offset + slope * x)
        if turn < 50:
            scale = max(np.median(np.abs(r)) / 0.6745, 1e-3)
        u = np.clip(r / (4.685 * scale), 0, 1)
        w = (1 - u**2) ** 2
        new = np.polyfit(x, y, 1, w=np.sqrt(w))
        moved = np.max(np.abs(new - [slope, offset]))
        slope, offset = new
        if moved < 1e-9:
            break
    return slope, offset


def alpha(freqs, psd):
    """Centre of gravity and peak of one spectrum."""
    fit = (freqs >= 2) & (freqs <= 40)
    freqs, psd = freqs[fit], psd[fit]
    slope, offset = robust_line(np.log10(freqs), np.log10(psd))
    line = 10 ** (offset + slope * np.log10(freqs))
    inside = (freqs >= 7) & (freqs <= 13)
    above = np.clip(psd - line, 0, None)[inside]
    centre = np.trapezoid(freqs[inside] * above, freqs[inside]) / np.trapezoid(above, freqs[inside])
    decibel = 10 * np.log10(psd / line)
    x = np.arange(-2, 3)
    fits = {k: np.polyfit(x, decibel[k - 2 : k + 3], 2) for k in range(2, len(freqs) - 2)}
    best = None
    for k in range(3, len(freqs) - 3):
        a, b, c = fits[k]
        if a >= 0 or c < fits[k - 1][2] or c <= fits[k + 1][2]:
            continue
        vertex = -b / (2 * a)
        at, height = freqs[k] + vertex * (freqs[1] - freqs[0]), c - b * b / (4 * a)
        if abs(vertex) <= 1 and 7 <= at <= 13 and (best is None or height > best[1]):
            best = (at, height)
    assert best is not None and best[1] >= 1.5
    return float(centre), float(best[0])


def z(values):
    return (values - values.mean()) / values.std(ddof=1)


def cordance(band, total):
    return (z(np.sqrt(band)) + z(np.sqrt(band / total))).tolist()


def cordances(data, freqs, psd):
    own = [bin_sum(freqs, psd, band).mean(axis=0) for band in [(4, 8), (1, 20)]]
    pairs = [[CHANNELS.index(name) for name in pair.split("-")] for pair in NEIGHBOURS.split()]
    bipolar, _ = multitaper(np.stack([data[:, i] - data[:, j] for i, j in pairs], axis=1))
    reattributed = []
    for band in [(4, 8), (1, 20)]:
        of_pairs = bin_sum(freqs, bipolar, band).mean(axis=0)
        reattributed.append(
            np.array(
                [np.mean([of_pairs[p] for p, pair in enumerate(pairs) if c in pair]) for c in range(len(CHANNELS))]
            )
        )
    return {"reattributed": cordance(*reattributed), "unattributed": cordance(*own)}


def stage(alpha, slow, fast):
    """Stage of one epoch from sums per channel."""
    at = {region: [CHANNELS.index(n) for n in names.split()] for region, names in REGIONS.items()}
    mean = {region: alpha[where].mean() for region, where in at.items()}
    topography = ["frontal", "temporal", "parietal", "occipital"]
    if any(mean[r] >= slow[at[r]].mean() for r in topography):
        if mean["occipital"] >= max(mean["frontal"], mean["parietal"]):
            return "a1"
        return "a2" if alpha[at["temporal"] + at["parietal"]].mean() >= 1.5 * mean["frontal"] else "a3"
    return "b23" if slow.mean() >= 3 * fast.mean() else "b1"


REGIONS = {"frontal": "Fp1 Fp2 F3 F4", "temporal": "T7 T8", "parietal": "P3 P4", "occipital": "O1 O2"}


def vigilance(freqs, psd):
    sums = [bin_sum(freqs, psd, band) for band in [(8, 12), (2, 7), (8, 20)]]
    stages = [stage(*(s[epoch] for s in sums)) for epoch in range(len(psd))]
    return {name: stages.count(name) / len(stages) for name in ["a1", "a2", "a3", "b1", "b23"]}


def main():
    data = signal(CHANNELS)
    psd, freqs = multitaper(data)
    hann_freqs, hann = welch(data, SFREQ, window="hann", nperseg=data.shape[-1], detrend="constant")
    mean = hann.mean(axis=0)
    log_alpha = np.log(np.median(band_mean(freqs, psd, (8, 13)), axis=0))
    ln = {
        name: np.log(np.median(band_mean(freqs, psd, band), axis=0))
        for name, band in [("gamma", (30, 45)), ("beta", (20, 30))]
    }
    place = CHANNELS.index
    alphas = [alpha(hann_freqs, p) for p in mean]
    golden = {
        "made_with": {name: version(name) for name in ["mne", "scipy", "numpy"]},
        "channels": CHANNELS,
        "sum_of_squares": float((data**2).sum()),
        **powers(freqs, psd),
        "sef95": [edge(hann_freqs, p, 0.95) for p in mean],
        "median_frequency": [edge(hann_freqs, p, 0.5) for p in mean],
        "iaf_cog": [centre for centre, _ in alphas],
        "iaf_peak": [peak for _, peak in alphas],
        "cordance": cordances(data, freqs, psd),
        "alpha_asymmetry": {
            f"{r}-{l}": float(log_alpha[place(r)] - log_alpha[place(l)]) for r, l in [("F4", "F3"), ("Fp2", "Fp1")]
        },
        "gamma_beta_ratio": float(np.exp(ln["gamma"][8:12].mean() - ln["beta"][:4].mean())),
        "vigilance": vigilance(freqs, psd),
    }
    path = Path(__file__).parents[1] / "golden" / "markers_spectral.json"
    path.write_text(json.dumps(golden, indent=1) + "\n")


if __name__ == "__main__":
    main()
