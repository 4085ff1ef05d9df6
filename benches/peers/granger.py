"""Spectral Granger causality and VAR beside mne-connectivity on the same arrays: `python granger.py [ROUNDS]`.

Every job is a child process on at most two threads, peers and ours in turn. The numbers of both are held against each
other before times are printed: CPU and wall seconds of the call alone, smallest of the rounds, and the peak memory of
the process, data included.
"""

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
import warnings
from pathlib import Path

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "2")
os.environ.setdefault("MNE_LOGGING_LEVEL", "ERROR")

import numpy as np

SFREQ, N_EPOCHS, N_TIMES, N_CHANNELS = 250.0, 300, 500, 16
# each channel with each later one
PAIRS = np.triu_indices(N_CHANNELS, 1)


def epochs():
    """16 channels in 300 epochs of 2 s: 1/f with alpha and a source that reaches each channel later than the last."""
    rng = np.random.default_rng(1)
    n = N_EPOCHS * N_TIMES
    freqs = np.fft.rfftfreq(n, 1 / SFREQ)
    shape = 1 / np.maximum(freqs, 0.5) ** 0.6 + 0.4 * np.exp(-((freqs - 10) ** 2) / 2)

    def noise():
        return np.fft.irfft((rng.standard_normal(len(freqs)) + 1j * rng.standard_normal(len(freqs))) * shape, n)

    source = noise()
    x = np.array([noise() + 0.7 * np.roll(source, c) for c in range(N_CHANNELS)])
    x += 0.05 * x.std() * rng.standard_normal(x.shape)
    return np.ascontiguousarray(x.reshape(N_CHANNELS, N_EPOCHS, N_TIMES).transpose(1, 0, 2))


def granger_ours(data):
    import dosewave as dw

    found = dw.granger(data, SFREQ, ["gc", "gc_tr"], PAIRS, n_jobs=2)
    return np.stack([one.values for one in found])


def granger_peer(data):
    from mne_connectivity import spectral_connectivity_epochs

    indices = tuple(side[:, np.newaxis] for side in PAIRS)
    found = spectral_connectivity_epochs(
        data,
        method=["gc", "gc_tr"],
        indices=indices,
        sfreq=SFREQ,
        fmin=0.0,
        gc_n_lags=40,
        verbose="error",
    )
    return np.stack([one.get_data() for one in found])


def var_ours(data):
    import dosewave as dw

    return dw.var(data, 10).coefs


def var_peer(data):
    from mne_connectivity import vector_auto_regression

    found = vector_auto_regression(data, lags=10, model="avg-epochs", verbose="error")
    return np.moveaxis(np.asarray(found.get_data("dense")).reshape(N_CHANNELS, N_CHANNELS, 10), -1, 0)


def transfer_entropy_ours(data):
    import dosewave as dw

    windows = data.reshape(-1, 5, N_CHANNELS, N_TIMES).transpose(0, 2, 1, 3).reshape(-1, N_CHANNELS, 2500)
    return dw.symbolic_transfer_entropy(windows, PAIRS, delay=5, prediction=5, n_jobs=2).nste


CASES = {
    "gc and gc_tr, 120 pairs, 300 epochs, 40 lags": {
        "dosewave": granger_ours,
        # its own parallel mode (n_jobs=2) did not end within five minutes
        "mne-conn.": granger_peer,
    },
    "VAR, 16 channels, 10 lags": {"dosewave": var_ours, "mne-conn.": var_peer},
    "symbolic TE, 120 pairs, 60 x 10 s, 20 shuffles": {"dosewave": transfer_entropy_ours},
}
LARGEST = 1e-8


def one(case, who, path):
    """Run one job twice in this process and print the times of the second; its result goes into a file."""
    warnings.filterwarnings("ignore")
    data, job = np.load(path), CASES[case][who]
    job(data[:20] if "TE" not in case else data[:50])
    wall, cpu = time.perf_counter(), time.process_time()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = job(data)
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu += after.ru_utime + after.ru_stime - children.ru_utime - children.ru_stime
    np.save(Path(path).with_name(f"{who}.npy"), result)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak}))


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "epochs.npy"
        np.save(path, epochs())
        print(f"{N_CHANNELS} channels x {N_EPOCHS} epochs x {N_TIMES} samples, two threads, best of {rounds}")
        for case, jobs in CASES.items():
            times = {who: [] for who in jobs}
            for _ in range(rounds):
                for who, found in times.items():
                    command = [sys.executable, __file__, "--one", case, who, str(path)]
                    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
                    found.append(json.loads(text.splitlines()[-1]))
            print(f"\n{case}")
            ours = np.load(path.with_name("dosewave.npy"))
            mine = {key: min(run[key] for run in times["dosewave"]) for key in ("wall", "cpu", "peak")}
            for who, found in times.items():
                best = {key: min(run[key] for run in found) for key in mine}
                line = (
                    f"  {who:20s} wall {best['wall']:8.3f} s   CPU {best['cpu']:8.3f} s   peak {best['peak']:6.0f} MB"
                )
                if who != "dosewave":
                    apart = np.abs(ours - np.load(path.with_name(f"{who}.npy"))).max()
                    line += f"   x wall {best['wall'] / mine['wall']:6.1f}   x CPU {best['cpu'] / mine['cpu']:6.1f}"
                    line += f"   apart {apart:.2g}"
                    if not apart <= LARGEST:
                        sys.exit(f"{line}\n{case}: {who} is {apart} apart, allowed {LARGEST}")
                print(line, flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        one(*sys.argv[2:])
    else:
        main()
