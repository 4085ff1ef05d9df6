"""The same comparison with MNE-Python, mne-connectivity and specparam: two EDF files to a report.

Usage: mne_chain.py PRE POST OUT. Writes OUT/contrasts.json and OUT/report.html.
"""

import json
import sys
from pathlib import Path

import matplotlib
import mne
import numpy as np
from mne_connectivity import spectral_connectivity_epochs
from specparam import SpectralGroupModel

matplotlib.use("Agg")
mne.set_log_level("ERROR")

BANDS = {
    "delta": (1, 4),
    "theta": (4, 8),
    "alpha": (8, 13),
    "beta": (13, 30),
    "low_gamma": (30, 45),
    "high_gamma": (55, 90),
}
MEASURES = ["coh", "imcoh", "ciplv", "wpli2_debiased"]


def kept(freqs, low, high):
    """Bins of [low, high) without 50 Hz +- 2 Hz and harmonics."""
    line = 50 * np.maximum(np.round(freqs / 50), 1)
    return (freqs >= low) & (freqs < high) & (np.abs(freqs - line) > 2)


def measure(path):
    """Everything of one recording."""
    raw = mne.io.read_raw_edf(path, preload=True)
    raw.set_montage("colin27_1005", match_case=False, on_missing="ignore")
    raw.filter(0.5, None, n_jobs=2)
    raw.set_eeg_reference("average")
    epochs = mne.make_fixed_length_epochs(raw, 2.0, preload=True)
    epochs.drop_bad(reject={"eeg": 300e-6}, flat={"eeg": 0.1e-6})
    spectrum = epochs.compute_psd(
        "multitaper", fmin=0, fmax=np.inf, bandwidth=4.0, low_bias=True, normalization="full", n_jobs=2
    )
    psd, freqs = spectrum.get_data(return_freqs=True)
    psd *= 1e12
    power = {name: np.median(psd[..., kept(freqs, *band)].mean(-1), 0) for name, band in BANDS.items()}
    total = psd[..., kept(freqs, 1, 45)].sum(-1)
    relative = {f"rel_{n}": np.median(psd[..., kept(freqs, *b)].sum(-1) / total, 0) for n, b in BANDS.items()}
    group = SpectralGroupModel(aperiodic_mode="fixed", max_n_peaks=0, verbose=False)
    group.fit(freqs, psd.mean(0), [1, 44.5], n_jobs=2)
    aperiodic = group.get_params("aperiodic")
    connectivity = {}
    for name in ("alpha", "low_gamma"):
        found = spectral_connectivity_epochs(
            epochs,
            method=MEASURES,
            mode="multitaper",
            fmin=BANDS[name][0],
            fmax=BANDS[name][1] - 0.01,
            faverage=True,
            mt_bandwidth=4.0,
            mt_adaptive=False,
            mt_low_bias=True,
            block_size=16,
            n_jobs=1,
        )
        for method, values in zip(MEASURES, found, strict=True):
            connectivity[f"{method}.{name}"] = values.get_data("dense")[..., 0]
    return {
        "info": epochs.info,
        "psd": np.median(psd, 0),
        "freqs": freqs,
        "power": power,
        "relative": relative,
        "aperiodic": {"aperiodic_offset": aperiodic[:, 0], "aperiodic_exponent": aperiodic[:, 1]},
        "connectivity": connectivity,
    }


def contrasts(pre, post):
    """Change of each marker over the head: dB of the geometric mean for powers, difference for the others."""
    lower = np.tril_indices(len(pre["info"].ch_names), -1)
    changes = {}
    for kind in ("power", "relative"):
        for name in pre[kind]:
            changes[name] = 10 * np.mean(np.log10(post[kind][name] / pre[kind][name]))
    for name in pre["aperiodic"]:
        changes[name] = np.mean(post["aperiodic"][name] - pre["aperiodic"][name])
    for name in pre["connectivity"]:
        pairs = [side["connectivity"][name][lower] for side in (pre, post)]
        # signs of imaginary coherency would cancel in a mean
        first, second = [abs(values) if name.startswith("imcoh") else values for values in pairs]
        changes[name] = np.mean(second) - np.mean(first)
    return {name: float(value) for name, value in changes.items()}


def report(pre, post, changes, out):
    """Spectra, scalp maps and matrices as one page."""
    import matplotlib.pyplot as plt

    page = mne.Report(title="before and after", verbose=False)
    figure, axis = plt.subplots()
    for side in (pre, post):
        axis.loglog(side["freqs"][1:], side["psd"].mean(0)[1:])
    page.add_figure(figure, "spectra")
    for name in ("delta", "theta", "alpha", "beta", "low_gamma", "high_gamma"):
        figure, axis = plt.subplots()
        values = 10 * np.log10(post["power"][name] / pre["power"][name])
        mne.viz.plot_topomap(values, pre["info"], axes=axis, show=False)
        page.add_figure(figure, name)
    for name in pre["connectivity"]:
        figure, axes = plt.subplots(1, 2)
        for axis, side in zip(axes, (pre, post), strict=True):
            axis.imshow(side["connectivity"][name])
        page.add_figure(figure, name)
    page.add_html("".join(f"<p>{name}: {value:+.3f}</p>" for name, value in changes.items()), "changes")
    page.save(out / "report.html", open_browser=False, overwrite=True)


def main():
    pre_path, post_path, out = sys.argv[1:]
    out = Path(out)
    out.mkdir(parents=True, exist_ok=True)
    pre, post = measure(pre_path), measure(post_path)
    changes = contrasts(pre, post)
    report(pre, post, changes, out)
    (out / "contrasts.json").write_text(json.dumps(changes))


if __name__ == "__main__":
    main()
