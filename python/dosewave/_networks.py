"""Networks of connectivities: graph measures, and tests of their edges over subjects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import _native


@dataclass(frozen=True)
class GraphMeasures:
    """Measures of a network at one or more densities.

    Values are NaN where a measure is undefined (the path length of a network that falls into parts).
    """

    densities: np.ndarray
    """Shares of the possible edges that were kept."""
    strength: np.ndarray
    """Sum of the weights of each node's edges, ``(n_densities, n_nodes)``."""
    clustering: np.ndarray
    """Weighted clustering of each node, ``(n_densities, n_nodes)`` (Onnela 2005)."""
    local_efficiency: np.ndarray
    """Efficiency of each node's neighbours among each other, ``(n_densities, n_nodes)``."""
    communities: np.ndarray
    """Number of each node's community, ``(n_densities, n_nodes)``."""
    values: dict[str, np.ndarray]
    """Measures of the whole, ``(n_densities,)`` each.

    ``density``, mean ``strength``, mean ``clustering``, ``path_length``, ``harmonic_path_length``,
    ``global_efficiency``, mean ``local_efficiency``, ``modularity``, ``small_worldness``."""
    area: dict[str, float]
    """Area under each over densities; NaN with one density, or where a value is missing."""


def graph_measures(
    weights,
    densities: Sequence[float] | None = (0.1, 0.15, 0.2, 0.25, 0.3),
    n_nulls: int = 1000,
    seed: int = 0,
    n_jobs: int | None = None,
) -> GraphMeasures:
    """Measure a network of connectivities at proportional thresholds.

    Weighted clustering is Onnela's (2005, 10.1103/PhysRevE.71.065103); an edge of weight ``w`` is ``1 / w`` long;
    efficiency is that of Latora & Marchiori (2001, 10.1103/PhysRevLett.87.198701); modularity is Newman's, of the best
    of ten seeded searches by the method of Louvain; small-worldness divides clustering over harmonic path length by the
    same of graphs with the same degrees and weights (Maslov & Sneppen 2002, 10.1126/science.1065103).

    Parameters
    ----------
    weights : array, shape (n_nodes, n_nodes)
        Symmetric, not negative; the diagonal is not looked at. Of debiased measures set what is below 0 to 0.
    densities : sequence of float, optional
        Shares of the possible edges to keep, the strongest ones, ascending; ``None`` for the network as it is.
    n_nulls, seed
        Graphs that small-worldness is held against (0 for none), and the seed of all random numbers.
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    weights = np.asarray(weights, dtype=np.float64)
    if weights.ndim != 2:
        raise ValueError(f"weights has {weights.ndim} axes; expected (n_nodes, n_nodes)")
    wanted = [] if densities is None else [float(d) for d in np.atleast_1d(densities)]
    params = json.dumps({"densities": wanted, "n_nulls": n_nulls, "seed": seed})
    nodes, whole = _native.graph_measures(weights, params, n_jobs)
    values = {name: np.array([np.nan if v is None else v for v in row]) for name, row, _ in whole}
    strength, clustering, efficiency, communities = (np.array(part) for part in zip(*nodes, strict=True))
    return GraphMeasures(
        densities=np.array(wanted) if wanted else values["density"],
        strength=strength,
        clustering=clustering,
        local_efficiency=efficiency,
        communities=communities,
        values=values,
        area={name: np.nan if area is None else area for name, _, area in whole},
    )


@dataclass(frozen=True)
class NetworkComponent:
    """A connected part of the edges whose t is beyond the threshold."""

    edges: list[tuple[int, int]]
    nodes: list[int]
    size: float
    p: float
    """Corrected for the whole network. It speaks of the component, not of each of its edges."""


@dataclass(frozen=True)
class NetworkStatistic:
    """What :func:`network_based_statistic` found. Matrices are ``(n_nodes, n_nodes)`` and symmetric."""

    t: np.ndarray
    """Student's t of each edge."""
    statistic: np.ndarray
    """Size of the component of each edge, or its enhanced strength."""
    p: np.ndarray
    """p of each edge, corrected for the whole network; that of its component, 1 where there is none."""
    components: list[NetworkComponent]
    """The largest first; none of the threshold-free statistic."""
    n_permutations: int
    exact: bool
    """Whether all arrangements of the subjects were tried, each once."""
    smallest_p: float
    """No p can be smaller."""


