"""Aperiodic models, IRASA, time-frequency maps and bursts of arrays."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import numpy as np

from . import _arrays, _native


@dataclass(frozen=True)
class AperiodicFit:
    """The 1/f background, ``log10 P = offset - log10(knee + f ** exponent)``.

    Fields are arrays or floats, as ``psd`` was.
    Without a knee it is ``offset - exponent * log10 f``. Where a spectrum cannot be fitted its numbers are NaN and
    ``reason`` says why.
    """

    exponent: np.ndarray | float
    offset: np.ndarray | float
    r_squared: np.ndarray | float
    mae: np.ndarray | float
    knee: np.ndarray | float | None = None
    knee_hz: np.ndarray | float | None = None
    """Knee frequency; NaN where the knee is not positive."""
    peaks: list[np.ndarray] | np.ndarray | None = None
    """With ``compat="specparam-2"``: per spectrum ``(n_peaks, 3)``, centre (Hz), power (log10), bandwidth (Hz)."""
    reason: list[str | None] | str | None = None


def aperiodic(
    freqs,
    psd,
    freq_range: tuple[float, float] = (1.0, 45.0),
    mode: str = "fixed",
    robust: bool = False,
    compat: str | None = None,
    **settings,
) -> AperiodicFit:
    """Fit the aperiodic part of spectra.

    Parameters
    ----------
    freqs : array, shape (n_freqs,)
        Frequencies, Hz.
    psd : array, shape (..., n_freqs)
        Power spectral densities; positive.
    freq_range : (low, high)
        Frequencies used, both ends included, Hz.
    mode : "fixed" or "knee"
        A straight line in log-log space, or one that bends into a plateau at low frequencies.
    robust : bool
        Whether spectral peaks are weighted down; ``False`` is plain least squares, specparam without peaks.
    compat : "specparam-2", optional
        The whole model of specparam 2 (Donoghue et al. 2020, 10.1038/s41593-020-00744-x): peaks are found, fitted and
        given in ``peaks``. Exponents and centres agree with it to 1e-3.
    **settings
        With ``compat``: ``peak_width_limits``, ``max_n_peaks``, ``min_peak_height``, ``peak_threshold`` and the
        rest, by specparam's names.
    """
    if mode not in ("fixed", "knee"):
        raise ValueError(f"mode = {mode!r}; allowed: 'fixed', 'knee'")
    if compat not in (None, "specparam-2"):
        raise ValueError(f"compat = {compat!r}; allowed: None, 'specparam-2'")
    if settings and compat is None:
        raise TypeError(f"{sorted(settings)} are settings of compat='specparam-2'")
    if compat is not None and robust:
        raise ValueError("robust = True is no part of compat='specparam-2'")
    freqs = np.asarray(freqs, dtype=np.float64)
    rows, shape = _arrays._rows(psd)
    if freqs.shape != (rows.shape[1],):
        raise ValueError(f"freqs has shape {freqs.shape}, psd has {rows.shape[1]} frequencies; they must agree")
    keep = (freqs >= freq_range[0]) & (freqs <= freq_range[1])
    freqs, rows = freqs[keep], np.ascontiguousarray(rows[:, keep])
    if compat is None and mode == "fixed":
        fits = _native.aperiodic(freqs, rows, robust)
        return AperiodicFit(*(_shaped(column, shape) for column in fits))
    if compat is None:
        return _fits(_native.knee(freqs, rows, robust), shape, mode, with_peaks=False)
    limits = settings.get("max_n_peaks")
    if limits is not None and not np.isfinite(limits):
        settings = {key: value for key, value in settings.items() if key != "max_n_peaks"}
    found = _native.specparam(freqs, rows, json.dumps({"aperiodic_mode": mode, **settings}))
    return _fits(found, shape, mode, with_peaks=True)


def _shaped(values, shape):
    values = np.asarray(values)
    return values.reshape(shape) if shape else float(values[0])


def _fits(found, shape, mode: str, with_peaks: bool) -> AperiodicFit:
    (offset, knee, exponent, r_squared, mae), peaks, reasons = found
    if not shape and reasons[0] is not None:
        raise ValueError(reasons[0])
    if not with_peaks:
        peaks = None
    knee_hz = np.full_like(knee, np.nan)
    positive = knee > 0
    knee_hz[positive] = knee[positive] ** (1 / exponent[positive])
    return AperiodicFit(
        exponent=_shaped(exponent, shape),
        offset=_shaped(offset, shape),
        r_squared=_shaped(r_squared, shape),
        mae=_shaped(mae, shape),
        knee=_shaped(knee, shape) if mode == "knee" else None,
        knee_hz=_shaped(knee_hz, shape) if mode == "knee" else None,
        peaks=(peaks if shape else peaks[0]) if peaks is not None else None,
        reason=reasons if shape else None,
    )


@dataclass(frozen=True)
class Irasa:
    """Spectra in their aperiodic and oscillatory parts, with a line through the first in log-log space."""

    freqs: np.ndarray
    psd: np.ndarray
    aperiodic: np.ndarray
    oscillatory: np.ndarray
    offset: np.ndarray | float
    exponent: np.ndarray | float
    """Positive for a falling spectrum."""
    r_squared: np.ndarray | float


def irasa(
    x,
    sfreq: float,
    band: tuple[float, float] = (1.0, 30.0),
    hset=None,
    win_sec: float = 4.0,
    window="hamming",
    average: str = "median",
    high_pass: float = 0.0,
    low_pass: float | None = None,
    n_jobs: int | None = None,
) -> Irasa:
    """Separate the aperiodic part of signals from rhythms (Wen & Liu 2016, 10.1007/s10548-015-0448-0).

    Parameters
    ----------
    x : array, shape (..., n_times)
        Signals without a gap, µV.
    sfreq : float
        Sampling frequency, Hz.
    band : (low, high)
        Range evaluated, Hz. Widened by the largest factor it must lie between ``high_pass`` and ``low_pass``.
    hset : array, optional
        Factors of resampling; default 1.1, 1.15 ... 1.9.
    win_sec, window, average :
        Length, taper and averaging of Welch segments.
    high_pass, low_pass : float, optional
        The recording's filters, Hz; beyond them a spectrum falls for another reason.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    rows, shape = _arrays._rows(x)
    hset = [(110 + 5 * k) / 100 for k in range(17)] if hset is None else [float(h) for h in hset]
    named, values = _arrays._window(window)
    if values is not None:
        raise TypeError("window must be a name or (name, parameter): segments have many lengths")
    edges = (float(band[0]), float(band[1]))
    freqs, parts, lines = _native.irasa(
        rows, float(sfreq), edges, hset, float(win_sec), named, average, (float(high_pass), low_pass), n_jobs
    )
    psd, aperiodic_part, oscillatory = (np.array(parts[k::3]).reshape(*shape, len(freqs)) for k in range(3))
    offset, exponent, r_squared = (_shaped([line[k] for line in lines], shape) for k in range(3))
    return Irasa(freqs, psd, aperiodic_part, oscillatory, offset, exponent, r_squared)


