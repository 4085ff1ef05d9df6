"""How often "gamma rose" is said where it did, and where it did not.

    python run.py [--subjects 200] [--first-seed 0] [--jobs 2] [--out FOLDER]

Two minutes before and after in simulated subjects (subjects.py), with brain gamma and muscle changed over a grid.
Three pipelines answer: "raw" (Welch power of the recording as it is), "naive" (MNE-Python: 1-Hz high-pass, average
reference, Welch) and dosewave with its defaults. Raw and naive call a rise where a t-test over epochs of the mean over
channels says so; dosewave where the central Laplacian lead rises (p < 0.05) and the gate says `ok`.

Seeds from 0 are reported; the thresholds of the gate were set on seeds from 100000.
"""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np
from subjects import CH_NAMES, SFREQ, real_background, subject

GRID = [(gamma_db, muscle_db) for gamma_db in (0.0, 1.5) for muscle_db in (-3.0, 0.0, 1.5, 3.0, 6.0)]
BANDS = {"low_gamma": (30.0, 45.0), "high_gamma": (55.0, 90.0)}
EPOCH_S = 2.0
MARKERS = ["low_gamma", "low_gamma.laplacian", "high_gamma", "high_gamma.laplacian"]
PRIMARY = {
    "dosewave, Laplacian, central": ".laplacian/central",
    "dosewave, average reference, global": "/global",
}


def shared_data() -> Path | None:
    """Return the folder of shared recordings, where there is one."""
    folder = Path(__file__).resolve().parents[3] / "shared" / "data"
    return folder if folder.is_dir() else None


