"""Coupling of envelopes, of groups of channels, by the slope of phase, and lagged coherence."""

from __future__ import annotations

import json
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from . import _arrays, _connectivity, _native

_SCALES = ("amplitude", "power", "log_power")


class EnvelopeCorrelation:
    """Correlations of envelopes, as :func:`envelope_correlation` returns them; NaN where they are not defined."""

    def __init__(self, values, pairs, n_nodes, names, settings):
        self._values = values
        self._pairs = pairs
        self.n_nodes = n_nodes
        self.names = names
        self.settings = settings
        """What was asked, as a dict."""

    @property
    def n_epochs(self) -> int:
        """Number of epochs."""
        return self._values.shape[0]

    @property
    def indices(self) -> tuple[np.ndarray, np.ndarray]:
        """First and second channel of the pairs."""
        pairs = np.asarray(self._pairs, dtype=int).reshape(-1, 2)
        return pairs[:, 0], pairs[:, 1]

    def get_data(self, output: str = "dense") -> np.ndarray:
        """Return the correlations.

        ``"dense"``: ``(n_epochs, n_nodes, n_nodes, 1)`` as mne-connectivity's, symmetric, pairs that were not asked for
        and the diagonal zero (without orthogonalisation the diagonal is one). ``"raveled"``: ``(n_epochs, n_pairs)``.
        """
        if output == "raveled":
            return self._values.copy()
        if output != "dense":
            raise ValueError(f"output = {output!r}; allowed: 'dense', 'raveled'")
        dense = np.zeros((self.n_epochs, self.n_nodes, self.n_nodes, 1))
        if self.settings["orthogonalize"] == "none":
            dense[:, np.arange(self.n_nodes), np.arange(self.n_nodes)] = 1.0
        rows, cols = self.indices
        dense[:, rows, cols, 0] = self._values
        dense[:, cols, rows, 0] = self._values
        return dense

    def combine(self) -> np.ndarray:
        """Mean over the epochs where a pair is defined, ``(n_nodes, n_nodes)``; NaN where it is in none."""
        dense = self.get_data()[..., 0]
        defined = np.isfinite(dense)
        with np.errstate(invalid="ignore"):
            return np.where(defined, dense, 0.0).sum(axis=0) / defined.sum(axis=0)

    def __repr__(self) -> str:
        """Name the sizes."""
        return f"<EnvelopeCorrelation: {len(self._pairs)} pairs, {self.n_epochs} epochs>"


