"""Array functions, for people who bring their own arrays."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from . import _native


def _rows(x) -> tuple[np.ndarray, tuple[int, ...]]:
    """``x`` as float64 rows ``(n_signals, n_times)``, and the shape in front of the last axis."""
    x = np.asarray(x, dtype=np.float64)
    if x.ndim == 0:
        raise ValueError("expected an array (..., n_times), got a single number")
    return x.reshape(-1, x.shape[-1]), x.shape[:-1]


def psd_welch(
    x,
    sfreq: float,
    n_fft: int | None = None,
    n_overlap: int | None = None,
    n_per_seg: int | None = None,
    window="hann",
    average: str = "mean",
    detrend: str | bool = "constant",
    n_jobs: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Power spectral density by Welch's method (1967, 10.1109/TAU.1967.1161901).

    Equals SciPy's ``welch`` and MNE's ``psd_array_welch`` with the same settings.

    Parameters
    ----------
    x : array, shape (..., n_times)
        Signals, in µV.
    sfreq : float
        Sampling frequency, Hz.
    n_fft, n_per_seg, n_overlap : int
        Length of the FFT (default: 4 s, at most the signal), of a segment (default: ``n_fft``), and how many
        samples neighbouring segments share (default: half a segment).
    window : str, (str, float) or array of ``n_per_seg`` values
        Taper of a segment, by SciPy's names: "hann", "hamming", "blackman", "boxcar", ("kaiser", 14.0) …
    average : "mean" or "median"
        How segments are averaged; the median is corrected for its bias.
    detrend : "constant", "linear" or "none"
        What is removed from each segment: its mean, its line, or nothing (``True`` and ``False`` are "constant"
        and "none").
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.

    Returns
    -------
    psd : array, shape (..., n_freqs)
        One-sided density, µV²/Hz.
    freqs : array, shape (n_freqs,)
        Frequencies, Hz.
    """
    rows, shape = _rows(x)
    if n_fft is None:
        n_fft = n_per_seg if n_per_seg is not None else min(rows.shape[1], round(4 * sfreq))
    if n_per_seg is None:
        n_per_seg = n_fft
    if n_overlap is None:
        n_overlap = n_per_seg // 2
    named, values = _window(window)
    if isinstance(detrend, (bool, np.bool_)):
        detrend = "constant" if detrend else "none"
    psd, freqs = _native.psd_welch(rows, sfreq, n_fft, n_per_seg, n_overlap, named, values, average, detrend, n_jobs)
    return psd.reshape(*shape, -1), freqs


def psd_periodogram(
    x, sfreq: float, window="boxcar", detrend: str | bool = "constant", n_jobs: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Periodogram: :func:`psd_welch` with one segment that is the whole signal.

    Parameters and returns as there; SciPy's ``periodogram``.
    """
    n_times = np.shape(x)[-1] if np.ndim(x) else 0
    return psd_welch(x, sfreq, n_fft=n_times, n_overlap=0, window=window, detrend=detrend, n_jobs=n_jobs)


def _window(window) -> tuple[tuple[str, float | None], list[float] | None]:
    """Name and parameter of a window, or its values."""
    if isinstance(window, str):
        return (window, None), None
    if isinstance(window, tuple) and len(window) == 2 and isinstance(window[0], str):
        return (window[0], float(window[1])), None
    return ("boxcar", None), [float(value) for value in np.asarray(window, dtype=np.float64).ravel()]


def psd_multitaper(
    x,
    sfreq: float,
    bandwidth: float | None = 4.0,
    adaptive: bool = False,
    low_bias: bool = True,
    n_jobs: int | None = None,
) -> tuple[np.ndarray, np.ndarray]:
    """Power spectral density by DPSS multitapers (Thomson 1982, 10.1109/PROC.1982.12433).

    Equals MNE's ``psd_array_multitaper(..., normalization="full")``.

    Parameters
    ----------
    x : array, shape (..., n_times)
        Signals, in µV.
    sfreq : float
        Sampling frequency, Hz.
    bandwidth : float or None
        Full bandwidth of the tapers, Hz; ``None`` is 8 / duration.
    adaptive : bool
        Whether tapers are weighted adaptively.
    low_bias : bool
        Whether only tapers with an eigenvalue above 0.9 are used.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.

    Returns
    -------
    psd : array, shape (..., n_freqs)
        One-sided density, µV²/Hz.
    freqs : array, shape (n_freqs,)
        Frequencies, Hz.
    """
    rows, shape = _rows(x)
    psd, freqs = _native.psd_multitaper(rows, sfreq, bandwidth, adaptive, low_bias, n_jobs)
    return psd.reshape(*shape, -1), freqs


def band_power(
    freqs,
    psd,
    band: tuple[float, float],
    line_hz: float | None = None,
    line_width: float = 4.0,
    method: str = "trapezoid",
):
    """Mean of spectra over ``[low, high)``, in the unit of ``psd``.

    Parameters
    ----------
    freqs : array, shape (n_freqs,)
        Frequencies, Hz, ascending.
    psd : array, shape (..., n_freqs)
        Power spectral densities.
    band : (low, high)
        Band, Hz; the upper end is left out.
    line_hz, line_width : float, optional
        Mains frequency, and the width of what is left out around it and its harmonics, Hz; by default nothing is.
    method : "trapezoid" or "bins"
        Trapezoid integral divided by its width, as the markers have it, or the plain mean of the bins, as many papers
        do: in a narrow band of a steep spectrum the two differ, by 0.3 dB of change at 1-4 Hz with bins of 0.5 Hz.

    Returns
    -------
    power : array, shape (...), or float
        As many values as there are spectra.
    """
    rows, shape = _rows(psd)
    freqs = np.ascontiguousarray(freqs, dtype=np.float64)
    if freqs.shape != (rows.shape[1],):
        raise ValueError(f"freqs has shape {freqs.shape}, psd has {rows.shape[1]} frequencies; they must agree")
    if method not in ("trapezoid", "bins"):
        raise ValueError(f"method = {method!r}; allowed: 'trapezoid', 'bins'")
    power = _native.band_power(freqs, rows, tuple(map(float, band)), line_hz, line_width / 2, method == "bins")
    return power.reshape(shape) if shape else float(power[0])


@dataclass(frozen=True)
class SignedRank:
    """Sums of the ranks of positive and negative differences, two-sided p, and the number of differences not zero."""

    w_plus: float
    w_minus: float
    p: float
    n: int


def wilcoxon(differences) -> SignedRank:
    """Test whether differences are symmetric around zero, by Wilcoxon's signed ranks (1945, 10.2307/3001968).

    Zeros are left out. ``p`` is exact for up to 50 differences, with ties as well; above that the normal approximation.
    """
    return SignedRank(*_native.wilcoxon(np.ascontiguousarray(differences, dtype=np.float64)))
