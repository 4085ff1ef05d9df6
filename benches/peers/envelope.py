"""Envelope correlations beside mne-connectivity on the same arrays: `python envelope.py [ROUNDS]`.

Every job is a child process on at most two threads, peer and ours in turn. The numbers of both are held against each
other before times are printed: CPU and wall seconds of the call alone, smallest of the rounds, and the peak memory of
the process, data included.
"""

import json
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

import spectral  # first: it sets the number of threads before numpy is loaded  # isort: skip
import numpy as np

BANDS = {"delta": (1, 4), "theta": (4, 8), "alpha": (8, 13), "beta": (13, 30), "low_gamma": (30, 45)}


def epochs():
    """60 epochs of 10 s, 64 channels at 500 Hz."""
    return spectral.epochs(spectral.recording(), 10.0, 60)


def analytic():
    """The same in the alpha band, as analytic signals."""
    import mne
    from scipy.signal import hilbert

    return hilbert(mne.filter.filter_data(epochs(), spectral.SFREQ, 8, 13, verbose="error"))


def one_band_ours(data, n_jobs=2):
    import dosewave as dw

    return dw.envelope_correlation(data, log=True, n_jobs=n_jobs).get_data("dense")


def one_band_peer(data):
    import mne_connectivity

    return mne_connectivity.envelope_correlation(data, log=True).get_data("dense")


def cut(x):
    """Epochs of 10 s without the first and the last, whose ends the filter made up; a view, not a copy."""
    n = int(10 * spectral.SFREQ)
    n_epochs = x.shape[1] // n
    return x[:, : n * n_epochs].reshape(len(x), n_epochs, n).transpose(1, 0, 2)[1:-1]


def bands_ours(data, n_jobs=2):
    import dosewave as dw

    recording = dw.Recording(data, spectral.SFREQ, [f"E{i}" for i in range(len(data))])
    found = []
    for low, high in BANDS.values():
        band = cut(np.asarray(recording.filter(low, high).data))
        found.append(dw.envelope_correlation(band, log=True, n_jobs=n_jobs).combine())
    return np.stack(found)


def bands_peer(data):
    import mne
    import mne_connectivity

    found = []
    for low, high in BANDS.values():
        band = cut(mne.filter.filter_data(data, spectral.SFREQ, low, high, verbose="error"))
        found.append(mne_connectivity.envelope_correlation(band, log=True).get_data("dense").mean(axis=0)[..., 0])
    return np.stack(found)


def symmetric_ours(data, n_jobs=2):
    import dosewave as dw

    return dw.envelope_correlation(data, orthogonalize="symmetric", n_jobs=n_jobs).get_data("dense")


def symmetric_peer(data):
    import mne_connectivity

    orthogonal = mne_connectivity.symmetric_orth(data)
    return mne_connectivity.envelope_correlation(orthogonal, orthogonalize=False).get_data("dense")


def one_thread(job):
    return lambda data: job(data, n_jobs=1)


# name: data, jobs (ours first)
CASES = {
    "AEC, pairwise, log power, one band": (
        analytic,
        {"dosewave": one_band_ours, "one thread": one_thread(one_band_ours), "mne-connectivity": one_band_peer},
    ),
    "AEC, five bands with filter and Hilbert": (
        spectral.recording,
        {"dosewave": bands_ours, "one thread": one_thread(bands_ours), "mne-connectivity": bands_peer},
    ),
    "AEC, symmetric, whole signal": (
        epochs,
        {"dosewave": symmetric_ours, "one thread": one_thread(symmetric_ours), "mne-connectivity": symmetric_peer},
    ),
}


def one(case, who, path):
    """Run one job in this process and print its times; the result goes into a file."""
    warnings.filterwarnings("ignore")
    data = np.load(path)
    job = CASES[case][1][who]
    job(data[:, :20_000] if data.ndim == 2 else data[:1])  # modules, plans
    wall, cpu = time.perf_counter(), time.process_time()
    result = job(data)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    np.save(Path(path).with_name(f"{who}.npy"), result)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"64 channels, 60 epochs of 10 s at {spectral.SFREQ:g} Hz, two threads, best of {rounds}")
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "data.npy"
        for case, (prepare, jobs) in CASES.items():
            np.save(path, prepare())
            times = {who: [] for who in jobs}
            for _ in range(rounds):
                for who, found in times.items():
                    command = [sys.executable, __file__, "--one", case, who, str(path)]
                    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                    found.append(json.loads(text.splitlines()[-1]))
            show(case, times, path)


def show(case, times, path):
    print(f"\n{case}")
    best = {who: {key: min(one[key] for one in found) for key in found[0]} for who, found in times.items()}
    ours = np.load(path.with_name("dosewave.npy"))
    off = ~np.eye(ours.shape[1], dtype=bool)
    for who, mine in best.items():
        theirs = np.load(path.with_name(f"{who}.npy"))[:, off]
        # where an orthogonalised sample is 0 its logarithm is not defined, for both
        same_missing = np.array_equal(np.isnan(theirs), np.isnan(ours[:, off]))
        apart = np.nanmax(np.abs(theirs - ours[:, off])) if same_missing else np.inf
        ratio = {key: mine[key] / best["dosewave"][key] for key in mine}
        print(
            f"  {who:17s} wall {mine['wall']:8.3f} s   CPU {mine['cpu']:8.3f} s   peak {mine['peak']:6.0f} MB   "
            f"x wall {ratio['wall']:5.1f}   x CPU {ratio['cpu']:5.1f}   x peak {ratio['peak']:4.1f}   "
            f"apart {apart:.1g}",
            flush=True,
        )
        if not apart < 1e-8:
            sys.exit(f"{case}: {who} is {apart} apart, allowed 1e-8")


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        one(*sys.argv[2:])
    else:
        main()
