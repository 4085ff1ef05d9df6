"""Graph measures beside networkx, and tests of networks."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dosewave as dw


def weights(n=24, density=0.4, seed=2):
    rng = np.random.default_rng(seed)
    w = np.triu(rng.uniform(0.05, 1, (n, n)) * (rng.uniform(size=(n, n)) < density), 1)
    # four communities
    same = np.arange(n)[:, None] // (n // 4) == np.arange(n) // (n // 4)
    w[np.triu(same, 1) & (w == 0)] = 0.5
    return w + w.T


@pytest.fixture
def nx():
    return pytest.importorskip("networkx")


def graph_of(nx, w):
    graph = nx.from_numpy_array(w)
    for _, _, edge in graph.edges(data=True):
        edge["length"] = 1 / edge["weight"]
    return graph


def lengths(nx, graph):
    n = len(graph)
    d = np.full((n, n), np.inf)
    for i, row in nx.all_pairs_dijkstra_path_length(graph, weight="length"):
        for j, length in row.items():
            d[i, j] = length
    return d[~np.eye(n, dtype=bool)]


def efficiency_around(nx, graph, node):
    neighbours = nx.convert_node_labels_to_integers(graph.subgraph(graph[node]))
    return (1 / lengths(nx, neighbours)).mean() if len(neighbours) > 1 else 0.0


@pytest.mark.parametrize("density", [0.1, 0.4])
def test_graph_measures_equal_networkx(nx, density):
    w = weights(density=density)
    graph = graph_of(nx, w)
    got = dw.graph_measures(w, densities=None, n_nulls=0)
    assert got.densities[0] == pytest.approx(nx.density(graph))
    assert_allclose(got.strength[0], [s for _, s in graph.degree(weight="weight")], rtol=1e-12)
    assert_allclose(got.clustering[0], list(nx.clustering(graph, weight="weight").values()), rtol=1e-10)
    d = lengths(nx, graph)
    assert got.values["global_efficiency"][0] == pytest.approx((1 / d).mean(), rel=1e-12)
    assert got.values["path_length"][0] == pytest.approx(d.mean(), rel=1e-12)
    local = [efficiency_around(nx, graph, node) for node in graph]
    assert_allclose(got.local_efficiency[0], local, rtol=1e-10)


def test_efficiencies_without_weights_equal_networkx(nx):
    w = (weights(density=0.1) > 0).astype(float)
    graph = nx.from_numpy_array(w)
    got = dw.graph_measures(w, densities=None, n_nulls=0)
    assert got.values["global_efficiency"][0] == pytest.approx(nx.global_efficiency(graph), rel=1e-12)
    assert got.values["local_efficiency"][0] == pytest.approx(nx.local_efficiency(graph), rel=1e-12)


def test_communities_are_as_good_as_those_of_networkx(nx):
    for seed in range(5):
        w = weights(n=40, density=0.15, seed=seed)
        graph = graph_of(nx, w)
        got = dw.graph_measures(w, densities=None, n_nulls=0)
        parts = [set(np.flatnonzero(got.communities[0] == c).tolist()) for c in np.unique(got.communities[0])]
        assert nx.community.modularity(graph, parts) == pytest.approx(got.values["modularity"][0], abs=1e-12)
        theirs = max(nx.community.modularity(graph, nx.community.louvain_communities(graph, seed=k)) for k in range(10))
        assert got.values["modularity"][0] > theirs - 0.005


def test_small_worldness_follows_a_rewired_lattice(nx):
    ring = nx.to_numpy_array(nx.connected_watts_strogatz_graph(60, 6, 0.1, seed=1))
    random = nx.to_numpy_array(nx.gnm_random_graph(60, 180, seed=1))
    sigma = [dw.graph_measures(w, densities=None, n_nulls=50).values["small_worldness"][0] for w in (ring, random)]
    assert sigma[0] > 2.5
    assert sigma[1] == pytest.approx(1.0, abs=0.35)


def test_a_sweep_keeps_the_strongest_edges_and_sums_up():
    w = weights()
    sweep = dw.graph_measures(w, densities=[0.1, 0.2, 0.3], n_nulls=20, seed=3)
    flat = np.sort(w[np.tril_indices(24, -1)])[::-1]
    assert_allclose(sweep.strength.sum(axis=1), [2 * flat[: round(d * 276)].sum() for d in (0.1, 0.2, 0.3)])
    e = sweep.values["global_efficiency"]
    assert sweep.area["global_efficiency"] == pytest.approx(0.05 * (e[0] + 2 * e[1] + e[2]))
    again = dw.graph_measures(w, densities=[0.1, 0.2, 0.3], n_nulls=20, seed=3, n_jobs=1)
    assert_array_equal(again.values["small_worldness"], sweep.values["small_worldness"])
    with pytest.raises(ValueError, match="must be 0"):
        dw.graph_measures(w - 0.1)


def subjects(n, rise, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.standard_normal((n, 10, 10)) + 0.4 * rng.standard_normal((n, 1, 1))
    x[:, :3, :3] += rise
    return np.tril(x, -1) + np.tril(x, -1).transpose(0, 2, 1)


def test_t_equals_scipy():
    stats = pytest.importorskip("scipy.stats")
    a, b = subjects(12, 1.0), subjects(9, 0.0, seed=1)
    rows, cols = np.tril_indices(10, -1)
    one = dw.network_based_statistic(a, threshold=3.0, n_permutations=10)
    assert_allclose(one.t[rows, cols], stats.ttest_1samp(a[:, rows, cols], 0).statistic, rtol=1e-10)
    two = dw.network_based_statistic(a, b, threshold=3.0, n_permutations=10)
    assert_allclose(two.t[rows, cols], stats.ttest_ind(a[:, rows, cols], b[:, rows, cols]).statistic, rtol=1e-10)


@pytest.mark.parametrize("statistic", ["extent", "intensity", "tfce"])
def test_the_planted_component_is_found(statistic):
    threshold = None if statistic == "tfce" else 3.0
    a, b = subjects(12, 3.0), subjects(12, 0.0, seed=1)
    for groups in [(a,), (a, b)]:
        found = dw.network_based_statistic(*groups, threshold=threshold, statistic=statistic, n_permutations=5000)
        low = {(int(i), int(j)) for i, j in np.argwhere(np.tril(found.p < 0.05))}
        assert low == {(1, 0), (2, 0), (2, 1)}
        if statistic != "tfce":
            assert found.components[0].nodes == [0, 1, 2]
            assert found.components[0].p == found.p[1, 0]
        assert found.exact == (len(groups) == 1)
    assert dw.network_based_statistic(a, threshold=3.0, n_permutations=5000).smallest_p == 2 / 4096


def test_components_equal_a_slow_permutation(nx):
    """Signs flipped one by one, t by scipy, components by networkx."""
    stats = pytest.importorskip("scipy.stats")
    x = subjects(6, 0.8, seed=5)
    rows, cols = np.tril_indices(10, -1)
    flat = x[:, rows, cols]

    def largest(values):
        t = stats.ttest_1samp(values, 0).statistic
        sizes = [0]
        for sign in (1, -1):
            graph = nx.Graph([(rows[e], cols[e]) for e in np.flatnonzero(sign * t > 2.5)])
            sizes += [graph.subgraph(part).number_of_edges() for part in nx.connected_components(graph)]
        return max(sizes)

    signs = 1 - 2 * (np.arange(64)[:, None] >> np.arange(6) & 1)
    null = np.array([largest(flat * s[:, None]) for s in signs])
    found = dw.network_based_statistic(x, threshold=2.5, n_permutations=64)
    assert found.exact
    assert found.components[0].size == largest(flat)
    for component in found.components:
        assert component.p == pytest.approx((null >= component.size).mean())


def test_bad_input_says_what_to_do():
    x = subjects(6, 0.0)
    with pytest.raises(ValueError, match="needs a threshold"):
        dw.network_based_statistic(x)
    with pytest.raises(ValueError, match="not symmetric"):
        dw.network_based_statistic(np.triu(x), threshold=3.0)
    with pytest.raises(ValueError, match="statistic = 'mass'; allowed"):
        dw.network_based_statistic(x, threshold=3.0, statistic="mass")
