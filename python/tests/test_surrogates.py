"""Connectivity beside its null."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dosewave as dw

BAND = {"fmin": 8.0, "fmax": 13.0, "faverage": True, "mode": "fourier"}


def test_values_are_those_of_spectral_connectivity_and_the_planted_pair_is_found(epochs):
    null = dw.connectivity_surrogates(epochs, 250.0, "wpli2_debiased", n_surrogates=199, **BAND)
    plain = dw.spectral_connectivity(epochs, 250.0, "wpli2_debiased", **BAND)
    assert_allclose(null.values, plain.get_data("raveled"), atol=1e-12)
    assert_array_equal(null.indices, plain.indices)
    assert null.freqs == pytest.approx(plain.freqs)
    found = {tuple(map(int, pair)) for pair in np.transpose(null.indices)[null.p_max[:, 0] <= 0.05]}
    assert found == {(1, 0)}
    assert (null.n_epochs, null.n_tapers, null.n_surrogates, null.expected) == (12, 1, 199, 0.0)
    assert null.p.min() == 1 / 200
    assert (null.p_max >= null.p).all()
    dense = null.dense("p_max")
    assert dense.shape == (1, 5, 5)
    assert dense[0, 0, 1] == dense[0, 1, 0] == null.p_max[0, 0]


@pytest.mark.parametrize("kind", ["epoch_shuffle", "phase", "time_shift"])
def test_mean_and_p_are_those_of_the_kept_surrogates(epochs, kind):
    null = dw.connectivity_surrogates(
        epochs, 250.0, "plv", kind, n_surrogates=70, seed=4, fmin=[8, 15], fmax=[13, 30], faverage=True, keep=True
    )
    kept = null.surrogates
    assert kept.shape == (70, 10, 2)
    assert_allclose(null.null_mean, kept.mean(axis=0), rtol=1e-12)
    assert_allclose(null.null_sd, kept.std(axis=0, ddof=1), rtol=1e-12)
    # channels that are shifted alike have their value again, but for rounding
    least = null.values * (1 - 1e-12)
    assert_allclose(null.p, (1 + (kept >= least).sum(axis=0)) / 71)
    assert_allclose(null.p_max, (1 + (kept.max(axis=1)[:, None] >= least).sum(axis=0)) / 71)
    again = dw.connectivity_surrogates(
        epochs, 250.0, "plv", kind, n_surrogates=70, seed=4, fmin=[8, 15], fmax=[13, 30], faverage=True, n_jobs=1
    )
    assert_array_equal(again.null_mean, null.null_mean)
    assert again.surrogates is None


def test_an_epoch_shuffle_leaves_what_shuffling_epochs_leaves(epochs):
    """The same distribution as shuffling the epochs of each channel with numpy and measuring anew."""
    rng = np.random.default_rng(1)
    slow = []
    for _ in range(300):
        shuffled = np.stack([epochs[rng.permutation(len(epochs)), c] for c in range(epochs.shape[1])], axis=1)
        slow.append(dw.spectral_connectivity(shuffled, 250.0, "wpli", **BAND).get_data("raveled")[:, 0])
    null = dw.connectivity_surrogates(epochs, 250.0, "wpli", n_surrogates=300, keep=True, **BAND)
    mean, sd = np.mean(slow, axis=0), np.std(slow, axis=0, ddof=1)
    assert_allclose(null.null_mean[:, 0], mean, atol=5 * sd.max() / np.sqrt(300))
    assert_allclose(null.null_sd[:, 0], sd, rtol=0.25)


def test_expected_bias_of_the_table():
    for method, expected in [("plv", 0.125), ("coh", 0.125), ("pli", 0.112), ("wpli", 0.158), ("ciplv", 0.079)]:
        assert dw.expected_connectivity(method, 50) == pytest.approx(expected, abs=0.002)
    assert dw.expected_connectivity("wpli2_debiased", 50) == 0.0


def test_wrong_names_say_what_is_allowed(epochs):
    with pytest.raises(KeyError, match="no measure 'wpli3'; known: coh"):
        dw.connectivity_surrogates(epochs, 250.0, "wpli3")
    with pytest.raises(ValueError, match="kind = 'bootstrap'; allowed: 'epoch_shuffle', 'phase', 'time_shift'"):
        dw.connectivity_surrogates(epochs, 250.0, kind="bootstrap")
    with pytest.raises(ValueError, match="n_surrogates = 0; allowed: at least 1"):
        dw.connectivity_surrogates(epochs, 250.0, n_surrogates=0)
