"""Golden values of spectra, filters and 1/f fits: `python testdata/generate/spectral.py` from the project's root.

Made with mne 1.13.2, scipy 1.17.1, specparam 2.0.0rc7 and numpy 2.4.6. The input is a formula that
`crates/numerics/tests/spectral_common/mod.rs` repeats sample by sample (a sine, an offset, and uniform noise from a
32-bit LCG), so it is not stored. Every case stores its settings: the test reads them from here.
"""

import json
from fractions import Fraction
from importlib.metadata import version
from pathlib import Path

import numpy as np
from mne.filter import create_filter, filter_data, resample
from mne.time_frequency import psd_array_multitaper, psd_array_welch
from mne.time_frequency.multitaper import _mt_spectra, dpss_windows
from scipy.signal import butter, get_window, resample_poly, sosfreqz
from scipy.signal import welch as scipy_welch
from specparam import SpectralModel

SFREQ = 250.0
GOLDEN = Path(__file__).parents[1] / "golden"

# (n, half_nbw, k_max, low_bias)
TAPERS = [
    (500, 4.0, 8, True),
    (500, 4.0, 8, False),
    (501, 2.5, 5, True),
    (37, 2.0, 4, False),
    (40, 0.5, 1, True),
    (100, 3.3, 6, False),
    (256, 20.0, 40, True),
    (4096, 8.0, 16, True),
    (5000, 2.0, 4, False),
]

# (n_times, n_fft, n_per_seg, n_overlap, window, average, detrend)
WELCH = [
    (1000, 250, 250, 125, "hann", "mean", True),
    (1000, 250, 250, 125, "hann", "median", True),
    (1003, 256, 200, 100, "hamming", "mean", True),
    (1003, 255, 255, 200, "hamming", "median", True),
    (700, 101, 101, 0, "blackman", "mean", False),
    (130, 128, 65, 64, "boxcar", "median", False),
    (300, 300, 300, 0, "hann", "mean", True),
]

# (n_times, n_per_seg, n_overlap, window, average, detrend)
WELCH_SCIPY = [
    (1000, 250, 125, ("kaiser", 8.0), "mean", "linear"),
    (1003, 201, 60, "nuttall", "median", "linear"),
    (777, 777, 0, "boxcar", "mean", "constant"),
    (640, 128, 96, ("tukey", 0.5), "mean", "constant"),
]

# (n_times, bandwidth, low_bias, adaptive)
MULTITAPER = [
    (500, 4.0, True, False),
    (499, None, True, False),
    (500, 4.0, False, False),
    (499, 4.0, True, False),
    (499, 3.1, True, True),
    (500, 4.0, True, True),
    (500, 4.0, False, True),
    (500, 0.6, True, True),
    (60, 10.0, True, False),
]

# (sfreq, high_pass, low_pass)
FILTERS = [
    (100.0, 1.0, 40.0),
    (100.0, None, 30.0),
    (250.0, 0.5, None),
    (250.0, 1.0, 40.0),
    (250.0, None, 124.0),
    (250.0, 40.0, 100.0),
    (512.0, 55.0, 90.0),
    (500.0, 8.0, 13.0),
    (500.0, 30.0, 45.0),
    (1000.0, 100.0, 170.0),
    (1000.0, 0.1, 330.0),
    (160.0, 3.0, 79.0),
    (2048.0, 2.5, 70.3),
]
# (sfreq, order, high_pass, low_pass)
BUTTERWORTH = [
    (100.0, 4, 1.0, 40.0),
    (100.0, 4, 0.5, None),
    (100.0, 3, None, 30.0),
    (100.0, 5, 8.0, 13.0),
    (100.0, 1, None, 10.0),
    (100.0, 8, 2.0, 45.0),
]

# (n, from, to); MNE's resampling rounds rates and padding where ours does not, so these are lengths without rounding
RESAMPLED_FFT = [(1000, 250.0, 125.0), (1024, 512.0, 256.0), (320, 160.0, 320.0), (1024, 512.0, 128.0)]
RESAMPLED_POLYPHASE = [
    (1000, 250.0, 100.0),
    (320, 160.0, 512.0),
    (1024, 512.0, 200.0),
    (999, 250.0, 83.0),
    (64, 100.0, 300.0),
    (5, 100.0, 60.0),
]

# samples to filter at 100 Hz with 1 to 40 Hz (331 coefficients)
LENGTHS = [1, 2, 50, 165, 166, 331, 400, 4000]


def uniform_noise(n):
    """n numbers in [-0.5, 0.5) of the LCG of Numerical Recipes, seed 7."""
    state, out = 7, np.empty(n)
    for k in range(n):
        state = (1664525 * state + 1013904223) % 2**32
        out[k] = state / 2**32 - 0.5
    return out


def signal(n):
    """A 10 Hz rhythm of 3 µV on an offset of 20 µV, in noise."""
    t = np.arange(n)
    return 20 + 3 * np.sin(2 * np.pi * 10 * t / SFREQ) + 30 * uniform_noise(n)