def network_based_statistic(
    a,
    b=None,
    threshold: float | None = None,
    statistic: str = "extent",
    tail: int = 0,
    n_permutations: int = 10_000,
    seed: int = 0,
    exponents: tuple[float, float] = (0.5, 2.0),
    n_jobs: int | None = None,
) -> NetworkStatistic:
    """Test which part of a network differs, holding the chance of a false finding anywhere in it.

    Parameters
    ----------
    a : array, shape (n_subjects, n_nodes, n_nodes)
        Symmetric matrices; without ``b`` differences within subjects (after minus before), whose signs are flipped.
    b : array, shape (n_subjects, n_nodes, n_nodes), optional
        Another group, which ``a`` is compared with; who belongs to which is permuted.
    threshold : float
        Of the modulus of t, for components.
    statistic : "extent", "intensity" or "tfce"
        The network-based statistic (Zalesky 2010, 10.1016/j.neuroimage.2010.06.041): connected components of edges
        beyond the threshold, by their number of edges or by the sum of what is beyond the threshold. Or threshold-free
        enhancement of each edge (Smith & Nichols 2009, 10.1016/j.neuroimage.2008.03.061; Baggio 2018,
        10.1002/hbm.24007), which needs no threshold and gives each edge its own p.
    tail : 0, 1 or -1
        Differences in both directions (which never form one component), upwards, or downwards.
    n_permutations, seed
        If the subjects have no more arrangements than that, each is tried once; otherwise so many are drawn.
    exponents : (E, H)
        Of extent and height, for "tfce".
    n_jobs : int, optional
        Threads; default all cores. The result does not depend on it.
    """
    a = _matrices(a, "a")
    groups = None
    if b is not None:
        b = _matrices(b, "b")
        if a.shape[1:] != b.shape[1:]:
            raise ValueError(f"a has {a.shape[1]} nodes, b has {b.shape[1]}; they must agree")
        groups = [True] * len(a) + [False] * len(b)
        a = np.concatenate([a, b])
    if statistic == "tfce":
        numbers = exponents
    elif threshold is None:
        raise ValueError(f"statistic = {statistic!r} needs a threshold of t (say 3.0)")
    else:
        numbers = (threshold, 0.0)
    n_nodes = a.shape[1]
    rows, cols = np.tril_indices(n_nodes, -1)
    edges = list(zip(rows.tolist(), cols.tolist(), strict=True))
    values = np.ascontiguousarray(a[:, rows, cols])
    maps, components, (n, exact, smallest) = _native.network_test(
        values, n_nodes, edges, groups, (statistic, *map(float, numbers)), tail, n_permutations, seed, n_jobs
    )

    def square(flat, diagonal):
        out = np.full((n_nodes, n_nodes), diagonal)
        out[rows, cols] = out[cols, rows] = flat
        return out

    t, sizes, p = (square(flat, diagonal) for flat, diagonal in zip(maps, (0.0, 0.0, 1.0), strict=True))
    found = [NetworkComponent([edges[e] for e in es], nodes, size, p) for es, nodes, size, p in components]
    return NetworkStatistic(t, sizes, p, found, n, exact, smallest)


def _matrices(values, name: str) -> np.ndarray:
    values = np.asarray(values, dtype=np.float64)
    if values.ndim != 3 or values.shape[1] != values.shape[2]:
        raise ValueError(f"{name} has shape {values.shape}; expected (n_subjects, n_nodes, n_nodes)")
    if not np.array_equal(values, values.transpose(0, 2, 1), equal_nan=True):
        raise ValueError(f"{name} is not symmetric; directed networks have no such components")
    return values
