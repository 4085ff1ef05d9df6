"""Golden values of aperiodic models: `python testdata/generate/aperiodic.py` from the project's root.

Made with specparam 2.0.0rc7, yasa 0.8.1 and numpy 2.4.6. Spectra and signals are formulas with the noise of a 32-bit
LCG, which `crates/numerics/tests/aperiodic_golden.rs` repeats; what is stored are the settings and what the tools say.
"""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
import yasa
from specparam import SpectralModel

GOLDEN = Path(__file__).parents[1] / "golden"
FREQS = np.arange(1, 45.01, 0.5)


def noise(n, seed):
    """Uniform in [-1, 1), from a linear congruential generator."""
    values, state = [], seed
    for _ in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        values.append(state / 2**31 - 1)
    return np.array(values)


def cases():
    """Offset, exponent, knee frequency (0: none), peaks (centre, height, sd), size of the noise."""
    draws = noise(2000, 7) * 0.5 + 0.5
    at = iter(draws)
    for k in range(40):
        offset, exponent = 2 * next(at), 1.0 + 1.2 * next(at)
        knee = 5 + 15 * next(at) if k % 4 == 3 else 0.0
        peaks = [(4 + 34 * next(at), 0.2 + 0.8 * next(at), 0.7 + 2 * next(at)) for _ in range(k % 4)]
        yield {"offset": offset, "exponent": exponent, "knee_hz": knee, "peaks": peaks, "noise": 0.08 * next(at)}


def log_power(case, seed):
    knee = case["knee_hz"] ** case["exponent"] if case["knee_hz"] else 0.0
    y = case["offset"] - np.log10(knee + FREQS ** case["exponent"])
    for centre, height, sd in case["peaks"]:
        y = y + height * np.exp(-((FREQS - centre) ** 2) / (2 * sd**2))
    return y + case["noise"] * noise(len(FREQS), seed)


def specparam_fits():
    fits = []
    for k, case in enumerate(cases()):
        mode = "knee" if case["knee_hz"] else "fixed"
        model = SpectralModel(aperiodic_mode=mode, verbose=False)
        model.fit(FREQS, 10 ** log_power(case, 100 + k))
        peaks = np.asarray(model.results.params.periodic.params).reshape(-1, 3)
        fits.append(
            case
            | {
                "found": [float(v) for v in model.results.params.aperiodic.params],
                "found_peaks": [[float(v) for v in peak] for peak in peaks if np.isfinite(peak[0])],
                "r_squared": float(model.results.metrics.results["gof_rsquared"]),
                "mae": float(model.results.metrics.results["error_mae"]),
            }
        )
    return fits


def irasa_fits():
    """A leaky sum of noise (exponent near 2 above its corner) with a sine of 10 Hz on it."""
    fits = []
    for sfreq, n, leak, band in [(250.0, 15000, 0.995, [1, 30]), (200.0, 8000, 0.9, [2, 25])]:
        x, level = [], 0.0
        for step in noise(n, 3):
            level = leak * level + step
            x.append(level)
        x = np.array(x) + np.sin(2 * np.pi * 10 * np.arange(n) / sfreq)
        freqs, aperiodic, _, fit = yasa.irasa(x, sf=sfreq, band=band, verbose="error")
        fits.append(
            {
                "sfreq": sfreq,
                "n": n,
                "leak": leak,
                "band": band,
                "exponent": float(-fit["Slope"].iloc[0]),
                "freqs": [float(f) for f in freqs[::8]],
                "aperiodic": [float(p) for p in aperiodic.ravel()[::8]],
            }
        )
    return fits


def main():
    made_with = {name: version(name) for name in ("specparam", "yasa", "numpy")}
    content = {"made_with": made_with, "specparam": specparam_fits(), "irasa": irasa_fits()}
    (GOLDEN / "aperiodic_models.json").write_text(json.dumps(content, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