@dataclass(frozen=True)
class TimeFrequency:
    """Averages over epochs, ``(n_channels, n_freqs, n_times)``; ``times`` start at 0 with the first sample."""

    freqs: np.ndarray
    times: np.ndarray
    power: np.ndarray
    itpc: np.ndarray
    evoked_power: np.ndarray
    ppc: np.ndarray | None
    """Pairwise phase consistency; ``None`` of a single epoch."""
    valid: list[tuple[int, int]] = field(default_factory=list)
    """Per frequency the samples that no end of an epoch has a part in, ``start:stop``."""


def time_frequency(
    data,
    sfreq: float,
    freqs,
    n_cycles=7.0,
    method: str = "morlet",
    time_bandwidth: float = 4.0,
    zero_mean: bool = True,
    decim: int = 1,
    n_jobs: int | None = None,
) -> TimeFrequency:
    """Average power and phase locking over time and frequency.

    Equals MNE's ``tfr_array_morlet`` and ``tfr_array_multitaper`` (``avg_power``, ``itc``). Memory does not grow with
    the number of epochs beyond the data themselves.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs, µV.
    sfreq : float
        Sampling frequency, Hz.
    freqs : array
        Frequencies, Hz.
    n_cycles : float or array
        Cycles of a wavelet, one number or one for each frequency.
    method : "morlet" or "multitaper"
    time_bandwidth : float
        Of the multitaper method.
    zero_mean : bool
        Whether wavelets have no mean.
    decim : int
        Every how many samples a value is given.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = np.asarray(data, dtype=np.float64)
    if data.ndim != 3:
        raise ValueError(f"data has shape {data.shape}; expected (n_epochs, n_channels, n_times)")
    freqs = np.asarray(freqs, dtype=np.float64).ravel()
    cycles = np.asarray(n_cycles, dtype=np.float64).ravel().tolist()
    methods = {"morlet": "morlet", "multitaper": {"multitaper": {"time_bandwidth": float(time_bandwidth)}}}
    if method not in methods:
        raise ValueError(f"method = {method!r}; allowed: 'morlet', 'multitaper'")
    params = {"freqs_hz": freqs.tolist(), "n_cycles": cycles, "method": methods[method]}
    params |= {"zero_mean": bool(zero_mean), "decim": int(decim)}
    maps, times, valid = _native.time_frequency(data, float(sfreq), json.dumps(params), n_jobs)
    power, itpc, evoked = maps[:3]
    return TimeFrequency(freqs, times, power, itpc, evoked, maps[3] if len(maps) > 3 else None, valid)


@dataclass(frozen=True)
class Bursts:
    """Stretches in which an amplitude envelope stays above its threshold."""

    bursts: list[tuple[int, int, int]]
    """Run, first sample, number of samples."""
    threshold: float
    seconds: float
    rate_hz: float
    dwell_mean_s: float | None
    dwell_median_s: float | None
    occupancy: float


def bursts(envelope, sfreq: float, centre: float, threshold_mads: float = 2.5, min_cycles: float = 3.0) -> Bursts:
    """Find bursts: at least ``min_cycles`` cycles of ``centre`` Hz above median + ``threshold_mads`` MAD (not scaled).

    ``envelope`` is one array or a list of runs between gaps; the threshold is one for all.
    """
    runs = envelope if isinstance(envelope, list | tuple) else [envelope]
    runs = [np.ascontiguousarray(run, dtype=np.float64).ravel() for run in runs]
    return Bursts(*_native.bursts(runs, float(sfreq), float(centre), float(threshold_mads), float(min_cycles)))
