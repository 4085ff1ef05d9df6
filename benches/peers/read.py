"""Reading EDF beside MNE-Python, edfio and pyedflib: a night of 32 channels, 4 of its channels, a pair of 64 channels.

Every reader runs in a process of its own, in turn; what is timed is from the path to float64 arrays in memory, without
the start of Python and imports. `copy` is what numpy takes to copy the decoded samples once into fresh memory.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

# threads of NumPy's BLAS wait for work for a while after its import, busily, beside what is timed
os.environ["OPENBLAS_NUM_THREADS"] = "1"

import numpy as np

FEW = [0, 9, 18, 27]


def write_edf(path: Path, n_channels: int, sfreq: int, seconds: int, seed: int) -> None:
    """EDF+C with records of one second, rising noise of 16 bits."""

    def field(value, width):
        return str(value).encode().ljust(width)

    n_bytes = 24
    labels = [f"EEG {i:03d}" for i in range(n_channels)] + ["EDF Annotations"]
    n = len(labels)
    per_record = [sfreq] * n_channels + [n_bytes // 2]
    header = field("0", 8) + field("X X X X", 80) + field("Startdate 02-MAR-2021 X X X", 80)
    header += field("02.03.21", 8) + field("22.00.00", 8) + field(256 * (n + 1), 8) + field("EDF+C", 44)
    header += field(seconds, 8) + field(1, 8) + field(n, 4)
    for values, width in [
        (labels, 16),
        ([""] * n, 80),
        (["uV"] * n_channels + [""], 8),
        (["-3276.8"] * n_channels + ["-1"], 8),
        (["3276.7"] * n_channels + ["1"], 8),
        (["-32768"] * n, 8),
        (["32767"] * n, 8),
        ([""] * n, 80),
        (per_record, 8),
        ([""] * n, 32),
    ]:
        header += b"".join(field(value, width) for value in values)
    rng = np.random.default_rng(seed)
    block = rng.normal(0, 300, (64, n_channels, sfreq)).astype("<i2")
    with path.open("wb") as out:
        out.write(header)
        for second in range(seconds):
            out.write((block[second % 64] + np.int16(second % 7)).tobytes())
            out.write(f"+{second}\x14\x14\x00".encode().ljust(n_bytes, b"\x00"))


def dosewave(path, picks):
    """The wheel; samples stay where they were decoded."""
    import dosewave as dw

    start = clock()
    rec = dw.read(path, picks=None if picks is None else [f"EEG {i:03d}" for i in picks])
    return start, clock(), rec, lambda: rec.data


def mne(path, picks):
    """MNE-Python with everything loaded."""
    import mne as peer

    start = clock()
    include = None if picks is None else [f"EEG {i:03d}" for i in picks]
    raw = peer.io.read_raw_edf(path, preload=True, include=include, verbose="error")
    return start, clock(), raw, lambda: raw.get_data() * 1e6


def edfio(path, picks):
    """Physical samples of every signal of edfio."""
    import edfio as peer

    start = clock()
    edf = peer.read_edf(path)
    data = [signal.data for i, signal in enumerate(edf.signals) if picks is None or i in picks]
    return start, clock(), edf, lambda: np.array(data)


def pyedflib(path, picks):
    """Physical samples of every signal of pyedflib."""
    import pyedflib as peer

    start = clock()
    with peer.EdfReader(str(path)) as edf:
        data = [edf.readSignal(i) for i in (range(edf.signals_in_file) if picks is None else picks)]
    return start, clock(), data, lambda: np.array(data)


def copy(path, picks):
    """One copy of the decoded samples into fresh memory."""
    size = Path(path).stat().st_size // 2 * (1 if picks is None else len(picks)) // (1 if picks is None else 32)
    source = np.ones(size)
    start = clock()
    target = source.copy()
    return start, clock(), target, lambda: target[:0]


READERS = {f.__name__: f for f in (dosewave, mne, edfio, pyedflib, copy)}


def clock():
    """Wall and CPU seconds of this process, all its threads."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return time.perf_counter(), usage.ru_utime + usage.ru_stime


def child(name: str, paths: list[str], picks) -> None:
    """Read the files one after the other and say what it took."""
    wall = cpu = 0.0
    kept, sums = [], []
    for path in paths:
        (wall_0, cpu_0), (wall_1, cpu_1), held, data = READERS[name](path, picks)
        wall, cpu = wall + wall_1 - wall_0, cpu + cpu_1 - cpu_0
        kept.append((held, data))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if name != "copy":
        for _, data in kept:
            part = np.atleast_2d(data())
            sums += [float(part[0, :1000].sum()), float(part[-1, -1000:].sum()), part.shape]
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak, "sums": sums}))


def run(name: str, paths: list[Path], picks) -> dict:
    """One reader in a process of its own."""
    job = json.dumps([name, [str(path) for path in paths], picks])
    out = subprocess.run([sys.executable, __file__, "--child", job], check=True, capture_output=True, text=True)
    return json.loads(out.stdout.splitlines()[-1])


def agree(results: dict) -> None:
    """Refuse to time what differs."""
    expected = next(r["sums"] for r in results.values() if r["sums"])
    for name, result in results.items():
        for got, wanted in zip(result["sums"], expected, strict=False):
            if not np.allclose(got, wanted, rtol=1e-9, atol=1e-3):
                raise SystemExit(f"{name} reads other samples: {result['sums']} against {expected}")


def main() -> None:
    """Make the files, run all readers in turn, print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--child")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--hours", type=float, default=8)
    args = parser.parse_args()
    if args.child:
        child(*json.loads(args.child))
        return
    with tempfile.TemporaryDirectory() as folder:
        night = Path(folder) / "night.edf"
        pair = [Path(folder) / "before.edf", Path(folder) / "after.edf"]
        write_edf(night, 32, 256, int(args.hours * 3600), 0)
        for seed, path in enumerate(pair, 1):
            write_edf(path, 64, 500, 600, seed)
        jobs = {
            f"{args.hours:g} h x 32 x 256 Hz": ([night], None),
            "4 channels of it": ([night], FEW),
            "two of 64 x 500 Hz x 10 min": (pair, None),
        }
        for title, (paths, picks) in jobs.items():
            names = list(READERS)
            agree({name: run(name, paths, picks) for name in names})  # warm caches as well
            rounds = [{name: run(name, paths, picks) for name in names} for _ in range(args.rounds)]
            print(f"\n{title}\n{'':>10} {'wall, s: min':>13} {'median':>8} {'CPU, s: min':>12} {'peak MB':>8}")
            for name in names:
                found = [r[name] for r in rounds]
                walls, cpus = [r["wall"] for r in found], [r["cpu"] for r in found]
                peak = max(r["peak"] for r in found)
                print(f"{name:>10} {min(walls):13.3f} {statistics.median(walls):8.3f} {min(cpus):12.3f} {peak:8.0f}")


if __name__ == "__main__":
    main()
