"""Granger causality, VAR, PDC, DTF and transfer entropy beside mne-connectivity and plain numpy."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dosewave as dw

peer = pytest.importorskip("mne_connectivity")

COEFS = np.array(
    [
        [[0.5, 0.0, 0.0, 0.1], [0.0, 0.4, 0.2, 0.0], [0.0, 0.3, 0.3, 0.0], [0.0, 0.0, 0.2, 0.5]],
        [[-0.7, 0.0, 0.0, 0.0], [0.5, -0.3, 0.0, 0.0], [0.0, 0.0, 0.1, 0.0], [0.2, 0.0, 0.0, -0.4]],
    ]
)


def simulated(n_times=200, n_epochs=30, seed=0):
    rng = np.random.default_rng(seed)
    x = np.zeros((n_epochs, 4, n_times + 60))
    noise = rng.normal(size=x.shape) * np.array([1.0, 2.0, 0.5, 1.0])[:, None]
    for t in range(2, x.shape[2]):
        x[:, :, t] = x[:, :, t - 1] @ COEFS[0].T + x[:, :, t - 2] @ COEFS[1].T + noise[:, :, t]
    return x[:, :, 60:]


def theirs(data, indices, **kwargs):
    found = peer.spectral_connectivity_epochs(
        data, method=["gc", "gc_tr"], indices=indices, sfreq=100.0, verbose="error", **kwargs
    )
    return [one.get_data() for one in found], np.array(found[0].freqs)


@pytest.mark.parametrize("mode", ["multitaper", "fourier"])
@pytest.mark.parametrize("indices", [([[0], [1], [2]], [[1], [0], [3]]), ([[0, 1], [3]], [[2, 3], [0, 1]])])
def test_granger_equals_mne_connectivity(mode, indices):
    data = simulated()
    expected, freqs = theirs(data, tuple(np.array(side, dtype=object) for side in indices), mode=mode, fmin=0.0)
    got = dw.granger(data, 100.0, ["gc", "gc_tr"], indices, mode=mode)
    for ours, reference in zip(got, expected, strict=True):
        assert_allclose(ours.freqs, freqs, rtol=1e-12)
        assert_allclose(ours.get_data(), reference, atol=1e-10, err_msg=ours.method)


@pytest.mark.parametrize("n_times", [200, 201])
@pytest.mark.parametrize("band", [(5.0, 30.0), (2.0, 50.0)])
def test_granger_of_a_band_as_mne_connectivity_has_it(n_times, band):
    data = simulated(n_times)
    indices = ([[0], [3]], [[1], [0]])
    expected, freqs = theirs(data, tuple(map(np.array, indices)), fmin=band[0], fmax=band[1], gc_n_lags=15)
    got = dw.granger(data, 100.0, indices=indices, fmin=band[0], fmax=band[1], gc_n_lags=15, compat="mne")
    for ours, reference in zip(got, expected, strict=True):
        assert_allclose(ours.freqs, freqs, rtol=1e-12)
        assert_allclose(ours.get_data(), reference, atol=1e-10, err_msg=ours.method)


def test_ranks_are_those_of_mne_connectivity():
    data = simulated()
    data = np.concatenate([data, data[:, :1] - 2 * data[:, 1:2]], axis=1)
    indices = ([[0, 1, 4], [0, 2]], [[2, 3], [1, 3]])
    arrays = tuple(np.array(side, dtype=object) for side in indices)
    # found by either, then given
    for rank in (None, ([2, 1], [1, 2])):
        given = None if rank is None else tuple(map(np.array, rank))
        expected, _ = theirs(data, arrays, fmin=0.0, rank=given)
        got = dw.granger(data, 100.0, indices=indices, rank=rank)
        assert got[0].rank == ([(2, 2), (2, 2)] if rank is None else [(2, 1), (1, 2)])
        for ours, reference in zip(got, expected, strict=True):
            assert_allclose(ours.get_data(), reference, atol=1e-9)


def test_the_whole_spectrum_has_the_closed_form_and_a_band_of_it_does_not_depart():
    # x drives y: f = ln(1 + c² / |1 - a z|²)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 2, 460))
    for t in range(1, x.shape[2]):
        x[:, 1, t] += -0.3 * x[:, 1, t - 1] + 0.8 * x[:, 0, t - 1]
        x[:, 0, t] += 0.6 * x[:, 0, t - 1]
    x = x[:, :, 60:]
    run = dict(data=x, sfreq=100.0, method="gc", indices=([0], [1]), fmin=8.0, fmax=30.0, gc_n_lags=10)
    ours = dw.granger(**run)
    closed = np.log(1 + 0.64 / np.abs(1 - 0.6 * np.exp(-2j * np.pi * ours.freqs / 100)) ** 2)
    assert np.abs(ours.values[0] - closed).max() < 0.05
    # the same range as the whole of a spectrum is another signal
    assert np.abs(dw.granger(**run, compat="mne").values[0] - closed).max() > 0.2


def test_net_granger_and_defaults():
    data = simulated()
    gc, tr, net = dw.granger(data, 100.0, ["gc", "gc_tr", "gc_net"], ([0, 1], [1, 0]), gc_n_lags=20)
    expected = (gc.values[0] - gc.values[1]) - (tr.values[0] - tr.values[1])
    assert_allclose(net.values, [expected, -expected], atol=1e-12)
    assert net.values[0].mean() > 0.1
    every = dw.granger(data, 100.0, "gc", gc_n_lags=20)
    assert len(every.indices) == 12 and every.indices[0] == ([0], [1])
    assert_array_equal(every.values[0], gc.values[0])
    silent = data.copy()
    silent[:, 2] = 0
    found = dw.granger(silent, 100.0, "gc", ([0, 0], [1, 2]))
    assert found.reasons[0] is None and "positive definite" in found.reasons[1]
    assert np.isfinite(found.values[0]).all() and np.isnan(found.values[1]).all()
    for wrong in (dict(method="gcx"), dict(compat="x"), dict(mode="cwt"), dict(indices=([0], [0]))):
        with pytest.raises(ValueError, match=next(iter(wrong)) + " ="):
            dw.granger(data, 100.0, **wrong)


@pytest.mark.parametrize(("lags", "l2"), [(1, 0.0), (3, 0.0), (3, 4.0)])
def test_var_equals_mne_connectivity(lags, l2):
    data = simulated() + 0.3
    expected = peer.vector_auto_regression(data, lags=lags, l2_reg=l2, model="avg-epochs", verbose="error")
    expected = np.asarray(expected.get_data("dense")).reshape(4, 4, lags)
    model = dw.var(data, lags, l2_reg=l2**2)
    assert_allclose(np.moveaxis(model.coefs, 0, -1), expected, atol=1e-10)


def test_order_stability_and_whiteness_of_a_var():
    data = simulated(n_times=300)
    aic, bic = dw.var_order(data, 6)
    assert np.argmin(bic) + 1 == 2 and len(aic) == 6
    model, short = dw.var(data, 2), dw.var(data, 1)
    assert model.spectral_radius < 1 and model.whiteness(10)[2] > 0.01 and short.whiteness(10)[2] < 1e-6
    companion = np.zeros((8, 8))
    companion[:4] = np.concatenate(model.coefs, axis=1)
    companion[4:, :4] = np.eye(4)
    assert model.spectral_radius == pytest.approx(np.abs(np.linalg.eigvals(companion)).max(), abs=1e-12)
    # 0 drives 1, and 1 drives 2: given 1, 0 adds little about 2
    assert model.granger(0, 1) > 0.05 > 0.003 > model.granger(0, 2)
    assert_allclose(model.residuals.var(axis=(0, 2)), np.diag(model.noise_cov), rtol=0.02)


def test_pdc_and_dtf_are_their_definitions():
    model = dw.var(simulated(), 2)
    freqs = np.array([0.0, 7.0, 33.0, 50.0])
    z = np.exp(-2j * np.pi * np.multiply.outer(freqs / 100.0, [1, 2]))
    polynomial = np.eye(4) - np.einsum("fk,kij->fij", z, model.coefs)
    transfer, sd = np.linalg.inv(polynomial), np.sqrt(np.diag(model.noise_cov))
    for generalized in (False, True):
        a = np.abs(polynomial) / (sd[:, None] if generalized else 1)
        h = np.abs(transfer) * (sd if generalized else 1)
        expected = a / np.sqrt((a**2).sum(1, keepdims=True)), h / np.sqrt((h**2).sum(2, keepdims=True))
        got = dw.pdc(model, 100.0, freqs, generalized), dw.dtf(model, 100.0, freqs, generalized)
        for ours, reference in zip(got, expected, strict=True):
            assert_allclose(np.moveaxis(ours, -1, 0), reference, atol=1e-12)
    assert_array_equal(dw.pdc((model.coefs, model.noise_cov), 100.0, freqs), dw.pdc(model, 100.0, freqs))


def slow_transfer_entropy(x, y, dim, delay, ahead):
    """Counted in a dictionary of patterns as argsort gives them."""
    n = len(x) - (dim - 1) * delay
    patterns = [[tuple(np.argsort(s[t : t + dim * delay : delay], kind="stable")) for t in range(n)] for s in (x, y)]
    triples = [(patterns[1][t + ahead], patterns[1][t], patterns[0][t]) for t in range(n - ahead)]

    def entropy(keep):
        counts = {}
        for triple in triples:
            key = tuple(triple[k] for k in keep)
            counts[key] = counts.get(key, 0) + 1
        p = np.array(list(counts.values())) / len(triples)
        return -(p * np.log2(p)).sum()

    conditional = entropy((0, 1)) - entropy((1,))
    return conditional - entropy((0, 1, 2)) + entropy((1, 2)), conditional


@pytest.mark.parametrize(("dim", "delay", "ahead"), [(3, 1, 1), (3, 4, 2), (4, 2, 5)])
def test_transfer_entropy_is_its_definition(dim, delay, ahead):
    data = simulated(n_times=600, n_epochs=2)
    got = dw.symbolic_transfer_entropy(data, ([0, 3], [1, 2]), dim=dim, delay=delay, prediction=ahead)
    for connection, (source, target) in enumerate(got.indices):
        for epoch in range(2):
            bits, conditional = slow_transfer_entropy(data[epoch, source], data[epoch, target], dim, delay, ahead)
            assert got.bits[connection, epoch] == pytest.approx(bits, abs=1e-12)
            assert got.conditional_entropy_bits[connection, epoch] == pytest.approx(conditional, abs=1e-12)


@pytest.mark.parametrize("shuffle", ["shift", "permutation"])
def test_normalised_transfer_entropy_and_its_interval(shuffle):
    data = simulated(n_times=1500, n_epochs=12)
    got = dw.symbolic_transfer_entropy(data, ([0, 1], [1, 0]), prediction=2, shuffle=shuffle)
    assert_allclose(got.nste, (got.bits - got.shuffled_bits) / got.conditional_entropy_bits, atol=1e-12)
    assert_allclose(got.mean, got.nste.mean(axis=1), atol=1e-12)
    assert (got.ci_low < got.mean).all() and (got.mean < got.ci_high).all()
    assert got.ci_low[0] > got.ci_high[1], "0 drives 1"
    once = dw.symbolic_transfer_entropy(data[:1], ([0], [1]), shuffle=shuffle)
    data[:, 2] = 7.0
    silent = dw.symbolic_transfer_entropy(data[:2], ([0, 2], [2, 0]), shuffle=shuffle)
    assert np.isnan(silent.nste).all() and np.isnan(silent.mean).all()
    assert np.isnan(once.ci_low[0]) and once.mean[0] == once.nste[0, 0]


def test_threads_change_nothing():
    data = simulated(n_times=400)
    for n_jobs in (2, 16):
        for one, other in zip(dw.granger(data, 100.0, n_jobs=1), dw.granger(data, 100.0, n_jobs=n_jobs), strict=True):
            assert_array_equal(one.values, other.values)
        one, other = (dw.symbolic_transfer_entropy(data, n_jobs=n) for n in (1, n_jobs))
        assert_array_equal(one.nste, other.nste)
        assert_array_equal(one.ci_low, other.ci_low)