def welch_db(data):
    """Mean over channels of the Welch power of each epoch, dB: ``{band: (n_epochs,)}``."""
    from mne.time_frequency import psd_array_welch

    n = round(EPOCH_S * SFREQ)
    epochs = data[:, : data.shape[1] // n * n].reshape(data.shape[0], -1, n)
    psd, freqs = psd_array_welch(epochs, SFREQ, n_fft=n // 2, n_overlap=n // 4, verbose="error")
    inside = {name: (freqs >= low) & (freqs < high) for name, (low, high) in BANDS.items()}
    return {name: 10 * np.log10(psd[:, :, bins].mean(axis=2)).mean(axis=0) for name, bins in inside.items()}


def naive_chain(data):
    """The usual chain: 1-Hz high-pass, average reference."""
    import mne

    raw = mne.io.RawArray(data * 1e-6, mne.create_info(CH_NAMES, SFREQ, "eeg"), verbose="error")
    raw.filter(1.0, None, verbose="error").set_eeg_reference("average", verbose="error")
    return raw.get_data() * 1e6


def plain_answer(before, after):
    """Change in dB and whether a t-test over epochs calls it a rise."""
    from scipy.stats import ttest_ind

    change = float(after.mean() - before.mean())
    return change, bool(change > 0 and ttest_ind(before, after).pvalue < 0.05)


def our_answers(before, after):
    """``{marker/site: (change, p, gate, adjusted)}``."""
    import dosewave as dw

    config = {"markers": {"only": MARKERS}, "inference": {"n_bootstrap": 0, "n_permutations": 1000}}
    recordings = [dw.Recording(data, SFREQ, CH_NAMES) for data in (before, after)]
    rows = dw.compare(*recordings, config=config, n_jobs=1).to_dict()["contrasts"]
    keys = ("change", "p", "gate", "change_adjusted")
    return {f"{row['marker']}/{row['site']}": tuple(row[key] for key in keys) for row in rows}


def one_subject(seed):
    """All answers for one subject over the grid."""
    made = subject(seed, real_background(shared_data()))
    before = made.before()
    plain = {"raw": lambda data: data, "naive": naive_chain}
    plain_before = {name: welch_db(chain(before)) for name, chain in plain.items()}
    answers = []
    for gamma_db, muscle_db in GRID:
        after = made.after(gamma_db, muscle_db)
        plain_after = {name: welch_db(chain(after)) for name, chain in plain.items()}
        ours = our_answers(before, after)
        for name in BANDS:
            entry = {"seed": seed, "gamma_db": gamma_db, "muscle_db": muscle_db, "band": name}
            for pipeline in plain:
                change, rose = plain_answer(plain_before[pipeline][name], plain_after[pipeline][name])
                answers.append({**entry, "pipeline": pipeline, "change": change, "rose": rose, "gate": None})
            for pipeline, suffix in PRIMARY.items():
                change, p, gate, adjusted = ours[name + suffix]
                rose = change > 0 and p < 0.05
                answers.append(
                    {
                        **entry,
                        "pipeline": pipeline,
                        "change": change,
                        "adjusted": adjusted,
                        "rose": bool(rose and gate == "ok"),
                        "called": bool(rose),
                        "gate": gate,
                    }
                )
    return answers


def share(hits, n):
    """Share with its 95 % Wilson interval, percent."""
    z = 1.959964
    p = hits / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * np.sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return 100 * p, 100 * (middle - half), 100 * (middle + half)


def tables(answers):
    """Summarise each pipeline, band and cell of the grid."""
    import pandas as pd

    frame = pd.DataFrame(answers)
    rows = []
    order = ["band", "pipeline", "gamma_db", "muscle_db"]
    for key, cell in frame.groupby(order, sort=False):
        percent, low, high = share(int(cell["rose"].sum()), len(cell))
        rows.append(
            {
                **dict(zip(order, key, strict=True)),
                "n": len(cell),
                "change_db": cell["change"].mean(),
                "rose_percent": percent,
                "rose_low": low,
                "rose_high": high,
                "confounded_percent": 100 * float((cell["gate"] == "confounded").mean()),
                "adjusted_db": cell["adjusted"].mean(),
            }
        )
    return pd.DataFrame(rows)


def plot(table, path):
    """Share of "gamma rose" against the change of muscle, one line per pipeline."""
    import matplotlib

    matplotlib.use("Agg")
    import matplotlib.pyplot as plt

    gammas = sorted(table["gamma_db"].unique())
    bands = list(BANDS)
    figure, axes = plt.subplots(
        len(bands), len(gammas), figsize=(4 * len(gammas), 3.2 * len(bands)), sharey=True, squeeze=False
    )
    for i, band in enumerate(bands):
        for j, gamma_db in enumerate(gammas):
            axis = axes[i][j]
            for pipeline, lines in table[(table.band == band) & (table.gamma_db == gamma_db)].groupby(
                "pipeline", sort=False
            ):
                axis.errorbar(
                    lines.muscle_db,
                    lines.rose_percent,
                    yerr=np.clip([lines.rose_percent - lines.rose_low, lines.rose_high - lines.rose_percent], 0, None),
                    marker="o",
                    label=pipeline,
                )
            axis.set_title(f"{band.replace('_', ' ')}: brain {gamma_db:+g} dB", fontsize=10)
            axis.set_xlabel("change of muscle, dB")
            axis.set_ylim(-3, 103)
    axes[1][1].legend(fontsize=7, loc="lower left")
    for row in axes:
        row[0].set_ylabel('"gamma rose", % of subjects')
    figure.tight_layout()
    figure.savefig(path)


def main():
    """Run the grid, print the table, write the plot."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--subjects", type=int, default=200)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--out", type=Path, default=Path("dosewave-honesty"))
    args = parser.parse_args()
    seeds = range(args.first_seed, args.first_seed + args.subjects)
    with ProcessPoolExecutor(args.jobs) as pool:
        answers = [answer for found in pool.map(one_subject, seeds) for answer in found]
    table = tables(answers)
    args.out.mkdir(parents=True, exist_ok=True)
    table.to_csv(args.out / "honesty.tsv", sep="\t", index=False, float_format="%.2f")
    (args.out / "answers.json").write_text(json.dumps(answers))
    plot(table, args.out / "honesty.svg")
    real = real_background(shared_data()) is not None
    print(f"{args.subjects} subjects from seed {args.first_seed}, {'real' if real else 'simulated'} background")
    print(table.to_string(index=False, float_format=lambda v: f"{v:.1f}"))
    print(f"written to {args.out}")


if __name__ == "__main__":
    main()
