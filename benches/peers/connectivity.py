"""Connectivity beside mne-connectivity on the same arrays: `python connectivity.py [ROUNDS [ROW ...]]`.

Every job is a child process on at most two threads, peers and ours in turn, in the fastest configuration that we found
of the peers. The numbers of both are held against each other before times are printed: wall and CPU seconds of the call
alone, smallest of the rounds, and the largest memory of the process during the call, of which the call itself is what
lies above the interpreter, the modules and the data.

A row is a function in `ROWS` that returns a `Row`; to add one, write the function and list it there.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

THREADS = "2"
os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), THREADS)
# freed memory stays with the process, which makes the peers faster
os.environ |= dict.fromkeys(("MALLOC_TRIM_THRESHOLD_", "MALLOC_MMAP_THRESHOLD_", "MALLOC_TOP_PAD_"), str(1 << 28))
os.environ.setdefault("MNE_LOGGING_LEVEL", "ERROR")

import numpy as np  # noqa: E402

SFREQ, N_CHANNELS, MINUTES = 500.0, 64, 10
BANDS = {"fmin": (1, 4, 8, 13, 30), "fmax": (4, 8, 13, 30, 45), "faverage": True}
EIGHT = ["coh", "imcoh", "plv", "ciplv", "pli", "wpli", "wpli2_debiased", "ppc"]
# the fastest number of connections at a time, by mode
BLOCK_SIZE = {"multitaper": 16, "fourier": 64}


@dataclass
class Row:
    """One comparison. Jobs take the data and return what is to be timed, ours first; it returns an array or a list."""

    name: str
    data: Callable[[], np.ndarray]
    jobs: dict[str, Callable]
    # values of both may be so far apart, absolutely; None where there is nothing to hold against each other
    allowed: float | None = 1e-10
    # what is warmed up before: a small part of the data
    part: Callable[[np.ndarray], np.ndarray] = field(default=lambda data: data[:4])


def recording(n_channels=N_CHANNELS, minutes=MINUTES):
    """1/f and alpha, uV; every channel has also its share of four sources, each with a lag of its own."""
    rng = np.random.default_rng(1)
    n = int(minutes * 60 * SFREQ)
    freqs = np.fft.rfftfreq(n, 1 / SFREQ)
    shape = 1 / np.maximum(freqs, 0.5) ** 0.6 + 0.4 * np.exp(-((freqs - 10) ** 2) / 2)

    def one():
        noise = rng.standard_normal(len(freqs)) + 1j * rng.standard_normal(len(freqs))
        x = np.fft.irfft(noise * shape, n)
        return x / x.std()

    sources = [one() for _ in range(4)]
    x = np.empty((n_channels, n))
    for row in x:
        row[:] = one()
        for source in sources:
            row += rng.uniform(-0.7, 0.7) * np.roll(source, rng.integers(0, 12))
    return 20 * x


def epochs(seconds, n_epochs=None, n_channels=N_CHANNELS):
    n = int(seconds * SFREQ)
    minutes = MINUTES if n_epochs is None else n_epochs * seconds / 60
    x = recording(n_channels, minutes)
    return np.ascontiguousarray(x.reshape(n_channels, -1, n).transpose(1, 0, 2))


def ours(method, mode):
    def job(data):
        import dosewave as dw

        def run():
            found = dw.spectral_connectivity(data, SFREQ, method, mode=mode, n_jobs=2, **BANDS)
            return [con.get_data("raveled") for con in (found if isinstance(found, list) else [found])]

        return run

    return job


def mne_connectivity(method, mode, **settings):
    def job(data):
        import mne_connectivity

        rows, cols = np.tril_indices(data.shape[1], -1)

        def run():
            found = mne_connectivity.spectral_connectivity_epochs(
                data,
                method=method,
                mode=mode,
                sfreq=SFREQ,
                block_size=settings.get("block_size", BLOCK_SIZE[mode]),
                verbose="error",
                **BANDS,
            )
            found = found if isinstance(found, list) else [found]
            return [con.get_data("dense")[rows, cols] for con in found]

        return run

    return job


def both(method, mode):
    return {"dosewave": ours(method, mode), "mne-connectivity": mne_connectivity(method, mode)}


def eight_multitaper():
    return Row("8 measures, multitaper", lambda: epochs(2.0), both(EIGHT, "multitaper"))


def eight_fourier():
    return Row("8 measures, Fourier", lambda: epochs(2.0), both(EIGHT, "fourier"))


def wpli_multitaper():
    return Row("wPLI, multitaper", lambda: epochs(2.0), both("wpli", "multitaper"))


def wpli_fourier():
    return Row("wPLI, Fourier", lambda: epochs(2.0), both("wpli", "fourier"))


def wpli_channels(n_channels):
    return lambda: Row(
        f"wPLI, Fourier, 100 epochs, {n_channels} channels",
        lambda: epochs(2.0, 100, n_channels),
        both("wpli", "fourier"),
    )


# windows of 10 s every 5 s of 10 min, in epochs of 1 s
LENGTH, STEP = 10, 5


def course():
    def mine(data):
        import dosewave as dw

        return lambda: [
            dw.sliding_connectivity(data, SFREQ, LENGTH, STEP, "wpli", mode="fourier", n_jobs=2, **BANDS).get_data(
                "raveled"
            )
        ]

    def peer(data):
        def run():
            one = mne_connectivity("wpli", "fourier")
            starts = range(0, len(data) - LENGTH + 1, STEP)
            return [np.stack([one(data[start : start + LENGTH])()[0] for start in starts])]

        return run

    jobs = {"dosewave": mine, "mne-connectivity": peer}
    return Row("wPLI over 119 windows, Fourier", lambda: epochs(1.0), jobs, part=lambda data: data[:20])


def every_epoch(method, mode):
    """The cost of a time course in steps of one epoch, beside one pass over all epochs."""

    def course(data):
        import dosewave as dw

        def run():
            found = dw.sliding_connectivity(data, SFREQ, 60, 1, method, mode=mode, n_jobs=2, **BANDS)
            return [con.get_data("raveled")[:1] for con in (found if isinstance(found, list) else [found])]

        return run

    jobs = {"dosewave": course, "dosewave, one pass": ours(method, mode)}
    name = method if isinstance(method, str) else f"{len(method)} measures"
    return lambda: Row(
        f"{name} over windows of 60 epochs, step 1 epoch, {mode}",
        lambda: epochs(2.0),
        jobs,
        allowed=None,
        part=lambda data: data[:64],
    )


ROWS = [
    eight_multitaper,
    eight_fourier,
    wpli_multitaper,
    wpli_fourier,
    wpli_channels(32),
    wpli_channels(64),
    wpli_channels(128),
    wpli_channels(256),
    course,
    every_epoch("wpli", "multitaper"),
    every_epoch("wpli2_debiased", "fourier"),
    every_epoch(EIGHT, "fourier"),
]


def memory_mb(key):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(key):
            return int(line.split()[1]) / 1024
    return float("nan")


def one(name, who, folder):
    """Run one job in this process and print its times; the result goes into a file."""
    warnings.filterwarnings("ignore")
    row = next(row for row in map(lambda make: make(), ROWS) if row.name == name)
    data = np.load(Path(folder) / "data.npy")
    row.jobs[who](row.part(data))()
    job = row.jobs[who](data)
    before = memory_mb("VmRSS")
    Path("/proc/self/clear_refs").write_text("5")  # the peak is counted from here
    wall, cpu = time.perf_counter(), time.process_time()
    result = job()
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    peak = memory_mb("VmHWM")
    np.save(Path(folder) / f"{who}.npy", np.array(result))
    print(json.dumps({"wall": wall, "cpu": cpu, "peak": peak, "call": peak - before}))


def run(row, rounds, folder):
    times = {who: [] for who in row.jobs}
    for _ in range(rounds):
        for who, found in times.items():
            done = subprocess.run(
                [sys.executable, __file__, "--one", row.name, who, folder], check=True, capture_output=True, text=True
            )
            found.append(json.loads(done.stdout.splitlines()[-1]))
    return {who: {key: min(one[key] for one in found) for key in found[0]} for who, found in times.items()}


def check(row, folder):
    """Hold all results against ours; largest difference."""
    ours, *others = (np.load(Path(folder) / f"{who}.npy") for who in row.jobs)
    if row.allowed is None:
        return None
    apart = max(float(np.abs(ours - theirs).max()) for theirs in others)
    if not apart <= row.allowed:
        sys.exit(f"{row.name}: values are {apart} apart, allowed {row.allowed}")
    return apart


def main():
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 3
    print(f"{N_CHANNELS} channels x {MINUTES} min at {SFREQ:g} Hz, two threads, best of {rounds}")
    for row in (make() for make in ROWS):
        if len(sys.argv) > 2 and not any(part in row.name for part in sys.argv[2:]):
            continue
        with tempfile.TemporaryDirectory() as folder:
            np.save(Path(folder) / "data.npy", row.data())
            times = run(row, rounds, folder)
            apart = check(row, folder)
        print(f"\n{row.name}" + ("" if apart is None else f"   (values {apart:.1g} apart)"))
        mine = times["dosewave"]
        for who, best in times.items():
            line = (
                f"  {who:18s} wall {best['wall']:7.3f} s   CPU {best['cpu']:7.3f} s"
                f"   peak {best['peak']:5.0f} MB, of the call {best['call']:5.0f}"
            )
            if best is not mine:
                ratios = {key: best[key] / max(mine[key], 1e-9) for key in ("wall", "cpu", "peak", "call")}
                line += "   x " + ", ".join(f"{key} {value:.1f}" for key, value in ratios.items())
            print(line, flush=True)


if __name__ == "__main__":
    if len(sys.argv) > 1 and sys.argv[1] == "--one":
        one(*sys.argv[2:])
    else:
        main()