def envelope_correlation(
    data,
    names: Sequence[str] | None = None,
    orthogonalize: str | bool | None = "pairwise",
    log: bool = False,
    absolute: bool = True,
    *,
    scale: str | None = None,
    correct_attenuation: bool = False,
    sfreq: float | None = None,
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    n_jobs: int | None = None,
) -> EnvelopeCorrelation | list[EnvelopeCorrelation]:
    """Correlate the amplitude envelopes of channels, of each epoch by itself.

    Equals mne-connectivity's ``envelope_correlation``, with ``symmetric_orth`` before it where
    ``orthogonalize="symmetric"``.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Analytic signals of a band (complex), or real signals, of which the Hilbert transform is taken epoch by epoch,
        as long as the epoch (mne-connectivity pads to the next fast length, which differs a little at the ends).
    names : sequence of str, optional
        Names of the channels, to be kept with the result.
    orthogonalize : "pairwise", "symmetric" or None
        How what channels share at zero lag is taken out: of each pair and sample (Hipp et al. 2012, 10.1038/nn.3101),
        of all channels of an epoch together (Colclough et al. 2015, 10.1016/j.neuroimage.2015.04.047; real signals
        that do not depend on each other), or not at all (also ``False``).
    log : bool
        Whether logarithms of power are correlated in place of amplitudes.
    absolute : bool
        Whether moduli of correlations are taken, of both directions of a pair before they are averaged; only of
        pairwise orthogonalised ones, as in mne-connectivity.
    scale : "amplitude", "power" or "log_power", optional
        In place of ``log``.
    correct_attenuation : bool
        Whether values are divided by what pairwise orthogonalisation leaves of two equal envelopes of Gaussian signals:
        0.692 of amplitudes, 0.7071 of powers, 0.5774 of logarithms of power. Values may then exceed 1.
    sfreq, fmin, fmax : float or sequence of float, optional
        Bands, Hz, to which real signals are filtered first, epoch by epoch (MNE's ``filter_data``). Where the recording
        is at hand, filter it before it is cut. Not for logarithms of power: a filter reflects the ends of an epoch, all
        channels have one phase there, and the logarithm of what is orthogonal is that of rounding.
    indices : (first, second), optional
        Pairs; default all.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.

    Returns
    -------
    EnvelopeCorrelation
        With several bands a list. A correlation that is not defined is NaN, and a warning says how many are: an
        envelope that does not vary, the logarithm of an amplitude that is zero at a sample, or two channels that are
        one signal, of which orthogonalisation leaves only rounding.
    """
    data = np.asarray(data)
    if data.ndim != 3:
        raise ValueError(f"data has {data.ndim} axes; expected (n_epochs, n_channels, n_times)")
    settings = _envelope_settings(orthogonalize, log, scale, absolute, correct_attenuation)
    n_nodes = data.shape[1]
    if names is not None and len(names) != n_nodes:
        raise ValueError(f"names has {len(names)} entries, data has {n_nodes} channels; they must agree")
    pairs = _pairs(indices, n_nodes)
    bands = _bands(sfreq, fmin, fmax)
    if bands is not None and settings["scale"] == "log_power" and settings["orthogonalize"] == "pairwise":
        raise ValueError(
            "log power of epochs that are filtered one by one: at their reflected ends all channels have one phase; "
            "filter the recording before it is cut"
        )
    text = json.dumps(settings)
    if np.iscomplexobj(data):
        if bands is not None:
            raise ValueError("fmin, fmax: bands are filtered of real signals; data is complex")
        data = np.asarray(data, dtype=np.complex128)
        found = [_native.envelope_correlation_analytic(data, pairs, text, n_jobs)]
    else:
        found = _native.envelope_correlation(np.asarray(data, dtype=np.float64), pairs, text, bands, n_jobs)
    missing, total = sum(int(np.isnan(values).sum()) for values in found), sum(values.size for values in found)
    if missing:
        warnings.warn(
            f"{missing} of {total} correlations are not defined (NaN): flat envelopes, zero amplitudes under a "
            "logarithm, or channels that are one signal",
            RuntimeWarning,
            stacklevel=2,
        )
    names = list(names) if names is not None else None
    results = [EnvelopeCorrelation(values, pairs, n_nodes, names, settings) for values in found]
    return results if np.ndim(fmin) > 0 else results[0]


def _envelope_settings(orthogonalize, log, scale, absolute, correct_attenuation) -> dict:
    allowed = {"pairwise": "pairwise", "symmetric": {"symmetric": {}}, None: "none", False: "none", "none": "none"}
    if orthogonalize not in allowed:
        raise ValueError(f"orthogonalize = {orthogonalize!r}; allowed: 'pairwise', 'symmetric', None")
    if scale is None:
        scale = "log_power" if log else "amplitude"
    elif log and scale != "log_power":
        raise ValueError(f"log = True and scale = {scale!r}; give one of the two")
    if scale not in _SCALES:
        raise ValueError(f"scale = {scale!r}; allowed: {', '.join(map(repr, _SCALES))}")
    return {
        "orthogonalize": allowed[orthogonalize],
        "scale": scale,
        "absolute": bool(absolute) and orthogonalize == "pairwise",
        "correct_attenuation": bool(correct_attenuation),
    }


def _pairs(indices, n_nodes: int) -> list[tuple[int, int]]:
    if indices is None:
        seeds, targets = np.tril_indices(n_nodes, -1)
    else:
        seeds, targets = np.asarray(indices[0], dtype=int), np.asarray(indices[1], dtype=int)
        if seeds.shape != targets.shape or seeds.ndim != 1:
            raise ValueError(f"indices: {seeds.shape} seeds and {targets.shape} targets; they must agree")
    for channel in (*seeds, *targets):
        if not 0 <= channel < n_nodes:
            raise ValueError(f"indices: no channel {channel}; allowed: 0 to {n_nodes - 1}")
    return [(int(s), int(t)) for s, t in zip(seeds, targets, strict=True)]


def _bands(sfreq, fmin, fmax):
    if fmin is None and fmax is None:
        return None
    if sfreq is None or fmin is None or fmax is None:
        raise ValueError("a band takes sfreq, fmin and fmax")
    return float(sfreq), _edges(fmin, fmax)


def _edges(fmin, fmax) -> list[tuple[float, float]]:
    lows, highs = np.atleast_1d(fmin).astype(float), np.atleast_1d(fmax).astype(float)
    if lows.shape != highs.shape or lows.ndim != 1:
        raise ValueError(f"fmin has {lows.size} values, fmax has {highs.size}; they must agree")
    return [(float(low), float(high)) for low, high in zip(lows, highs, strict=True)]


