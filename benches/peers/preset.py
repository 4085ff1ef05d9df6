"""The chain for resting EEG beside MNE and autoreject, and ICA beside python-picard and FastICA, in one run.

    python preset.py [--minutes 10] [--out FIGURES.json]

Needs autoreject, python-picard and scikit-learn beside the peers of the tests. Each chain is a child process; wall and
processor seconds and peak memory are those of the whole process, start of Python included.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np
from run import HERE, PEER_ENVIRONMENT, PROGRAMS, machine


def chain(program, path):
    import os

    start = time.perf_counter()
    command = [sys.executable, HERE / "preset_chain.py", program, path]
    child = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=os.environ | PEER_ENVIRONMENT)
    printed = child.stdout.read()
    _, status, usage = os.wait4(child.pid, 0)
    if status:
        sys.exit(f"{program} failed with status {os.waitstatus_to_exitcode(status)}")
    figures = {
        "wall_s": time.perf_counter() - start,
        "cpu_s": usage.ru_utime + usage.ru_stime,
        "peak_mb": usage.ru_maxrss / 1024,
    }
    return figures | json.loads(printed.strip().splitlines()[-1])


def amari(unmixing, mixing):
    """Amari's distance (1996) between an unmixing matrix and the true mixing matrix."""
    p = np.abs(unmixing @ mixing)
    n = len(p)
    rows = (p / p.max(axis=1, keepdims=True)).sum() - n
    columns = (p / p.max(axis=0, keepdims=True)).sum() - n
    return (rows + columns) / (2 * n * (n - 1))


def mixture(n=32, n_times=150_000, seed=0):
    """Sources of both kinds, 24 sharp (Laplace to nearly normal) and 8 flat (sines, uniform), and a random mixing."""
    rng = np.random.default_rng(seed)
    sharp = [
        np.sign(z) * np.abs(z) ** p
        for p, z in zip(np.linspace(1.3, 3, n - 8), rng.normal(size=(n - 8, n_times)), strict=True)
    ]
    t = np.arange(n_times) / 500
    flat = [np.sin(2 * np.pi * f * t) for f in (50.0, 10.3, 7.7, 21.1)] + list(rng.uniform(-1, 1, (4, n_times)))
    sources = np.array(sharp + flat)
    sources /= sources.std(axis=1, keepdims=True)
    mixing = rng.normal(size=(n, n))
    return mixing @ sources, mixing


def separations(x):
    """Name and a function that gives the unmixing matrix."""
    from picard import picard
    from sklearn.decomposition import FastICA

    import dosewave as dw

    names = [f"E{k}" for k in range(len(x))]
    rec = dw.Recording(x, 500.0, names)

    def peer_picard():
        whitening, rotation, _ = picard(x, ortho=True, extended=True, tol=1e-7, max_iter=500, random_state=0)
        return rotation @ whitening

    def peer_fastica():
        model = FastICA(whiten="unit-variance", fun="logcosh", tol=1e-7, max_iter=500, random_state=0)
        return model.fit(x.T).components_

    return {
        "dosewave picard": lambda: rec.components("picard").unmixing,
        "dosewave fast_ica": lambda: rec.components("fast_ica").unmixing,
        "python-picard": peer_picard,
        "scikit-learn FastICA": peer_fastica,
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of the recording")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    arguments = parser.parse_args()
    before = machine()
    print(f"{before['cpu']}, {before['cores']} cores, load {before['load']:.1f}")
    x, mixing = mixture()
    print("\n32 sources, 150 000 samples, tolerance 1e-7: Amari distance, wall s (for dosewave with the scores)")
    separated = {}
    for name, unmix in separations(x).items():
        start = time.perf_counter()
        distance = amari(unmix(), mixing)
        separated[name] = {"amari": distance, "wall_s": time.perf_counter() - start}
        print(f"  {name:22} {distance:.2e} {separated[name]['wall_s']:8.2f}", flush=True)
    chains = {}
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([PROGRAMS / "pair", folder, str(arguments.minutes)], check=True)
        for program in ("dosewave", "mne"):
            chains[program] = chain(program, Path(folder) / "pre.edf")
            figures = chains[program]
            wall, cpu, peak = (figures[key] for key in ("wall_s", "cpu_s", "peak_mb"))
            print(f"\n{program}: wall {wall:.1f} s, CPU {cpu:.1f} s, peak {peak:.0f} MB")
            print(f"  stages, s: {figures['stages_s']}\n  {figures['found']}", flush=True)
    ratio = chains["mne"]["wall_s"] / chains["dosewave"]["wall_s"]
    print(f"\nMNE and autoreject / dosewave: wall {ratio:.0f}")
    if arguments.out:
        record = {"machine": before, "separation": separated, "chains": chains, "minutes": arguments.minutes}
        arguments.out.write_text(json.dumps(record, indent=1) + "\n")


if __name__ == "__main__":
    main()
