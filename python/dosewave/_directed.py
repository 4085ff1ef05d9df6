"""Who foretells whom: Granger causality, vector autoregression, PDC and DTF, symbolic transfer entropy of arrays."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import _native


@dataclass(frozen=True)
class GrangerCausality:
    """Granger causality of one method, ``values`` of shape ``(n_connections, n_freqs)`` in nats."""

    method: str
    values: np.ndarray
    freqs: np.ndarray
    indices: list[tuple[list[int], list[int]]]
    """``(seeds, targets)`` of each connection."""
    n_epochs: int
    rank: list[tuple[int, int]]
    """Ranks of seeds and targets that were used."""
    reasons: list[str | None]
    """Why a connection is NaN (a silent channel, channels that are sums of others); ``None`` where it is not."""

    def get_data(self) -> np.ndarray:
        """``values``, as mne-connectivity names them."""
        return self.values


def granger(
    data,
    sfreq: float,
    method: str | Sequence[str] = ("gc", "gc_tr"),
    indices: tuple[Sequence, Sequence] | None = None,
    mode: str = "multitaper",
    fmin: float = 0.0,
    fmax: float | None = None,
    gc_n_lags: int = 40,
    rank: tuple[Sequence[int], Sequence[int]] | None = None,
    mt_bandwidth: float | None = None,
    mt_low_bias: bool = True,
    compat: str | None = None,
    n_jobs: int | None = None,
) -> GrangerCausality | list[GrangerCausality]:
    """Spectral Granger causality in state-space form, also of the signals reversed in time.

    Names and conventions of ``mne_connectivity.spectral_connectivity_epochs``. Barnett & Seth 2015
    (10.1103/PhysRevE.91.040101), Winkler et al. 2016 (10.1109/TSP.2016.2531628).

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs; the mean of each is removed.
    sfreq : float
        Sampling frequency, Hz.
    method : str or list of str
        ``"gc"`` from seeds to targets; ``"gc_tr"`` the same of the signals reversed in time, where a true influence
        turns round and what mixing alone makes does not; ``"gc_net"`` net and time-reversed,
        ``(gc - gc of targets to seeds) - (gc_tr - gc_tr of targets to seeds)``, positive where the seeds lead.
        One name returns one object, a list returns a list.
    indices : (seeds, targets), optional
        One entry per connection: a channel, or a list of channels that are taken together. Default: every channel to
        every other.
    mode : "multitaper" or "fourier"
        How Fourier coefficients are estimated.
    fmin, fmax : float
        Frequencies returned, Hz, both ends included; default all, 0 Hz to half the sampling frequency.
    gc_n_lags : int
        Lags of the autoregression.
    rank : (ranks of seeds, ranks of targets), optional
        One number per connection each; fewer than channels projects these to their main directions. Default: singular
        values of at least 1e-4 of the largest, in the worst epoch.
    mt_bandwidth, mt_low_bias
        Multitaper settings as in :func:`psd_multitaper`.
    compat : "mne", optional
        Autocovariances of the frequencies from ``fmin`` to ``fmax`` alone, as if these were the whole spectrum: the
        numbers of mne-connectivity 0.9 for the same ``fmin`` and ``fmax``. Without it all frequencies are used, and
        ``fmin`` and ``fmax`` only choose what is returned; over the whole spectrum of epochs with an even number of
        samples the two agree.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = _epochs(data)
    if compat not in (None, "mne"):
        raise ValueError(f"compat = {compat!r}; allowed: None, 'mne'")
    known = _native.granger_measures()
    names = [method] if isinstance(method, str) else list(method)
    for name in names:
        if name not in known:
            raise ValueError(f"method = {name!r}; allowed: {', '.join(known)}")
    n = data.shape[1]
    if indices is None:
        connections = [([i], [j]) for i in range(n) for j in range(n) if i != j]
    else:
        groups = [[_group(one) for one in side] for side in indices]
        if len(groups) != 2 or len(groups[0]) != len(groups[1]):
            raise ValueError(f"indices: {[len(side) for side in groups]} entries; expected as many seeds as targets")
        connections = list(zip(*groups, strict=True))
    ranks = None if rank is None else [(int(s), int(t)) for s, t in zip(*rank, strict=True)]
    band = (float(fmin), sfreq / 2 if fmax is None or not np.isfinite(fmax) else float(fmax), compat == "mne")
    values, freqs, reasons, ranks = _native.granger(
        data, sfreq, connections, ranks, gc_n_lags, (mode, mt_bandwidth, mt_low_bias), band, n_jobs
    )
    found = [
        GrangerCausality(name, values[known.index(name)], freqs, connections, data.shape[0], ranks, reasons)
        for name in names
    ]
    return found[0] if isinstance(method, str) else found