def _epochs(data) -> np.ndarray:
    data = np.asarray(data, dtype=np.float64)
    if data.ndim != 3:
        raise ValueError(f"data has {data.ndim} axes; expected (n_epochs, n_channels, n_times)")
    return data


def _default_edges(data, sfreq, fmin, fmax) -> list[tuple[float, float]]:
    low = 5.0 * sfreq / data.shape[2] if fmin is None else fmin
    return _edges(low, sfreq / 2 if fmax is None else fmax)


@dataclass(frozen=True)
class MultivariateConnectivity:
    """Interaction of groups, as :func:`spectral_connectivity_multivariate` returns it."""

    method: str
    freqs: np.ndarray
    n_epochs: int
    n_tapers: int
    indices: tuple[list[list[int]], list[list[int]]]
    rank: tuple[list[int], list[int]]
    """Ranks that seeds and targets of each connection were projected to."""
    patterns: list[tuple[np.ndarray, np.ndarray]] | None
    """Of ``"mic"`` without ``faverage``: per connection ``(n_seeds, n_freqs)`` and ``(n_targets, n_freqs)``."""
    _values: np.ndarray = field(repr=False)

    def get_data(self, output: str = "raveled") -> np.ndarray:
        """Return the values, ``(n_connections, n_freqs)``."""
        if output != "raveled":
            raise ValueError(f"output = {output!r}; allowed: 'raveled'")
        return self._values.copy()


def spectral_connectivity_multivariate(
    data,
    sfreq: float,
    indices: tuple[Sequence[Sequence[int]], Sequence[Sequence[int]]],
    method: str | Sequence[str] = "mim",
    mode: str = "multitaper",
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    faverage: bool = False,
    mt_bandwidth: float | None = None,
    mt_low_bias: bool = True,
    rank: tuple[Sequence[int], Sequence[int]] | None = None,
    n_jobs: int | None = None,
) -> MultivariateConnectivity | list[MultivariateConnectivity]:
    """Interaction of groups of channels, blind to mixing at zero lag.

    Ewald et al. 2012, 10.1016/j.neuroimage.2011.11.084.
    Equals mne-connectivity's ``mim`` and, but for its sign, ``mic``.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs.
    sfreq : float
        Sampling frequency, Hz.
    indices : (seeds, targets)
        For each connection the channels of the one and of the other group, as mne-connectivity takes them.
    method : "mim", "mic" or a list of these
        Multivariate interaction measure; maximised imaginary coherency, whose sign says nothing and is positive here.
    mode, fmin, fmax, faverage, mt_bandwidth, mt_low_bias
        As in :func:`spectral_connectivity`. Means over a band are of the values of its bins.
    rank : (of the seeds, of the targets), optional
        Ranks that the groups are projected to; default the lowest rank of their cross-spectra at any frequency.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = _epochs(data)
    names = [method] if isinstance(method, str) else list(method)
    for name in names:
        if name not in ("mic", "mim"):
            raise KeyError(f"no method '{name}' of groups; known: mic, mim")
    seeds, targets = ([[int(channel) for channel in group] for group in side] for side in indices)
    if len(seeds) != len(targets):
        raise ValueError(f"indices: {len(seeds)} groups of seeds and {len(targets)} of targets; they must agree")
    for channel in (channel for group in (*seeds, *targets) for channel in group):
        if not 0 <= channel < data.shape[1]:
            raise ValueError(f"indices: no channel {channel}; allowed: 0 to {data.shape[1] - 1}")
    ranks = None if rank is None else [(int(a), int(b)) for a, b in zip(*rank, strict=True)]
    groups = (list(zip(seeds, targets, strict=True)), ranks)
    mic, mim, freqs, patterns, used, n_tapers = _native.group_interaction(
        data,
        float(sfreq),
        (mode, mt_bandwidth, mt_low_bias),
        _default_edges(data, sfreq, fmin, fmax),
        bool(faverage),
        groups,
        n_jobs,
    )
    rank = ([a for a, _ in used], [b for _, b in used])
    found = [
        MultivariateConnectivity(
            name,
            freqs,
            data.shape[0],
            n_tapers,
            (seeds, targets),
            rank,
            patterns if name == "mic" and not faverage else None,
            mic if name == "mic" else mim,
        )
        for name in names
    ]
    return found[0] if isinstance(method, str) else found


class PhaseSlope(_connectivity.SpectralConnectivity):
    """Phase-slope index of pairs and bands, as :func:`phase_slope_index` returns it."""

    def __init__(self, *args, standard_error):
        super().__init__(*args)
        self.standard_error = standard_error
        """By the jackknife over epochs, ``(n_pairs, n_bands)``."""


def phase_slope_index(
    data,
    sfreq: float,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    mode: str = "multitaper",
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    mt_bandwidth: float | None = None,
    mt_low_bias: bool = True,
    normalize: bool = False,
    n_jobs: int | None = None,
) -> PhaseSlope:
    """Direction of flow by the slope of phase over frequency (Nolte et al. 2008, 10.1103/PhysRevLett.100.234101).

    Positive where the seed leads. Equals mne-connectivity's ``phase_slope_index``, but that bins on the edges of a band
    belong to it here.

    Parameters
    ----------
    data : array, shape (n_epochs, n_channels, n_times)
        Epochs.
    sfreq : float
        Sampling frequency, Hz.
    indices : (seeds, targets), optional
        Pairs; default all, seed after target.
    mode, fmin, fmax, mt_bandwidth, mt_low_bias
        As in :func:`spectral_connectivity`; each band gives one value and must hold two bins.
    normalize : bool
        Whether values are divided by their standard errors, which the jackknife over epochs tells.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    data = _epochs(data)
    pairs = _pairs(indices, data.shape[1])
    bands = _default_edges(data, sfreq, fmin, fmax)
    psi, error, freqs, n_tapers = _native.phase_slope_index(
        data, float(sfreq), (mode, mt_bandwidth, mt_low_bias), bands, pairs, n_jobs
    )
    values = psi / error if normalize else psi
    sizes = (data.shape[1], data.shape[0], n_tapers)
    return PhaseSlope("psi", freqs, values, pairs, *sizes, standard_error=error)


