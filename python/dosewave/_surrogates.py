"""Connectivity beside what it comes out as without any coupling."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import _connectivity, _native


@dataclass(frozen=True)
class ConnectivityNull:
    """A measure of pairs with its null distribution over surrogates.

    Arrays have shape ``(n_pairs, n_freqs)`` (or bands), NaN where the measure is undefined.
    """

    method: str
    kind: str
    """How channels were decoupled."""
    freqs: np.ndarray
    """Frequencies, or the mean frequency of each band, Hz."""
    indices: tuple[np.ndarray, np.ndarray]
    """Seeds and targets of the pairs."""
    values: np.ndarray
    """As measured; what :func:`spectral_connectivity` gives."""
    p: np.ndarray
    """``(1 + surrogates at least as strong) / (1 + n_surrogates)`` of each pair by itself.

    Two-sided for ``imcoh`` (by its modulus) and ``dpli`` (by its distance from 0.5), one-sided for all others."""
    p_max: np.ndarray
    """The same against the strongest pair of each surrogate: corrected for the number of pairs, not of bands."""
    null_mean: np.ndarray
    """Mean over surrogates: what bias alone gives with this number of epochs."""
    null_sd: np.ndarray
    """Standard deviation over surrogates."""
    expected: float
    """Expectation for independent Gaussian signals, see :func:`expected_connectivity`."""
    n_epochs: int
    n_tapers: int
    n_surrogates: int
    seed: int
    surrogates: np.ndarray | None = None
    """With ``keep=True``: ``(n_surrogates, n_pairs, n_freqs)``."""

    def dense(self, name: str = "values") -> np.ndarray:
        """Return ``values``, ``p`` or another array as ``(n_freqs, n_nodes, n_nodes)``, symmetric, 0 elsewhere."""
        flat = getattr(self, name)
        seeds, targets = self.indices
        n = int(max(seeds.max(), targets.max())) + 1
        out = np.zeros((flat.shape[1], n, n))
        out[:, seeds, targets] = flat.T
        out[:, targets, seeds] = flat.T
        return out

    def __repr__(self) -> str:
        """Name the measure and the sizes."""
        n_pairs, n_freqs = self.values.shape
        return (
            f"<ConnectivityNull {self.method}: {n_pairs} pairs, {n_freqs} frequencies, {self.n_epochs} epochs, "
            f"{self.n_surrogates} surrogates ({self.kind})>"
        )


def connectivity_surrogates(
    data,
    sfreq: float,
    method: str = "wpli2_debiased",
    kind: str = "epoch_shuffle",
    n_surrogates: int = 1000,
    seed: int = 0,
    mode: str = "multitaper",
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    faverage: bool = False,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    mt_bandwidth: float | None = None,
    mt_low_bias: bool = True,
    keep: bool = False,
    n_jobs: int | None = None,
) -> ConnectivityNull:
    """Hold a measure of :func:`spectral_connectivity` against surrogates without coupling.

    Each channel is rearranged by itself, which decouples all pairs at once. Fourier coefficients are computed once.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs.
    sfreq : float
        Sampling frequency, Hz.
    method : str
        One of ``coh imcoh plv ciplv ppc pli pli2_unbiased dpli wpli wpli2_debiased``.
    kind : "epoch_shuffle", "phase" or "time_shift"
        The epochs of each channel are put in a random order of their own; or each epoch of each channel is turned
        by a random phase, one for all its frequencies, so that amplitudes stay together; or the epochs of each channel
        are moved on by a random number of epochs, the last ones coming first, which keeps what neighbouring epochs
        have in common, but gives each pair only ``n_epochs`` different surrogates.
    n_surrogates, seed
        How many, and the seed of the random numbers. No p-value is below ``1 / (1 + n_surrogates)``.
    mode, fmin, fmax, faverage, indices, mt_bandwidth, mt_low_bias
        As in :func:`spectral_connectivity`.
    keep : bool
        Whether the value of every surrogate is returned.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = _connectivity._epochs(data)
    lows, highs, _ = _connectivity._bands(fmin, fmax, 5.0 * sfreq / data.shape[2], sfreq / 2, faverage)
    pairs = _connectivity._pairs(indices, data.shape[1])
    arrays, freqs, n_tapers, expected, surrogates = _native.connectivity_surrogates(
        data,
        sfreq,
        method,
        kind,
        n_surrogates,
        seed,
        keep,
        (mode, mt_bandwidth, mt_low_bias),
        list(zip(lows, highs, strict=True)),
        faverage,
        pairs,
        n_jobs,
    )
    seeds, targets = np.asarray(pairs, dtype=int).reshape(-1, 2).T
    return ConnectivityNull(
        method=method,
        kind=kind,
        freqs=freqs,
        indices=(seeds, targets),
        **dict(zip(("values", "p", "p_max", "null_mean", "null_sd"), arrays, strict=True)),
        expected=expected,
        n_epochs=data.shape[0],
        n_tapers=n_tapers,
        n_surrogates=n_surrogates,
        seed=seed,
        surrogates=surrogates,
    )


def expected_connectivity(method: str, n_epochs: int, n_tapers: int = 1) -> float:
    """Return the value of a measure that independent Gaussian signals have on average: its bias.

    It depends on the number of epochs, so conditions can only be compared with equal numbers. With ``N`` epochs of
    ``K`` tapers: ``coh`` about ``sqrt(pi / 4NK)``, ``plv`` ``sqrt(pi / 4N)``, ``ciplv`` ``sqrt(1 / pi N)``, ``pli``
    about ``sqrt(2 / pi N)``, ``wpli`` ``2 / sqrt(pi N)`` for one taper and towards ``1 / sqrt(N)`` for many, ``dpli``
    0.5, and 0 for ``imcoh``, ``ppc``, ``pli2_unbiased`` and ``wpli2_debiased``.
    """
    return _native.expected_connectivity(method, n_epochs, n_tapers)