@dataclass(frozen=True)
class VarModel:
    """A vector autoregression ``x(t) = sum_k coefs[k - 1] @ x(t - k) + e(t)``."""

    coefs: np.ndarray
    """``(n_lags, n_channels, n_channels)``: lag, to, from."""
    noise_cov: np.ndarray
    """Covariance of ``e``."""
    n_samples: int
    """Number of predicted samples."""
    spectral_radius: float
    """Largest modulus of an eigenvalue of the companion matrix; the model is stable below 1."""
    durbin_watson: np.ndarray
    """Of each channel's residuals; about 2 where neighbours are uncorrelated."""
    residuals: np.ndarray
    """``(n_epochs, n_channels, n_times - n_lags)``."""

    def whiteness(self, n_lags: int) -> tuple[float, int, float]:
        """Portmanteau test that the residuals are white up to ``n_lags``: statistic, degrees of freedom, p."""
        return _native.portmanteau(self.residuals, len(self.coefs), n_lags)

    def granger(self, seeds, targets) -> float:
        """Granger causality over time from ``seeds`` to ``targets``, given all other channels, in nats."""
        return _native.granger_time(self.coefs, self.noise_cov, _group(seeds), _group(targets))


def var(data, lags: int = 1, l2_reg: float = 0.0, demean: bool = False) -> VarModel:
    """One vector autoregression of all epochs by least squares.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs; no sample is predicted across the edge of one.
    lags : int
        Number of lags; see :func:`var_order`.
    l2_reg : float
        Weight of the sum of squared coefficients beside the sum of squared errors; the square of mne-connectivity's
        ``l2_reg``.
    demean : bool
        Whether each epoch's mean is removed first. There is no constant in the model, so data with an offset need it;
        mne-connectivity does not do it.
    """
    coefs, noise, residuals, n_samples, radius, watson = _native.var(_epochs(data), lags, l2_reg, demean)
    return VarModel(coefs, noise, n_samples, radius, np.asarray(watson), residuals)


