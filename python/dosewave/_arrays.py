"""Array functions, for people who bring their own arrays."""

from __future__ import annotations

from collections.abc import Sequence
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


class SpectralConnectivity:
    """Connectivity of all pairs, as :func:`spectral_connectivity` returns it."""

    def __init__(self, method, freqs, values, pairs, n_nodes, n_epochs, n_tapers):
        self.method = method
        self.freqs = freqs
        self.n_nodes = n_nodes
        self.n_epochs = n_epochs
        self.n_tapers = n_tapers
        self._pairs = pairs
        self._values = values

    def get_data(self, output: str = "dense") -> np.ndarray:
        """Return the values.

        ``"dense"``: ``(n_nodes, n_nodes, n_freqs)``; of two nodes only the row of the later one is filled, as in
        mne-connectivity. ``"raveled"``: ``(n_pairs, n_freqs)``, pairs as in :attr:`indices`.
        """
        if output == "raveled":
            return self._values.copy()
        if output != "dense":
            raise ValueError(f"output = {output!r}; allowed: 'dense', 'raveled'")
        dense = np.zeros((self.n_nodes, self.n_nodes, self._values.shape[1]))
        rows, cols = self.indices
        dense[rows, cols] = self._values
        return dense

    @property
    def indices(self) -> tuple[np.ndarray, np.ndarray]:
        """Seeds and targets of the pairs."""
        pairs = np.asarray(self._pairs, dtype=int).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    @property
    def shape(self) -> tuple[int, int]:
        """Number of pairs and of frequencies (or bands)."""
        return self._values.shape

    def __repr__(self) -> str:
        """Name the measure and the sizes."""
        n_pairs, n_freqs = self.shape
        return f"<SpectralConnectivity {self.method}: {n_pairs} pairs, {n_freqs} frequencies, {self.n_epochs} epochs>"


def _edges(value, default: float) -> list[float]:
    if value is None:
        return [default]
    return [float(v) for v in np.atleast_1d(value)]


def _bands(fmin, fmax, sfreq: float, n_times: int) -> tuple[list[float], list[float]]:
    """Lower and upper edges; by default five cycles per epoch, and half the sampling frequency."""
    lows, highs = _edges(fmin, 5.0 * sfreq / n_times), _edges(fmax, sfreq / 2)
    if len(lows) != len(highs):
        raise ValueError(f"fmin has {len(lows)} values, fmax has {len(highs)}; they must agree")
    return lows, highs


def _pairs(indices, n_channels: int) -> list[tuple[int, int]]:
    """Pairs (seed, target); by default all, seed after target."""
    if indices is None:
        seeds, targets = np.tril_indices(n_channels, -1)
    else:
        seeds, targets = np.asarray(indices[0], dtype=int), np.asarray(indices[1], dtype=int)
        if seeds.shape != targets.shape or seeds.ndim != 1:
            raise ValueError(f"indices: {seeds.shape} seeds and {targets.shape} targets; they must agree")
    return [(int(s), int(t)) for s, t in zip(seeds, targets, strict=True)]


def spectral_connectivity(
    data,
    sfreq: float,
    method: str | Sequence[str] = "wpli2_debiased",
    mode: str = "multitaper",
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    faverage: bool = False,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    mt_bandwidth: float | None = None,
    mt_adaptive: bool = False,
    mt_low_bias: bool = True,
    n_jobs: int | None = None,
) -> SpectralConnectivity | list[SpectralConnectivity]:
    """Phase and amplitude relations of all pairs over epochs; names and conventions of mne-connectivity.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs.
    sfreq : float
        Sampling frequency, Hz.
    method : str or list of str
        ``coh imcoh plv ciplv ppc pli pli2_unbiased dpli wpli wpli2_debiased``. One name returns one object, a
        list returns a list. All are computed from one pass over the data.
    mode : "multitaper" or "fourier"
        How Fourier coefficients are estimated.
    fmin, fmax : float or sequence of float
        Band edges, Hz; default five cycles per epoch, and half the sampling frequency.
    faverage : bool
        Whether values are averaged over the frequencies of each band.
    indices : (seeds, targets), optional
        Pairs; default all, seed after target.
    mt_bandwidth, mt_adaptive, mt_low_bias
        Multitaper settings as in :func:`psd_multitaper`; ``mt_adaptive=True`` is refused.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = np.asarray(data, dtype=np.float64)
    if data.ndim != 3:
        raise ValueError(f"data has {data.ndim} axes; expected (n_epochs, n_channels, n_times)")
    if mt_adaptive:
        raise ValueError("mt_adaptive = True; allowed: False (the cross-spectrum needs the same weights for all)")
    names = [method] if isinstance(method, str) else list(method)
    n_channels = data.shape[1]
    lows, highs = _bands(fmin, fmax, sfreq, data.shape[2])
    pairs = _pairs(indices, n_channels)
    values, freqs, n_tapers = _native.spectral_connectivity(
        data, sfreq, names, mode, lows, highs, faverage, pairs, mt_bandwidth, mt_low_bias, n_jobs
    )
    found = [
        SpectralConnectivity(name, freqs, v, pairs, n_channels, data.shape[0], n_tapers)
        for name, v in zip(names, values, strict=True)
    ]
    return found[0] if isinstance(method, str) else found