def lagged_connectivity(
    data,
    sfreq: float,
    mode: str = "multitaper",
    fmin: float | Sequence[float] | None = None,
    fmax: float | Sequence[float] | None = None,
    faverage: bool = False,
    indices: tuple[Sequence[int], Sequence[int]] | None = None,
    mt_bandwidth: float | None = None,
    mt_low_bias: bool = True,
    log: bool = False,
    n_jobs: int | None = None,
) -> _connectivity.SpectralConnectivity:
    """Lagged coherence between channels, squared: ``Im(c)**2 / (1 - Re(c)**2)`` with ``c`` the coherency.

    The part of the dependence that is not instantaneous (Pascual-Marqui et al. 2011, 10.1098/rsta.2011.0081);
    ``log=True`` gives ``-ln(1 - value)``, the lagged linear connectivity. Other parameters as in
    :func:`spectral_connectivity`. Not the lagged coherence of a channel with itself: that is :func:`lagged_coherence`.
    """
    data = _epochs(data)
    pairs = _pairs(indices, data.shape[1])
    bands = _default_edges(data, sfreq, fmin, fmax)
    settings = (mode, mt_bandwidth, mt_low_bias)
    values, freqs, n_tapers = _native.lagged_connectivity(
        data, float(sfreq), settings, bands, bool(faverage), pairs, bool(log), n_jobs
    )
    method = "lagged_linear_connectivity" if log else "lagged_coherence_squared"
    return _connectivity.SpectralConnectivity(method, freqs, values, pairs, data.shape[1], data.shape[0], n_tapers)


def lagged_coherence(x, sfreq: float, freqs, n_cycles: float = 3.0, n_jobs: int | None = None):
    """Lagged coherence of signals with themselves: how rhythmic they are.

    How well the phase of ``n_cycles`` cycles foretells that of the next; 1 for a rhythm that never slips, near 0 for
    noise (Fransen et al. 2015, 10.1016/j.neuroimage.2015.06.003). neurodsp's ``compute_lagged_coherence`` at each
    frequency. Not the lagged coherence between two channels: that is :func:`lagged_connectivity`.

    Parameters
    ----------
    x : array, shape (..., n_times)
        Signals without a gap.
    sfreq : float
        Sampling frequency, Hz.
    freqs : float or array
        Frequencies, Hz.
    n_cycles : float
        Cycles of a stretch.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.

    Returns
    -------
    array, shape (..., n_freqs)
        Without the last axis where ``freqs`` is one number. NaN for a silent signal.
    """
    rows, shape = _arrays._rows(x)
    wanted = np.atleast_1d(freqs).astype(float).ravel().tolist()
    found = _native.lagged_coherence(rows, float(sfreq), wanted, float(n_cycles), n_jobs)
    if np.ndim(freqs) == 0:
        return found[:, 0].reshape(shape) if shape else float(found[0, 0])
    return found.reshape(*shape, len(wanted))