def var_order(data, max_lags: int, demean: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """AIC and BIC of 1, 2 ... ``max_lags`` lags, each fitted to the same samples; the least is best."""
    aic, bic = _native.var_order(_epochs(data), max_lags, demean)
    return np.asarray(aic), np.asarray(bic)


def pdc(model: VarModel | tuple, sfreq: float, freqs, generalized: bool = False) -> np.ndarray:
    """Partial directed coherence ``(to, from, freq)``, 0 to 1; the squares over ``to`` sum to 1.

    Baccalá & Sameshima 2001 (10.1007/PL00007990). ``generalized=True`` counts each channel in units of its noise
    (Baccalá, Sameshima & Takahashi 2007, 10.1109/ICDSP.2007.4288544), so that scaling a channel changes nothing.
    ``model`` is what :func:`var` returns, or coefficients ``(n_lags, to, from)`` with the noise covariance.
    """
    return _measure(model, "gpdc" if generalized else "pdc", sfreq, freqs)


def dtf(model: VarModel | tuple, sfreq: float, freqs, generalized: bool = False) -> np.ndarray:
    """Directed transfer function ``(to, from, freq)``, 0 to 1; the squares over ``from`` sum to 1.

    Kamiński & Blinowska 1991 (10.1007/BF00198091), whose measure is the square. ``generalized=True`` is the directed
    coherence, which counts each channel in units of its noise. ``model`` as in :func:`pdc`.
    """
    return _measure(model, "dc" if generalized else "dtf", sfreq, freqs)


def _measure(model, measure: str, sfreq: float, freqs) -> np.ndarray:
    coefs, noise = (model.coefs, model.noise_cov) if isinstance(model, VarModel) else model
    coefs, noise = np.asarray(coefs, dtype=np.float64), np.asarray(noise, dtype=np.float64)
    freqs = np.atleast_1d(np.asarray(freqs, dtype=np.float64))
    return _native.var_connectivity(coefs, noise, measure, freqs, float(sfreq))


@dataclass(frozen=True)
class SymbolicTransferEntropy:
    """Symbolic transfer entropy per connection and epoch, arrays ``(n_connections, n_epochs)``."""

    indices: list[tuple[int, int]]
    """``(source, target)`` of each connection."""
    bits: np.ndarray
    """As estimated."""
    shuffled_bits: np.ndarray
    """Its bias: the mean over shuffled sources."""
    conditional_entropy_bits: np.ndarray
    """Entropy of the target's next pattern given its present one: what there is to be told."""
    nste: np.ndarray
    """``(bits - shuffled_bits) / conditional_entropy_bits``; NaN where the target holds no surprise
    or the source is silent."""
    mean: np.ndarray
    """Mean of ``nste`` over epochs, per connection."""
    ci_low: np.ndarray
    """Lower end of its bootstrap interval over epochs; NaN for one epoch."""
    ci_high: np.ndarray
    """Upper end."""


def symbolic_transfer_entropy(
    data,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    dim: int = 3,
    delay: int = 1,
    prediction: int = 1,
    n_shuffles: int = 20,
    shuffle: str = "shift",
    level: float = 0.95,
    n_bootstrap: int = 2000,
    seed: int = 0,
    n_jobs: int | None = None,
) -> SymbolicTransferEntropy:
    """Transfer entropy of ordinal patterns, with its bias taken off and normalised (NSTE).

    Staniek & Lehnertz 2008 (10.1103/PhysRevLett.100.158101), Lee et al. 2013 (10.1097/ALN.0b013e31829103f5).

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Windows, commonly of 10 s.
    indices : (sources, targets), optional
        Channels of each connection; default every channel to every other.
    dim, delay : int
        Samples in a pattern, 2 to 5, and the distance between them.
    prediction : int
        How far ahead the target's pattern is foretold, samples.
    n_shuffles : int
        Shuffled sources that the bias is learnt from.
    shuffle : "shift" or "permutation"
        Turned round in time, or in random order as published. Patterns resemble their neighbours, which makes more
        bias than a random order shows: with "permutation" independent rhythms come out above 0.
    level, n_bootstrap : float, int
        Of the interval over epochs.
    seed : int
        Of shuffles and bootstrap.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = _epochs(data)
    n = data.shape[1]
    if indices is None:
        connections = [(i, j) for i in range(n) for j in range(n) if i != j]
    else:
        connections = [(int(s), int(t)) for s, t in zip(*indices, strict=True)]
    arrays, intervals = _native.symbolic_transfer_entropy(
        data, connections, (dim, delay, prediction), (n_shuffles, shuffle), (level, n_bootstrap), seed, n_jobs
    )
    mean, low, high = np.array(intervals, dtype=float).reshape(-1, 3).T
    return SymbolicTransferEntropy(connections, *arrays, mean, low, high)


def _epochs(data) -> np.ndarray:
    data = np.asarray(data, dtype=np.float64)
    if data.ndim != 3:
        raise ValueError(f"data has {data.ndim} axes; expected (n_epochs, n_channels, n_times)")
    return data


def _group(channels) -> list[int]:
    return [int(channel) for channel in np.atleast_1d(np.ma.compressed(channels))]
