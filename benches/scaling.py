"""How the cost of connectivity grows with pairs and with epochs: `python scaling.py OUT.svg [ROUNDS]`.

wPLI and PLV of all pairs (Fourier, five bands) over 100 epochs of 16 to 256 channels, and wPLI over 75 to 1200 epochs
of 64 channels: CPU seconds on two threads, smallest of the rounds, and the exponent of a power law through the larger
half.
"""

import os
import sys
import time

os.environ.setdefault("RAYON_NUM_THREADS", "2")

import matplotlib

matplotlib.use("svg")

import matplotlib.pyplot as plt
import numpy as np

import dosewave as dw

SFREQ, N_TIMES = 500.0, 1000
BANDS = {"fmin": (1, 4, 8, 13, 30), "fmax": (4, 8, 13, 30, 45), "faverage": True}
CHANNELS = (16, 24, 32, 48, 64, 96, 128, 192, 256)
EPOCHS = (75, 150, 300, 600, 1200)


def cost(n_epochs, n_channels, mode, method, rounds):
    data = np.random.default_rng(0).standard_normal((n_epochs, n_channels, N_TIMES))
    dw.spectral_connectivity(data[:2], SFREQ, method, mode=mode, n_jobs=2, **BANDS)
    times = []
    for _ in range(rounds):
        start = time.process_time()
        dw.spectral_connectivity(data, SFREQ, method, mode=mode, n_jobs=2, **BANDS)
        times.append(time.process_time() - start)
    return min(times)


def exponent(sizes, times):
    half = len(sizes) // 2
    return np.polyfit(np.log(sizes[half:]), np.log(times[half:]), 1)[0]


def draw(axis, sizes, times, label):
    power = exponent(sizes, times)
    axis.loglog(sizes, times, "o-", label=f"{label}, exponent {power:.2f}")
    axis.loglog(sizes, times[-1] * sizes / sizes[-1], ":", color="0.6")
    for size, seconds in zip(sizes, times, strict=True):
        print(f"{label:32s} {size:8.0f} {seconds:8.4f} s")
    print(f"{label:32s} exponent {power:.3f}", flush=True)


def main():
    out, rounds = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 3
    plt.rcParams["svg.hashsalt"] = "dosewave"
    figure, (left, right) = plt.subplots(1, 2, figsize=(9, 3.6), layout="constrained")
    pairs = np.array([n * (n - 1) / 2 for n in CHANNELS])
    for mode, method, label in (("fourier", "wpli", "wPLI, Fourier"), ("fourier", "plv", "PLV, Fourier")):
        draw(left, pairs, np.array([cost(100, n, mode, method, rounds) for n in CHANNELS]), label)
    left.set(xlabel="pairs (100 epochs of 2 s, 500 Hz)", ylabel="CPU time, s")
    for mode, method, label in (("fourier", "wpli", "wPLI, Fourier"), ("multitaper", "wpli", "wPLI, multitaper")):
        draw(right, np.array(EPOCHS, float), np.array([cost(n, 64, mode, method, rounds) for n in EPOCHS]), label)
    right.set(xlabel="epochs (64 channels, 2016 pairs)")
    for axis in (left, right):
        axis.legend(frameon=False, title="dotted: exponent 1")
        axis.spines[["top", "right"]].set_visible(False)
    figure.savefig(out, metadata={"Date": None})


if __name__ == "__main__":
    main()
