"""Surrogates of debiased wPLI: `python surrogates.py [N]`, by default 1000.

All pairs of 64 channels, 300 epochs of 2 s, five bands; CPU and wall seconds of the call on two threads. The peer has
no surrogates: what it would take is its time for one pass over the same epochs, times the number of surrogates.
"""

import os
import sys
import time

os.environ |= dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "RAYON_NUM_THREADS"), "2")
os.environ.setdefault("MNE_LOGGING_LEVEL", "ERROR")

import numpy as np

import dosewave as dw

SFREQ = 500.0
BANDS = {"fmin": (1.0, 4.0, 8.0, 13.0, 30.0), "fmax": (4.0, 8.0, 13.0, 30.0, 45.0), "faverage": True}


def epochs(n_epochs=300, n_channels=64, n_times=1000):
    """Noise with a source that reaches half of the channels at different times."""
    rng = np.random.default_rng(1)
    source = rng.standard_normal((n_epochs, n_times + n_channels))
    data = rng.standard_normal((n_epochs, n_channels, n_times))
    for channel in range(0, n_channels, 2):
        data[:, channel] += 0.3 * source[:, channel : channel + n_times]
    return data


def timed(job):
    wall, cpu = time.perf_counter(), time.process_time()
    result = job()
    return result, time.perf_counter() - wall, time.process_time() - cpu


def surrogates(data, mode, n):
    """CPU and wall seconds of `n` surrogates."""
    return timed(
        lambda: dw.connectivity_surrogates(data, SFREQ, "wpli2_debiased", n_surrogates=n, mode=mode, n_jobs=2, **BANDS)
    )


def peer_pass(data, mode):
    from mne_connectivity import spectral_connectivity_epochs

    return timed(
        lambda: spectral_connectivity_epochs(
            data, method="wpli2_debiased", mode=mode, sfreq=SFREQ, block_size=1000, verbose="error", **BANDS
        )
    )


def main():
    n = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    data = epochs()
    for mode in ("fourier", "multitaper"):
        ours, wall, cpu = surrogates(data, mode, n)
        theirs, peer_wall, peer_cpu = peer_pass(data, mode)
        rows, cols = ours.indices
        apart = np.abs(ours.values - theirs.get_data("dense")[rows, cols]).max()
        print(f"{mode}, {n} surrogates, values {apart:.1e} from the peer's")
        print(f"  dosewave                       wall {wall:9.1f} s   CPU {cpu:9.1f} s")
        print(
            f"  mne-connectivity, one pass     wall {peer_wall:9.2f} s   CPU {peer_cpu:9.2f} s   "
            f"x {n}: wall {n * peer_wall:.0f} s, CPU {n * peer_cpu:.0f} s, ratio {n * peer_cpu / cpu:.0f}"
        )


if __name__ == "__main__":
    main()