def every(values, stride):
    return np.asarray(values)[..., ::stride].tolist()


WINDOWS = [
    *["boxcar", "bartlett", "triang", "cosine", "hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop"],
    *[("tukey", 0.25), ("tukey", 1.0), ("kaiser", 5.0), ("kaiser", 14.0), ("gaussian", 3.5)],
]


def windows():
    out = []
    for window in WINDOWS:
        name, parameter = window if isinstance(window, tuple) else (window, None)
        for n in (2, 9, 16):
            out.append(
                {
                    "name": name,
                    "parameter": parameter,
                    "n": n,
                    "periodic": get_window(window, n, fftbins=True).tolist(),
                    "symmetric": get_window(window, n, fftbins=False).tolist(),
                }
            )
    return out


def tapers():
    out = []
    for n, half_nbw, k_max, low_bias in TAPERS:
        values, ratios = dpss_windows(n, half_nbw, k_max, sym=False, low_bias=low_bias)
        stride = max(1, n // 50)
        out.append(
            {
                "n": n,
                "half_nbw": half_nbw,
                "k_max": k_max,
                "low_bias": low_bias,
                "stride": stride,
                "eigenvalues": ratios.tolist(),
                "tapers": every(values, stride),
            }
        )
    return out


def welch():
    out = []
    for n_times, n_fft, n_per_seg, n_overlap, window, average, detrend in WELCH:
        psd, freqs = psd_array_welch(
            signal(n_times),
            SFREQ,
            n_fft=n_fft,
            n_per_seg=n_per_seg,
            n_overlap=n_overlap,
            window=window,
            average=average,
            remove_dc=detrend,
            verbose=False,
        )
        out.append(
            {
                "n_times": n_times,
                "n_fft": n_fft,
                "n_per_seg": n_per_seg,
                "n_overlap": n_overlap,
                "window": window,
                "average": average,
                "detrend": detrend,
                "freqs_hz": freqs.tolist(),
                "psd": psd.tolist(),
            }
        )
    return out


def welch_of_scipy():
    """What MNE does not offer: other windows, a line removed from each segment."""
    out = []
    for n_times, n_per_seg, n_overlap, window, average, detrend in WELCH_SCIPY:
        _, psd = scipy_welch(
            signal(n_times) + 0.05 * np.arange(n_times),
            SFREQ,
            window=window,
            nperseg=n_per_seg,
            noverlap=n_overlap,
            average=average,
            detrend=detrend,
        )
        name, parameter = window if isinstance(window, tuple) else (window, None)
        out.append(
            {
                "n_times": n_times,
                "n_per_seg": n_per_seg,
                "n_overlap": n_overlap,
                "window": name,
                "parameter": parameter,
                "average": average,
                "detrend": detrend,
                "psd": psd.tolist(),
            }
        )
    return out


def multitaper():
    out = []
    for n_times, bandwidth, low_bias, adaptive in MULTITAPER:
        psd, freqs = psd_array_multitaper(
            signal(n_times),
            SFREQ,
            bandwidth=bandwidth,
            adaptive=adaptive,
            low_bias=low_bias,
            normalization="full",
            verbose=False,
        )
        out.append(
            {
                "n_times": n_times,
                "bandwidth_hz": bandwidth,
                "low_bias": low_bias,
                "adaptive": adaptive,
                "freqs_hz": freqs.tolist(),
                "psd": psd.tolist(),
            }
        )
    return out


def fourier():
    """Coefficients [taper][bin] that mne-connectivity sums: Slepian tapers, or one symmetric Hann window."""
    out = []
    for n_times in (120, 121):
        slepian, _ = dpss_windows(n_times, 4.0, 8, sym=False, low_bias=True)
        for kind, used in (("slepian", slepian), ("hann", np.hanning(n_times)[np.newaxis])):
            coefs, _ = _mt_spectra(signal(n_times)[np.newaxis], used, SFREQ)
            out.append(
                {
                    "n_times": n_times,
                    "kind": kind,
                    "re": coefs[0].real.tolist(),
                    "im": coefs[0].imag.tolist(),
                }
            )
    return out


def designs():
    out = []
    for sfreq, high_pass, low_pass in FILTERS:
        h = create_filter(None, sfreq, high_pass, low_pass, verbose=False)
        # symmetric: the first half and the middle, thinned out when long, the middle always among them
        half = len(h) // 2
        stride = max(1, half // 150)
        out.append(
            {
                "sfreq": sfreq,
                "high_pass_hz": high_pass,
                "low_pass_hz": low_pass,
                "n": len(h),
                "stride": stride,
                "from_middle": h[half::stride].tolist(),
                "sum_of_squares": float((h**2).sum()),
            }
        )
    return out


def filtered():
    out = []
    for n in LENGTHS:
        y = filter_data(signal(n), 100.0, 1.0, 40.0, verbose=False)
        stride = max(1, n // 100)
        out.append({"n": n, "stride": stride, "y": every(y, stride)})
    return out


def butterworth():
    """Gain of the design at some frequencies, and the forward-backward filtered signal."""
    out = []
    at_hz = np.array([0.1, 0.5, 1.0, 5.0, 10.0, 20.0, 30.0, 40.0, 49.0])
    for sfreq, order, high_pass, low_pass in BUTTERWORTH:
        kind = {(True, True): "bandpass", (True, False): "highpass", (False, True): "lowpass"}
        edges = [f for f in (high_pass, low_pass) if f is not None]
        btype = kind[high_pass is not None, low_pass is not None]
        edges = edges if len(edges) == 2 else edges[0]
        sos = butter(order, edges, btype, fs=sfreq, output="sos")
        _, response = sosfreqz(sos, at_hz, fs=sfreq)
        iir = {"order": order, "ftype": "butter", "output": "sos"}
        cases = []
        for n in (3, 166, 2000):
            y = filter_data(signal(n), sfreq, high_pass, low_pass, method="iir", iir_params=iir, verbose=False)
            stride = max(1, n // 100)
            cases.append({"n": n, "stride": stride, "y": every(y, stride)})
        out.append(
            {
                "sfreq": sfreq,
                "order": order,
                "high_pass_hz": high_pass,
                "low_pass_hz": low_pass,
                "at_hz": at_hz.tolist(),
                "gain": np.abs(response).tolist(),
                "filtered": cases,
            }
        )
    return out


def resampled():
    out = []
    for n, old, new in RESAMPLED_FFT:
        y = resample(signal(n), new, old, npad="auto", method="fft", verbose=False)
        out.append({"method": "fft", "n": n, "from": old, "to": new, "y": y.tolist()})
    for n, old, new in RESAMPLED_POLYPHASE:
        ratio = Fraction(new) / Fraction(old)
        y = resample_poly(signal(n), ratio.numerator, ratio.denominator, window=("kaiser", 5.0), padtype="reflect")
        if (n * ratio).denominator == 1:
            np.testing.assert_allclose(y, resample(signal(n), new, old, method="polyphase"), rtol=1e-12)
        out.append({"method": "polyphase", "n": n, "from": old, "to": new, "y": y.tolist()})
    return out


def spectra_to_fit():
    """Spectra (low, high, step; offset, exponent, height of a 10 Hz peak, log10 noise), as Rust makes them."""
    return [
        (1.0, 45.0, 0.5, 1.0, 1.5, 0.0, 0.0),
        (1.0, 45.0, 0.5, 1.0, 1.5, 0.3, 0.05),
        (2.0, 40.0, 0.25, -0.7, 0.8, 0.6, 0.2),
        (30.0, 45.0, 0.5, 2.0, 2.2, 0.0, 0.1),
        (20.0, 90.0, 0.5, 0.0, -0.3, 0.0, 0.3),
    ]


def aperiodic():
    out = []
    for low, high, step, offset, exponent, height, noise in spectra_to_fit():
        n = round((high - low) / step) + 1
        freqs = low + step * np.arange(n)
        log_psd = offset - exponent * np.log10(freqs)
        log_psd += height * np.exp(-((freqs - 10.0) ** 2) / 2.0)
        log_psd += noise * uniform_noise(n)
        model = SpectralModel(aperiodic_mode="fixed", max_n_peaks=0, verbose=False)
        model.fit(freqs, 10**log_psd)
        fitted_offset, fitted_exponent = model.results.get_params("aperiodic")
        out.append(
            {
                "low_hz": low,
                "step_hz": step,
                "n": n,
                "true_offset": offset,
                "true_exponent": exponent,
                "peak": height,
                "noise": noise,
                "offset": float(fitted_offset),
                "exponent": float(fitted_exponent),
                "r_squared": float(model.results.metrics.results["gof_rsquared"]),
                "mae": float(model.results.metrics.results["error_mae"]),
            }
        )
    return out


def write(name, content):
    made_with = {name: version(name) for name in ("mne", "scipy", "specparam", "numpy")}
    text = json.dumps({"made_with": made_with, **content}, separators=(",", ":"))
    (GOLDEN / name).write_text(text + "\n")


def main():
    x = signal(4000)
    samples = {"samples": [x[0], x[1], x[3999], float(x.sum())]}
    estimates = {"welch": welch(), "welch_of_scipy": welch_of_scipy(), "multitaper": multitaper(), "fourier": fourier()}
    write("spectral_psd.json", samples | estimates)
    write("spectral_tapers.json", {"windows": windows(), "tapers": tapers()})
    write("spectral_filters.json", {"designs": designs(), "filtered": filtered()})
    write("spectral_resampled.json", {"butterworth": butterworth(), "resampled": resampled()})
    write("spectral_aperiodic.json", {"fits": aperiodic()})


if __name__ == "__main__":
    main()
