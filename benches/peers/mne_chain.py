"""The same job with the MNE stack: two EDF files before and after a dose, to tables and a report.

    python mne_chain.py PRE.edf POST.edf --out FOLDER [--bootstrap 1000] [--block-size 16] [--n-jobs 1]

Settings are those of `dosewave config --default`. Numbers go to FOLDER/numbers.json, tables to FOLDER/*.tsv, figures to
FOLDER/report.html.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import mne
import numpy as np
import pandas as pd
from mne.time_frequency import psd_array_multitaper
from mne_connectivity import spectral_connectivity_epochs
from specparam import SpectralGroupModel

BANDS = {
    "delta": (1, 4),
    "theta": (4, 8),
    "alpha": (8, 13),
    "beta": (13, 30),
    "low_gamma": (30, 45),
    "high_gamma": (55, 90),
}
# reported where the sampling frequency carries it: 600 Hz and more
HFO = {"hfo": (100, 170)}
TOTAL = (1, 45)
MUSCLE = (110, 140)
LINE_HZ, LINE_HALF_WIDTH_HZ = 50.0, 2.0
EPOCH_S, BLOCK_S = 2.0, 10.0
BANDWIDTH_HZ = 4.0
REJECT, FLAT = {"eeg": 300e-6}, {"eeg": 0.1e-6}
MEASURES = ["coh", "imcoh", "ciplv", "wpli2_debiased"]
PAIR_BANDS = {"alpha": (8, 13), "low_gamma": (30, 45)}
CONFIDENCE = 0.95


class Stages:
    """Wall seconds of each stage, added up over both recordings."""

    def __init__(self):
        """Start the watch."""
        self.seconds, self.last = {}, time.perf_counter()

    def done(self, name):
        """Count the time since the last call as that of a stage."""
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.last
        self.last = now


def clean(path, n_jobs, stages):
    raw = mne.io.read_raw_edf(path, preload=True, verbose="error")
    raw.rename_channels(lambda name: name.removeprefix("EEG "))
    raw.set_montage("standard_1005", on_missing="ignore", verbose="error")
    stages.done("read")
    raw.filter(0.5, None, n_jobs=n_jobs, verbose="error")
    stages.done("filter")
    raw.set_eeg_reference("average", verbose="error")
    epochs = mne.make_fixed_length_epochs(
        raw, duration=EPOCH_S, preload=True, reject_by_annotation=False, verbose="error"
    )
    n_all = len(epochs)
    epochs.drop_bad(reject=REJECT, flat=FLAT, verbose="error")
    stages.done("reference, epochs, rejection")
    return epochs, n_all


def bins(freqs, low, high):
    """Bins of [low, high) outside the mains."""
    harmonic = np.maximum(np.round(freqs / LINE_HZ), 1) * LINE_HZ
    return (freqs >= low) & (freqs < high) & (np.abs(freqs - harmonic) > LINE_HALF_WIDTH_HZ)


def band_mean(freqs, psd, low, high):
    """Trapezoid over each stretch of kept bins, divided by their summed width: [epoch, channel]."""
    kept = bins(freqs, low, high)
    step = freqs[1] - freqs[0]
    both = kept[:-1] & kept[1:]
    return (0.5 * (psd[..., :-1] + psd[..., 1:]))[..., both].sum(-1) * step / (both.sum() * step)


def powers(freqs, psd, bands):
    """[epoch, channel] of every absolute and relative band power."""
    total = psd[..., bins(freqs, *TOTAL)].sum(-1)
    found = {name: band_mean(freqs, psd, *band) for name, band in bands.items()}
    found |= {f"rel_{name}": psd[..., bins(freqs, *band)].sum(-1) / total for name, band in bands.items()}
    return found


def measure(epochs, block_size, n_jobs, stages):
    data, sfreq = epochs.get_data(copy=False), epochs.info["sfreq"]
    psd, freqs = psd_array_multitaper(
        data * 1e6,
        sfreq,
        bandwidth=BANDWIDTH_HZ,
        low_bias=True,
        normalization="full",
        n_jobs=n_jobs,
        verbose="error",
    )
    stages.done("multitaper")
    bands = BANDS | (HFO if sfreq >= 600 else {})
    found = {"powers": powers(freqs, psd, bands)}
    found["muscle_db"] = 10 * np.log10(np.median(band_mean(freqs, psd, *MUSCLE), axis=0))
    found["freqs"], found["median_psd"] = freqs, np.median(psd, axis=0)
    stages.done("band powers")
    fit = SpectralGroupModel(aperiodic_mode="fixed", max_n_peaks=0, verbose=False)
    kept = bins(freqs, *TOTAL)
    fit.fit(freqs[kept], psd.mean(axis=0)[:, kept], [freqs[kept][0], freqs[kept][-1]])
    found["offset"], found["exponent"] = np.asarray(fit.get_params("aperiodic")).T
    stages.done("aperiodic")
    # the pairs in our order: (1, 0), (2, 0), (2, 1) …
    pairs = np.tril_indices(data.shape[1], -1)
    ends = [(freqs[bins(freqs, *band)][0], freqs[bins(freqs, *band)][-1]) for band in PAIR_BANDS.values()]
    connectivity = spectral_connectivity_epochs(
        data,
        method=MEASURES,
        indices=pairs,
        sfreq=sfreq,
        mode="multitaper",
        mt_bandwidth=BANDWIDTH_HZ,
        fmin=[low for low, _ in ends],
        fmax=[high for _, high in ends],
        faverage=True,
        block_size=block_size,
        n_jobs=n_jobs,
        verbose="error",
    )
    found["pairs"] = {
        f"{name}.{band}": values.get_data()[:, k]
        for name, values in zip(MEASURES, connectivity, strict=True)
        for k, band in enumerate(PAIR_BANDS)
    }
    stages.done("connectivity")
    return found


def global_power(channels):
    """Geometric mean over channels."""
    return np.exp(np.log(channels).mean(-1))


def with_head(channels):
    """`global`, then each channel."""
    return np.concatenate([[global_power(channels)], channels])


def block_draws(epochs, n_draws, rng):
    """Epoch indices of each draw: whole blocks with replacement."""
    onsets = epochs.events[:, 0] / epochs.info["sfreq"]
    block_of = np.floor((onsets - onsets[0] + 1e-6) / BLOCK_S).astype(int)
    blocks = [np.flatnonzero(block_of == block) for block in np.unique(block_of)]
    for _ in range(n_draws):
        yield np.concatenate([blocks[k] for k in rng.integers(len(blocks), size=len(blocks))])


def bootstrap(epochs, found, n_draws, rng):
    """[draw, marker, site] in dB: medians over drawn epochs of all band powers at once."""
    # [marker, channel, epoch], contiguous over epochs
    table = np.ascontiguousarray(np.stack([p.T for p in found["powers"].values()]))
    drawn = np.empty((n_draws, table.shape[0], table.shape[1] + 1))
    for k, draw in enumerate(block_draws(epochs, n_draws, rng)):
        channels = 10 * np.log10(np.median(table[..., draw], axis=-1))
        drawn[k, :, 0], drawn[k, :, 1:] = channels.mean(-1), channels
    return drawn


def power_rows(before, after, draws, names):
    rows = []
    for m, marker in enumerate(before["powers"]):
        first, second = (with_head(np.median(w["powers"][marker], axis=0)) for w in (before, after))
        change = 10 * np.log10(second / first)
        low = high = np.full_like(change, np.nan)
        if draws is not None:
            changes = draws[1][:, m] - draws[0][:, m]
            tail = (1 - CONFIDENCE) / 2
            low, high = np.quantile(changes, [tail, 1 - tail], axis=0) + change - changes.mean(axis=0)
        rows += [
            {
                "marker": marker,
                "site": site,
                "baseline": float(b),
                "post": float(p),
                "change": float(c),
                "ci_low": float(lo),
                "ci_high": float(hi),
            }
            for site, b, p, c, lo, hi in zip(["global", *names], first, second, change, low, high, strict=True)
        ]
    return rows


def other_rows(before, after, names):
    rows = []
    for marker, key in [("aperiodic_exponent", "exponent"), ("aperiodic_offset", "offset")]:
        first, second = (np.concatenate([[w[key].mean()], w[key]]) for w in (before, after))
        for site, b, p in zip(["global", *names], first, second, strict=True):
            rows.append({"marker": marker, "site": site, "baseline": b, "post": p, "change": p - b})
    for marker in before["pairs"]:
        b, p = (
            np.abs(w["pairs"][marker]).mean() if "imcoh" in marker else w["pairs"][marker].mean()
            for w in (before, after)
        )
        rows.append({"marker": marker, "site": "global", "baseline": b, "post": p, "change": p - b})
    return rows


def time_courses(windows, epochs):
    """Change of each global band power in windows of 30 s that follow each other at 10 s."""
    courses = {}
    for marker in windows[0]["powers"]:
        baseline = global_power(np.median(windows[0]["powers"][marker], axis=0))
        points = []
        for found, of in zip(windows, epochs, strict=True):
            onsets, values = of.events[:, 0] / of.info["sfreq"], found["powers"][marker]
            for start in np.arange(0, onsets[-1] + EPOCH_S - 30 + 1e-6, 10):
                inside = (onsets >= start - 1e-6) & (onsets + EPOCH_S <= start + 30 + 1e-6)
                if inside.sum() >= 7:
                    value = global_power(np.median(values[inside], axis=0))
                    points.append((start + 15, 10 * np.log10(value / baseline)))
        courses[marker] = points
    return courses


def figures(before, after, epochs, courses):
    freqs = before["freqs"]
    spectra, axis = plt.subplots()
    for label, found in (("before", before), ("after", after)):
        axis.plot(freqs[1:], 10 * np.log10(found["median_psd"][:, 1:]).mean(0), label=label)
    axis.set(xlabel="Hz", ylabel="dB re 1 µV²/Hz", xscale="log")
    axis.legend()
    yield "spectra", spectra
    maps, axes = plt.subplots(1, len(BANDS), figsize=(2.2 * len(BANDS), 2.5))
    for axis, band in zip(axes, BANDS, strict=True):
        change = 10 * np.log10(np.median(after["powers"][band], 0) / np.median(before["powers"][band], 0))
        mne.viz.plot_topomap(change, epochs.info, axes=axis, show=False)
        axis.set_title(band)
    yield "topographies", maps
    course, axis = plt.subplots()
    axis.plot(*np.array(courses["low_gamma"]).T, ".")
    axis.set(xlabel="s", ylabel="low gamma, dB")
    yield "time course", course
    n = len(epochs.ch_names)
    for marker in before["pairs"]:
        figure, axes = plt.subplots(1, 2, figsize=(9, 4))
        for axis, found in zip(axes, (before, after), strict=True):
            matrix = np.full((n, n), np.nan)
            matrix[np.tril_indices(n, -1)] = found["pairs"][marker]
            figure.colorbar(axis.imshow(matrix), ax=axis)
        yield marker, figure


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("pre", type=Path)
    parser.add_argument("post", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--bootstrap", type=int, default=1000)
    parser.add_argument("--block-size", type=int, default=16)
    parser.add_argument("--n-jobs", type=int, default=1)
    args = parser.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    stages = Stages()
    windows, epochs, counts, draws = [], [], [], []
    rng = np.random.default_rng(1)
    for path in (args.pre, args.post):
        cleaned, n_all = clean(path, args.n_jobs, stages)
        found = measure(cleaned, args.block_size, args.n_jobs, stages)
        if args.bootstrap:
            draws.append(bootstrap(cleaned, found, args.bootstrap, rng))
            stages.done("bootstrap of band powers")
        counts.append([len(cleaned), n_all - len(cleaned)])
        # the samples are not needed any more, only names, times and positions
        epochs.append(
            mne.EpochsArray(
                np.zeros((len(cleaned), len(cleaned.ch_names), 1)), cleaned.info, cleaned.events, verbose="error"
            )
        )
        windows.append(found)
        del cleaned
    names = epochs[0].ch_names
    rows = power_rows(*windows, draws or None, names) + other_rows(*windows, names)
    courses = time_courses(windows, epochs)
    pd.DataFrame(rows).to_csv(args.out / "contrasts.tsv", sep="\t", index=False)
    numbers = {
        "counts": counts,
        "rows": rows,
        "pairs": [{name: list(map(float, v)) for name, v in w["pairs"].items()} for w in windows],
    }
    (args.out / "numbers.json").write_text(json.dumps(numbers))
    stages.done("tables")
    report = mne.Report(title="before and after", verbose="error")
    for title, figure in figures(*windows, epochs[0], courses):
        report.add_figure(figure, title=title)
        plt.close(figure)
    report.save(args.out / "report.html", open_browser=False, overwrite=True, verbose="error")
    stages.done("report")
    (args.out / "stages.json").write_text(json.dumps(stages.seconds))


if __name__ == "__main__":
    main()
