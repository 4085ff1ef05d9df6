"""Speed and memory beside the peers, in one run: EDF pair to report.

Both do the same work on the same two threads, in turn. Before any figure is printed, their numbers must agree.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = ROOT / "target" / "release"
# what the MNE chain has no counterpart for is switched off: intervals and permutations; least squares as specparam
SAME_WORK = [
    "inference.n_bootstrap=0",
    "inference.n_permutations=0",
    'markers.aperiodic_exponent.fit="ols"',
    'markers.aperiodic_offset.fit="ols"',
]


def measured(command, environment=None):
    """Wall time, CPU time (s) and peak memory (MB) of a command."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env={**os.environ, **(environment or {})})
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{command[0]} failed with status {status}")
    return wall, usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def ours(pre, post, out, settings):
    """The command that compares."""
    options = [part for setting in settings for part in ("--set", setting)]
    return [str(PROGRAMS / "dosewave"), "compare", str(pre), str(post), "-o", str(out), "-q", "-j", "2", *options]


def check(ours_out, theirs_out):
    """Stop unless the numbers agree; give the largest differences."""
    theirs = json.loads((theirs_out / "contrasts.json").read_text())
    rows = json.loads((ours_out / "results.json").read_text())["contrasts"]
    found = {row["marker"]: row["change"] for row in rows if row["site"] == "global"}
    largest = {"power (dB)": 0.0, "aperiodic": 0.0, "connectivity": 0.0}
    # bands end in a trapezoid here and in a mean of bins there; the filters' edges differ in the last digits
    allowed = {"power (dB)": 0.1, "aperiodic": 1e-3, "connectivity": 1e-4}
    for name, value in theirs.items():
        kind = "connectivity" if "." in name else "aperiodic" if name.startswith("aperiodic") else "power (dB)"
        difference = abs(found[name] - value)
        largest[kind] = max(largest[kind], difference)
        if difference > allowed[kind]:
            sys.exit(f"{name}: {found[name]} here, {value} there; allowed {allowed[kind]}")
    return largest


def machine():
    """Processor, cores and load."""
    model = "unknown"
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return f"{model}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10.0)
    parser.add_argument("--out", type=Path, help="figures as JSON")
    arguments = parser.parse_args()
    print(machine())
    with tempfile.TemporaryDirectory() as folder:
        folder = Path(folder)
        subprocess.run([PROGRAMS / "pair", folder, str(arguments.minutes)], check=True)
        pre, post = folder / "pre.edf", folder / "post.edf"
        theirs = [sys.executable, str(ROOT / "benches" / "peers" / "mne_chain.py"), str(pre), str(post)]
        threads = {name: "2" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        jobs = {
            "dosewave": (ours(pre, post, folder / "ours", SAME_WORK), None),
            "MNE chain": ([*theirs, str(folder / "theirs")], threads),
            "dosewave, 1000 bootstraps and permutations": (ours(pre, post, folder / "full", []), None),
        }
        figures = {name: [] for name in jobs}
        for _ in range(arguments.rounds):
            for name, (command, environment) in jobs.items():
                figures[name].append(measured(command, environment))
        agreement = check(folder / "ours", folder / "theirs")
    print(f"64 channels, 2 × {arguments.minutes:g} min, 500 Hz, EDF to report, {arguments.rounds} rounds, 2 threads")
    print(f"{'':44} {'wall s':>16} {'CPU s':>16} {'peak MB':>9}")
    for name, rows in figures.items():
        wall, cpu, memory = zip(*rows, strict=True)
        spread = [f"{min(v):.1f} ({statistics.median(v):.1f}–{max(v):.1f})" for v in (wall, cpu)]
        print(f"{name:44} {spread[0]:>16} {spread[1]:>16} {max(memory):>9.0f}")
    best = {name: [min(column) for column in zip(*rows, strict=True)] for name, rows in figures.items()}
    ratios = [there / here for there, here in zip(best["MNE chain"], best["dosewave"], strict=True)]
    print("MNE chain / dosewave, same work: wall {:.1f}, CPU {:.1f}, memory {:.1f}".format(*ratios))
    print("largest difference of a change: " + ", ".join(f"{k} {v:.2g}" for k, v in agreement.items()))
    if arguments.out:
        arguments.out.write_text(json.dumps({"machine": machine(), "figures": figures, "agreement": agreement}))


if __name__ == "__main__":
    main()
