"""EDF pair to report, dosewave beside the MNE stack, in one run.

    python run.py [--rounds 3] [--minutes 10] [--out FIGURES.json]

Makes two recordings of 64 channels at 500 Hz, then runs both programs in turn as child processes. One round without a
watch comes first: its numbers must agree before anything is timed. Nothing is written but to a temporary folder and to
`--out`. This process stays small: a child's peak memory starts with its parent's.
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

HERE = Path(__file__).resolve().parent
PROGRAMS = HERE.parents[1] / "target" / "release"
THREADS = 2
BANDS = ("delta", "theta", "alpha", "beta", "low_gamma", "high_gamma", "hfo")
PAIRS = [
    f"{measure}.{band}" for measure in ("coh", "imcoh", "ciplv", "wpli2_debiased") for band in ("alpha", "low_gamma")
]
# the markers of the MNE chain
MARKERS = [*BANDS, *(f"rel_{band}" for band in BANDS), "aperiodic_exponent", "aperiodic_offset", *PAIRS, "emg_index"]
# switches off what the MNE chain has no counterpart for, and fits the line as specparam does
SAME_WORK = [
    f"markers.only={json.dumps(MARKERS)}",
    "inference.n_bootstrap=0",
    "inference.n_permutations=0",
    'markers.aperiodic_exponent.fit="ols"',
    'markers.aperiodic_offset.fit="ols"',
]
# threads of the linear algebra; freed memory is kept, which spares the peer page faults
PEER_ENVIRONMENT = {
    **{f"{library}_NUM_THREADS": str(THREADS) for library in ("OMP", "OPENBLAS", "MKL")},
    "MALLOC_TRIM_THRESHOLD_": "4294967296",
    "MALLOC_MMAP_THRESHOLD_": "4294967296",
}
DIFFERENCES = """\
What differs
  A and B do the same: read, 0.5-Hz FIR high-pass, average reference, 2-s epochs, rejection (300 µV, 0.1 µV), multitaper
  PSD (4 Hz), 12 absolute and relative band powers, muscle band, aperiodic fit (least squares, no peaks), coh, imcoh,
  ciplv, wpli2_debiased of 2016 pairs in 2 bands, contrasts, sliding windows, tables, HTML report with figures.
  A does besides: SHA-256 of the files, values by region, verdicts on muscle, HDF5.
  C adds to A gamma in three views with its evidence, 1000 bootstraps and 1000 permutations by 10-s blocks of every
  marker (connectivity as well), robust aperiodic fits, intervals of the spectrum, adjusted p-values: `dosewave
  compare` as it comes.
  D adds to B 1000 bootstraps by 10-s blocks of the band powers only, no permutations.
  The MNE stack runs with block_size=16 (its fastest), linear algebra on 2 threads, n_jobs=1, memory kept by malloc."""


def dosewave(pre, post, out, settings):
    options = [part for setting in settings for part in ("--set", setting)]
    return [PROGRAMS / "dosewave", "compare", pre, post, "-o", out, "-j", str(THREADS), "-q", *options]


def peer(pre, post, out, n_bootstrap):
    return [sys.executable, HERE / "mne_chain.py", pre, post, "--out", out, "--bootstrap", str(n_bootstrap)]


def programs(folder):
    """Name, command and environment of each program."""
    pre, post = folder / "pre.edf", folder / "post.edf"
    return {
        "A dosewave, same work": (dosewave(pre, post, folder / "A", SAME_WORK), {}),
        "B MNE stack, same work": (peer(pre, post, folder / "B", 0), PEER_ENVIRONMENT),
        "C dosewave, default": (dosewave(pre, post, folder / "C", []), {}),
        "D MNE stack, power bootstrap": (peer(pre, post, folder / "D", 1000), PEER_ENVIRONMENT),
    }


def measured(command, environment):
    """Wall and processor seconds and peak memory in MB of a child process."""
    start = time.perf_counter()
    child = subprocess.Popen(command, stdout=subprocess.DEVNULL, env=os.environ | environment)
    _, status, usage = os.wait4(child.pid, 0)
    wall = time.perf_counter() - start
    if status:
        sys.exit(f"{command[0]} failed with status {os.waitstatus_to_exitcode(status)}")
    return {"wall_s": wall, "cpu_s": usage.ru_utime + usage.ru_stime, "peak_mb": usage.ru_maxrss / 1024}


def machine():
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    names = [line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")]
    return {"cpu": names[0] if names else "unknown", "cores": os.cpu_count(), "load": os.getloadavg()[0]}


def table(figures):
    print(f"\n{'':29}|{'wall, s':^24}|{'CPU, s':^24}| peak MB")
    print(f"{'':29}|{'min':>7} {'median':>7} {'max':>7} |{'min':>7} {'median':>7} {'max':>7} |{'max':>8}")
    for name, rounds in figures.items():
        cells = []
        for key in ("wall_s", "cpu_s"):
            values = [figure[key] for figure in rounds]
            cells.append(" ".join(f"{v:7.2f}" for v in (min(values), statistics.median(values), max(values))))
        print(f"{name:29}|{cells[0]} |{cells[1]} |{max(f['peak_mb'] for f in rounds):8.0f}")


def ratios(figures):
    """Peer over dosewave, of the smallest figures."""
    found = {}
    names = list(figures)
    for ours, theirs in (names[:2], names[2:]):
        least = [
            {key: min(figure[key] for figure in figures[name]) for key in ("wall_s", "cpu_s", "peak_mb")}
            for name in (ours, theirs)
        ]
        found[f"{theirs[0]} / {ours[0]}"] = {key: least[1][key] / least[0][key] for key in least[0]}
    for name, ratio in found.items():
        print(f"{name}: wall {ratio['wall_s']:.1f}, CPU {ratio['cpu_s']:.1f}, peak memory {ratio['peak_mb']:.1f}")
    return found


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--minutes", type=float, default=10.0, help="length of each recording")
    parser.add_argument("--out", type=Path, help="the figures as JSON")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([PROGRAMS / "pair", folder, str(arguments.minutes)], check=True)
        jobs = programs(folder)
        for command, environment in jobs.values():
            measured(command, environment)
        checked = subprocess.run(
            [sys.executable, HERE / "agreement.py", folder], stdout=subprocess.PIPE, text=True, check=False
        )
        if checked.returncode:
            sys.exit("the numbers do not agree; nothing was timed")
        before = machine()
        figures = {name: [] for name in jobs}
        for _ in range(arguments.rounds):
            for name, (command, environment) in jobs.items():
                figures[name].append(measured(command, environment))
        stages = {name: json.loads((folder / name / "stages.json").read_text()) for name in ("B", "D")}
    after = machine()
    print(f"64 channels × 2 × {arguments.minutes:g} min at 500 Hz, EDF to report; {arguments.rounds} rounds in turn")
    print(f"{before['cpu']}, {before['cores']} cores; load {before['load']:.1f} before, {after['load']:.1f} after")
    print(f"\n{checked.stdout.strip()}")
    table(figures)
    print()
    found = ratios(figures)
    for name, seconds in stages.items():
        print(f"{name}, stages of the last round, wall s: " + ", ".join(f"{k} {v:.1f}" for k, v in seconds.items()))
    print(f"\n{DIFFERENCES}")
    if arguments.out:
        record = {
            "minutes": arguments.minutes,
            "machine": before | {"load_after": after["load"]},
            "agreement": checked.stdout.splitlines(),
            "figures": figures,
            "ratios": found,
            "stages_wall_s": stages,
        }
        arguments.out.write_text(json.dumps(record, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
