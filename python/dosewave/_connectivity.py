"""Connectivity of pairs of channels, with the names and conventions of mne-connectivity."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from . import _native


class SpectralConnectivity:
    """Connectivity of pairs, as :func:`spectral_connectivity` and its kin return it.

    Attributes
    ----------
    method : str
        The measure.
    freqs : array, shape (n_freqs,)
        Frequencies, or the mean frequency of each band, Hz.
    indices : (array, array)
        Seeds and targets of the pairs.
    n_nodes : int
        Channels of the data.
    n_epochs : int
        Epochs that a value is made of: the length of a window, or 1 where samples of one epoch take their place.
    n_tapers : int
        Tapers of each epoch.
    first_epochs : array or None
        First epoch of each window, from :func:`sliding_connectivity`.
    """

    def __init__(self, method, freqs, values, pairs, n_nodes, n_epochs, n_tapers, n_leading=0, first_epochs=None):
        self.method = method
        self.freqs = freqs
        self.n_nodes = n_nodes
        self.n_epochs = n_epochs
        self.n_tapers = n_tapers
        self.first_epochs = first_epochs
        self._pairs = pairs
        self._values = values
        # axes in front of the pairs: windows or epochs
        self._n_leading = n_leading

    def get_data(self, output: str = "dense") -> np.ndarray:
        """Return the values; complex for ``cohy``.

        ``"dense"``: ``(n_nodes, n_nodes, n_freqs)``; of two nodes only the row of the later one is filled, as in
        mne-connectivity. ``"raveled"``: ``(n_pairs, n_freqs)``, pairs as in :attr:`indices`. Windows or epochs, where
        there are several, are an axis in front; wavelets over epochs have an axis of times at the end.
        """
        if output == "raveled":
            return self._values.copy()
        if output != "dense":
            raise ValueError(f"output = {output!r}; allowed: 'dense', 'raveled'")
        shape, at = self._values.shape, self._n_leading
        dense = np.zeros((*shape[:at], self.n_nodes, self.n_nodes, *shape[at + 1 :]), dtype=self._values.dtype)
        rows, cols = self.indices
        dense[(slice(None),) * at + (rows, cols)] = self._values
        return dense

    @property
    def indices(self) -> tuple[np.ndarray, np.ndarray]:
        """Seeds and targets of the pairs."""
        pairs = np.asarray(self._pairs, dtype=int).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    @property
    def shape(self) -> tuple[int, ...]:
        """Shape of the raveled values: pairs and frequencies (or bands), windows or epochs in front, times behind."""
        return self._values.shape

    def __repr__(self) -> str:
        """Name the measure and the sizes."""
        n_pairs, n_freqs = self.shape[self._n_leading : self._n_leading + 2]
        text = f"<SpectralConnectivity {self.method}: {n_pairs} pairs, {n_freqs} frequencies, {self.n_epochs} epochs"
        if self._n_leading:
            text += f", {self.shape[0]} {'windows' if self.first_epochs is not None else 'of them'}"
        return text + ">"


def _edges(value, default: float) -> list[float]:
    if value is None:
        return [default]
    return [float(v) for v in np.atleast_1d(value)]


def _bands(fmin, fmax, low: float, high: float, faverage: bool) -> tuple[list[float], list[float], bool]:
    lows, highs = _edges(fmin, low), _edges(fmax, high)
    if len(lows) != len(highs):
        raise ValueError(f"fmin has {len(lows)} values, fmax has {len(highs)}; they must agree")
    return lows, highs, bool(faverage)


def _epochs(data) -> np.ndarray:
    data = np.asarray(data, dtype=np.float64)
    if data.ndim != 3:
        raise ValueError(f"data has {data.ndim} axes; expected (n_epochs, n_channels, n_times)")
    return data


def _pairs(indices, n_channels: int) -> list[tuple[int, int]]:
    if indices is None:
        seeds, targets = np.tril_indices(n_channels, -1)
    else:
        seeds, targets = np.asarray(indices[0], dtype=int), np.asarray(indices[1], dtype=int)
        if seeds.shape != targets.shape or seeds.ndim != 1:
            raise ValueError(f"indices: {seeds.shape} seeds and {targets.shape} targets; they must agree")
        if (np.minimum(seeds, targets) < 0).any():
            raise ValueError(f"indices: negative channel numbers; allowed: 0 to {n_channels - 1}")
    return list(zip(seeds.tolist(), targets.tolist(), strict=True))


def _names(method: str | Sequence[str]) -> list[str]:
    return [method] if isinstance(method, str) else list(method)


def _in_order(names: list[str], real: list, coherency) -> list:
    """Values in the order of the names: the native half keeps the complex measure apart."""
    real = iter(real)
    return [coherency if name == "cohy" else next(real) for name in names]


def _refuse_adaptive(mt_adaptive: bool) -> None:
    if mt_adaptive:
        raise ValueError("mt_adaptive = True; allowed: False (the cross-spectrum needs the same weights for all)")


def _refuse_no_bands(mode: str, fmin, fmax) -> None:
    if mode == "hilbert" and (fmin is None or fmax is None):
        raise ValueError("fmin, fmax = None; mode 'hilbert' needs the edges of its bands, which it filters to")


def _edge(hilbert_edge) -> float | None:
    return None if hilbert_edge is None else float(hilbert_edge)


def _cycles(n_cycles) -> list[float]:
    return [float(v) for v in np.atleast_1d(n_cycles)]


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
    *,
    cwt_freqs: Sequence[float] | None = None,
    cwt_n_cycles: float | Sequence[float] = 7.0,
    hilbert_edge: float | None = None,
) -> SpectralConnectivity | list[SpectralConnectivity]:
    """Phase and amplitude relations of pairs over epochs; equals mne-connectivity's ``spectral_connectivity_epochs``.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs. The array is not copied: do not write to it from another thread meanwhile.
    sfreq : float
        Sampling frequency, Hz.
    method : str or list of str
        ``coh cohy imcoh plv ciplv ppc pli pli2_unbiased dpli wpli wpli2_debiased``. One name returns one object, a
        list returns a list. All are computed from one pass over the data, and only what they need; ``cohy`` is
        complex.
    mode : "multitaper", "fourier", "cwt_morlet" or "hilbert"
        How Fourier coefficients are estimated: Slepian tapers, one Hann window, Morlet wavelets, which give one value
        per frequency and sample, or the analytic signal of each band (MNE's zero-phase FIR, then the Hilbert transform
        of each epoch), of which every sample of every epoch is an observation: one value per band. Samples resemble
        their neighbours, so that biased measures are larger than so many observations suggest.
    fmin, fmax : float or sequence of float
        Band edges, Hz; default five cycles per epoch, and half the sampling frequency.
    faverage : bool
        Whether values are averaged over the frequencies of each band ("hilbert" has one value per band anyway).
    indices : (seeds, targets), optional
        Pairs; default all, seed after target.
    mt_bandwidth, mt_adaptive, mt_low_bias
        Multitaper settings as in :func:`psd_multitaper`; ``mt_adaptive=True`` is refused.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    cwt_freqs, cwt_n_cycles
        Frequencies, Hz, and lengths in cycles (one number or one per frequency) of the wavelets.
    hilbert_edge : float, optional
        What mode "hilbert" cuts off at both ends of an epoch, s; default half the length of the filter, as far as the
        ends reach.

    Returns
    -------
    con : SpectralConnectivity or list of SpectralConnectivity
        Values ``(n_pairs, n_freqs)``, with wavelets ``(n_pairs, n_freqs, n_times)``; NaN where a measure is undefined
        (a silent channel).

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> x = rng.standard_normal((60, 1, 500))
    >>> both = np.concatenate([x, np.roll(x, 2, axis=2)], axis=1)  # the second channel is 10 ms late
    >>> dpli = spectral_connectivity(both, 200.0, "dpli", fmin=8, fmax=13, faverage=True, indices=([0], [1]))
    >>> float(dpli.get_data("raveled")[0, 0])
    1.0
    """
    data, names = _epochs(data), _names(method)
    _refuse_adaptive(mt_adaptive)
    _refuse_no_bands(mode, fmin, fmax)
    if mode == "cwt_morlet" and cwt_freqs is None:
        raise ValueError("cwt_freqs = None; mode 'cwt_morlet' needs frequencies")
    n_epochs, n_channels, n_times = data.shape
    pairs = _pairs(indices, n_channels)
    bands = _bands(fmin, fmax, 5.0 * sfreq / n_times, sfreq / 2, faverage)
    wavelets = (_edges(cwt_freqs, 0.0), _cycles(cwt_n_cycles))
    tapers = (mt_bandwidth, mt_low_bias)
    real, coherency, freqs, n_values, n_tapers = _native.spectral_connectivity(
        data, sfreq, names, mode, bands, pairs, tapers, wavelets, _edge(hilbert_edge), n_jobs
    )
    found = []
    for name, values in zip(names, _in_order(names, real, coherency), strict=True):
        if mode == "cwt_morlet":
            values = values.reshape(len(pairs), len(freqs), n_values)
        found.append(SpectralConnectivity(name, freqs, values, pairs, n_channels, n_epochs, n_tapers))
    return found[0] if isinstance(method, str) else found


def sliding_connectivity(
    data,
    sfreq: float,
    length: int,
    step: int = 1,
    method: str | Sequence[str] = "wpli2_debiased",
    mode: str = "multitaper",
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    faverage: bool = True,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    mt_bandwidth: float | None = None,
    mt_adaptive: bool = False,
    mt_low_bias: bool = True,
    n_jobs: int | None = None,
    *,
    hilbert_edge: float | None = None,
) -> SpectralConnectivity | list[SpectralConnectivity]:
    """Time course of :func:`spectral_connectivity`: over windows of epochs that slide along the data.

    Each window is what :func:`spectral_connectivity` gives for its epochs, but every epoch is transformed and every
    cross-spectrum computed once, however many windows it lies in. All windows have the same number of epochs, so that
    measures which depend on it can be compared along the course.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs in the order of time. The array is not copied: do not write to it from another thread meanwhile.
    sfreq : float
        Sampling frequency, Hz.
    length, step : int
        Epochs of a window, and from the start of one to the start of the next.
    method, mode, fmin, fmax, faverage, indices, mt_bandwidth, mt_adaptive, mt_low_bias, n_jobs, hilbert_edge
        As in :func:`spectral_connectivity`, for ``mode`` "multitaper", "fourier" or "hilbert" and measures that are
        real.

    Returns
    -------
    con : SpectralConnectivity or list of SpectralConnectivity
        Values ``(n_windows, n_pairs, n_freqs)``; ``first_epochs`` says where each window starts.

    Examples
    --------
    >>> import numpy as np
    >>> epochs = np.random.default_rng(0).standard_normal((40, 3, 200))
    >>> course = sliding_connectivity(epochs, 100.0, length=20, step=5, method="wpli", fmin=8, fmax=13)
    >>> course.shape, course.first_epochs.tolist()
    ((5, 3, 1), [0, 5, 10, 15, 20])
    """
    data, names = _epochs(data), _names(method)
    _refuse_adaptive(mt_adaptive)
    _refuse_no_bands(mode, fmin, fmax)
    for name, value in (("length", length), ("step", step)):
        if value < 1:
            raise ValueError(f"{name} = {value}; allowed: 1 or more epochs")
    n_channels, n_times = data.shape[1:]
    pairs = _pairs(indices, n_channels)
    bands = _bands(fmin, fmax, 5.0 * sfreq / n_times, sfreq / 2, faverage)
    tapers = (mt_bandwidth, mt_low_bias)
    values, freqs, first, n_tapers = _native.sliding_connectivity(
        data, sfreq, (length, step), names, mode, bands, pairs, tapers, _edge(hilbert_edge), n_jobs
    )
    first = np.asarray(first, dtype=int)
    found = [
        SpectralConnectivity(name, freqs, v, pairs, n_channels, length, n_tapers, 1, first)
        for name, v in zip(names, values, strict=True)
    ]
    return found[0] if isinstance(method, str) else found


def spectral_connectivity_time(
    data,
    sfreq: float,
    freqs=None,
    method: str | Sequence[str] = "wpli",
    average: bool = False,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    faverage: bool = False,
    sm_times: float = 0.0,
    sm_freqs: int = 1,
    sm_kernel: str = "hanning",
    padding: float | None = None,
    mode: str = "cwt_morlet",
    mt_bandwidth: float = 4.0,
    n_cycles: float | Sequence[float] = 7.0,
    decim: int = 1,
    n_jobs: int | None = None,
) -> SpectralConnectivity | list[SpectralConnectivity]:
    """Phase and amplitude relations of pairs over the samples of each epoch; as mne-connectivity.

    Another estimand than :func:`spectral_connectivity`: there, how constant a relation is from epoch to epoch; here,
    how constant it is within an epoch. Neighbouring samples hold nearly the same, so the values of a single epoch are
    large without any coupling: compare epochs of the same length, and hold them against surrogates.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs. The array is not copied: do not write to it from another thread meanwhile.
    sfreq : float
        Sampling frequency, Hz.
    freqs : array, shape (n_freqs,)
        Frequencies of the wavelets, Hz, ascending; not for "hilbert".
    method : str or list of str
        ``coh cohy imcoh plv ciplv pli wpli`` as there, and by the same formulas, samples taking the place of epochs,
        ``ppc pli2_unbiased dpli wpli2_debiased``, which are not unbiased here.
    average : bool
        Whether values are averaged over epochs.
    indices : (seeds, targets), optional
        Pairs; default all, seed after target.
    fmin, fmax : float or sequence of float
        Band edges, Hz, both included; default all of ``freqs``. "hilbert" filters to them, and has one value per band.
    faverage : bool
        Whether values are averaged over the frequencies of each band. (mne-connectivity 0.9.0 lets a band of several
        frequencies end at twice the index of its last, so that its averages differ.)
    sm_times, sm_freqs, sm_kernel
        Smoothing of the cross-spectra: length in s, number of frequencies, and "hanning" or "square" weights.
    padding : float, optional
        What is cut off at both ends of an epoch after the transform, s; default nothing, and half the length of the
        filter for "hilbert".
    mode : "cwt_morlet", "multitaper" or "hilbert"
        Morlet wavelets (with their mean, as there), Slepian tapers of ``n_cycles / freq`` seconds, or the analytic
        signal of each band (MNE's zero-phase FIR, then the Hilbert transform of each epoch).
    mt_bandwidth : float
        Length of a taper times the full width of its band.
    n_cycles : float or sequence of float
        Length of the wavelets in cycles: one number or one per frequency.
    decim : int
        Every how many samples a value is taken.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.

    Returns
    -------
    con : SpectralConnectivity or list of SpectralConnectivity
        Values ``(n_epochs, n_pairs, n_freqs)``, or ``(n_pairs, n_freqs)`` with ``average``.

    Examples
    --------
    >>> import numpy as np
    >>> t = np.arange(1000) / 250
    >>> tone = np.stack([np.sin(2 * np.pi * 10 * t), np.sin(2 * np.pi * 10 * t - 1)])
    >>> con = spectral_connectivity_time(tone[np.newaxis], 250.0, [10.0], "plv", padding=0.5)
    >>> float(con.get_data("raveled").round(3)[0, 0, 0])
    1.0
    """
    data, names = _epochs(data), _names(method)
    if mode not in ("cwt_morlet", "multitaper", "hilbert"):
        raise ValueError(f"mode = {mode!r}; allowed: 'cwt_morlet', 'multitaper', 'hilbert'")
    _refuse_no_bands(mode, fmin, fmax)
    freqs = [] if freqs is None else [float(f) for f in np.atleast_1d(freqs)]
    if mode == "hilbert":
        if freqs or decim != 1:
            raise ValueError("freqs and decim; mode 'hilbert' has bands for frequencies, and takes every sample")
    elif not freqs:
        raise ValueError("freqs is empty; give at least one frequency")
    if decim < 1:
        raise ValueError(f"decim = {decim}; allowed: 1 or more")
    pairs = _pairs(indices, data.shape[1])
    bands = _bands(fmin, fmax, min(freqs, default=0.0), max(freqs, default=0.0), faverage)
    smoothing = (max(round(round(sm_times * sfreq) / decim), 1), max(int(sm_freqs), 1), sm_kernel)
    wavelets = (freqs, _cycles(n_cycles), float(mt_bandwidth) if mode == "multitaper" else None)
    if mode == "hilbert":
        wavelets = None
    real, coherency, found_freqs = _native.spectral_connectivity_time(
        data, sfreq, names, wavelets, bands, pairs, smoothing, _edge(padding), decim, average, n_jobs
    )
    n_tapers = max(int(mt_bandwidth - 1), 1) if mode == "multitaper" else 1
    found = []
    for name, values in zip(names, _in_order(names, real, coherency), strict=True):
        values, leading = (values[0], 0) if average else (values, 1)
        found.append(SpectralConnectivity(name, found_freqs, values, pairs, data.shape[1], 1, n_tapers, leading))
    return found[0] if isinstance(method, str) else found
