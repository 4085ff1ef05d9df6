"""Holds the numbers of the programs that `run.py` times against each other: `python agreement.py FOLDER`.

Prints the largest differences; fails where one is larger than allowed.
"""

import json
import sys
from pathlib import Path

# dB for powers; the estimates are the same formulas, so what is left is rounding
ALLOWED = {
    "band powers, dB": 0.05,
    "aperiodic": 1e-6,
    "connectivity changes": 1e-6,
    "connectivity of pairs": 1e-6,
    # two generators of random numbers, 1000 draws each: ends move by a share of the interval's width
    "power intervals, share of width": 0.35,
}


def numbers(folder, name):
    return json.loads((folder / name).read_text())


def kind(marker):
    if marker.startswith("aperiodic"):
        return "aperiodic"
    return "connectivity changes" if "." in marker else "band powers, dB"


def row_differences(ours, theirs):
    """Kind, site, difference of every change of the peer; a change that is missing here is a failure."""
    changes = {(row["marker"], row["site"]): row["change"] for row in ours["contrasts"]}
    for row in theirs["rows"]:
        yield kind(row["marker"]), abs(changes[row["marker"], row["site"]] - row["change"])


def pair_differences(ours, theirs):
    matrices = {(m["window"], m["marker"]): m["values"] for m in ours["connectivity"]}
    for window, values in zip(("baseline", "post"), theirs["pairs"], strict=True):
        for marker, peer in values.items():
            for here, there in zip(matrices[window, marker], peer, strict=True):
                yield "connectivity of pairs", abs(here - there)


def interval_differences(ours, theirs):
    rows = {(row["marker"], row["site"]): row for row in ours["contrasts"]}
    for there in theirs["rows"]:
        if "ci_low" in there:
            here = rows[there["marker"], there["site"]]
            width = there["ci_high"] - there["ci_low"]
            for end in ("ci_low", "ci_high"):
                yield "power intervals, share of width", abs(here[end] - there[end]) / width


def main():
    folder = Path(sys.argv[1])
    ours, theirs = numbers(folder, "A/results.json"), numbers(folder, "B/numbers.json")
    counts = [[w["n_epochs"], w["n_rejected"]] for w in ours["sessions"][0]["windows"]]
    if counts != theirs["counts"]:
        sys.exit(f"epochs kept and rejected: {counts} here, {theirs['counts']} there")
    full, bootstrapped = numbers(folder, "C/results.json"), numbers(folder, "D/numbers.json")
    largest, n = dict.fromkeys(ALLOWED, 0.0), dict.fromkeys(ALLOWED, 0)
    for differences in (
        row_differences(ours, theirs),
        pair_differences(ours, theirs),
        interval_differences(full, bootstrapped),
    ):
        for name, difference in differences:
            n[name] += 1
            # not `max`: a difference that is not a number must not pass
            if not difference <= largest[name]:
                largest[name] = difference
    print(f"epochs kept and rejected, before and after: {counts}, the same on both sides")
    for name, allowed in ALLOWED.items():
        print(f"largest difference, {name}: {largest[name]:.2g} of {n[name]} (allowed {allowed:g})")
    wrong = [name for name, allowed in ALLOWED.items() if not (n[name] and largest[name] <= allowed)]
    if wrong:
        sys.exit(f"too different: {', '.join(wrong)}; {largest}")


if __name__ == "__main__":
    main()
