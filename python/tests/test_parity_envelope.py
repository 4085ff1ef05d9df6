"""Envelopes, groups of channels, phase slope and lagged coherence beside mne-connectivity and neurodsp."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw

SFREQ = 200.0


def coupled(n_epochs=4, n_channels=5, n_times=800, seed=0):
    """1/f-like noise with a shared, delayed alpha rhythm and mixing at zero lag."""
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.standard_normal((n_epochs, n_channels, n_times)), axis=-1)
    x -= 0.98 * np.concatenate([np.zeros((n_epochs, n_channels, 1)), x[..., :-1]], axis=-1)
    t = np.arange(n_times) / SFREQ
    swell = 1 + 0.7 * np.sin(2 * np.pi * 0.4 * t + rng.uniform(0, 6, (n_epochs, 1, 1)))
    for channel in range(n_channels):
        phase = rng.uniform(0, 6, (n_epochs, 1)) - 0.4 * channel
        x[:, channel] += 2 * swell[:, 0] * np.sin(2 * np.pi * (10 + 0.2 * channel) * t + phase)
    return np.einsum("ij,ejt->eit", np.eye(n_channels) + 0.2 * rng.standard_normal((n_channels, n_channels)), x)


def filtered(data, low=8.0, high=13.0):
    """In a band, without the ends, where all channels have one phase and logarithms are those of rounding."""
    mne = pytest.importorskip("mne")
    # a length whose transform mne-connectivity does not pad
    return np.ascontiguousarray(mne.filter.filter_data(data, SFREQ, low, high, verbose="error")[..., 100:-100])


@pytest.fixture(scope="module")
def peer():
    return pytest.importorskip("mne_connectivity")


@pytest.mark.parametrize("log", [False, True])
@pytest.mark.parametrize("absolute", [False, True])
@pytest.mark.parametrize("orthogonalize", ["pairwise", False])
def test_envelopes_are_mne_connectivitys(peer, log, absolute, orthogonalize):
    scipy_signal = pytest.importorskip("scipy.signal")
    real = filtered(coupled())
    settings = {"orthogonalize": orthogonalize, "log": log, "absolute": absolute}
    analytic = scipy_signal.hilbert(real)
    expected = peer.envelope_correlation(analytic, **settings).get_data("dense")
    found = dw.envelope_correlation(analytic, **settings)
    assert found.get_data().shape == expected.shape
    off = ~np.eye(5, dtype=bool)
    assert_allclose(found.get_data()[:, off], expected[:, off], atol=1e-10)
    assert_allclose(dw.envelope_correlation(real, **settings).get_data()[:, off], expected[:, off], atol=1e-10)
    assert_allclose(found.combine()[off], expected[..., 0].mean(axis=0)[off], atol=1e-10)


@pytest.mark.parametrize("scale", ["amplitude", "power"])
def test_bands_are_filtered_first(peer, scale):
    mne = pytest.importorskip("mne")
    data = coupled()
    bands = dw.envelope_correlation(data, scale=scale, sfreq=SFREQ, fmin=[8.0, 15.0], fmax=[13.0, 25.0])
    for found, (low, high) in zip(bands, [(8, 13), (15, 25)], strict=True):
        alone = mne.filter.filter_data(data, SFREQ, low, high, verbose="error")
        if scale == "amplitude":
            expected = peer.envelope_correlation(alone).get_data("dense")
            assert_allclose(found.get_data(), expected, atol=1e-8)
        assert_allclose(found.get_data(), dw.envelope_correlation(alone, scale=scale).get_data(), atol=1e-8)
    with pytest.raises(ValueError, match="filter the recording before it is cut"):
        dw.envelope_correlation(data, log=True, sfreq=SFREQ, fmin=8, fmax=13)


def test_the_dense_array_is_filled_as_the_peers(peer):
    scipy_signal = pytest.importorskip("scipy.signal")
    analytic = scipy_signal.hilbert(filtered(coupled(2, 3)))
    for orthogonalize in ["pairwise", False]:
        expected = peer.envelope_correlation(analytic, orthogonalize=orthogonalize).get_data("dense")
        found = dw.envelope_correlation(analytic, orthogonalize=orthogonalize).get_data()
        assert_allclose(found, expected, atol=1e-10)


@pytest.mark.parametrize("log", [False, True])
def test_symmetric_orthogonalisation_is_the_peers(peer, log):
    real = filtered(coupled(3, 6, 1000, seed=3))
    orthogonal = peer.symmetric_orth(real)
    expected = peer.envelope_correlation(orthogonal, orthogonalize=False, log=log).get_data("dense")
    found = dw.envelope_correlation(real, orthogonalize="symmetric", log=log).get_data()
    off = ~np.eye(6, dtype=bool)
    assert_allclose(found[:, off], expected[:, off], atol=1e-8)


def test_envelopes_of_real_recordings(peer, shared_data):
    mne = pytest.importorskip("mne")
    path = sorted((shared_data / "Propofol2021").glob("*.vhdr"), key=lambda p: p.stat().st_size)
    edf = sorted(shared_data.rglob("*.edf"), key=lambda p: p.stat().st_size)
    source = next((p for p in [*path, *edf] if p.stat().st_size > 1_000_000 and "generator" not in p.name), None)
    if source is None:
        pytest.skip("no recording above 1 MB in shared/data")
    rec = dw.read(source)
    n = int(10 * rec.sfreq)
    data = np.asarray(rec.data)[:8]
    data = data[data.std(axis=1) > 0]
    n_epochs = min(3, data.shape[1] // n)
    data = data[:, : n_epochs * n].reshape(len(data), n_epochs, n).transpose(1, 0, 2)
    alpha = mne.filter.filter_data(np.ascontiguousarray(data, dtype=float), rec.sfreq, 8, 13, verbose="error")
    n_fast = 8 * ((alpha.shape[-1] - 100) // 8)
    while mne.filter.next_fast_len(n_fast) != n_fast:
        n_fast -= 1
    alpha = np.ascontiguousarray(alpha[..., 50 : 50 + n_fast])
    analytic = pytest.importorskip("scipy.signal").hilbert(alpha)
    expected = peer.envelope_correlation(analytic, log=True).get_data("dense")
    found = dw.envelope_correlation(analytic, log=True).get_data()
    # of channels that are nearly one signal only the logarithm of rounding is left
    alike = np.max([np.abs(np.corrcoef(epoch)) for epoch in alpha], axis=0) > 0.99
    off = ~alike & np.isfinite(expected[..., 0]).all(axis=0)
    assert off.sum() > 2
    assert_allclose(found[:, off], expected[:, off], atol=1e-8)


def test_attenuation_is_named_and_off_by_default():
    data = filtered(coupled())
    for scale, left in [("amplitude", 0.692), ("power", 0.7071), ("log_power", 0.5774)]:
        plain = dw.envelope_correlation(data, scale=scale).get_data("raveled")
        corrected = dw.envelope_correlation(data, scale=scale, correct_attenuation=True).get_data("raveled")
        assert_allclose(plain / corrected, left, atol=2e-4)
    assert_allclose(
        dw.envelope_correlation(data, log=True).get_data(), dw.envelope_correlation(data, scale="log_power").get_data()
    )


def test_undefined_correlations_are_said_aloud():
    data = filtered(coupled())
    data[:, 1] = -3 * data[:, 0]
    with pytest.warns(RuntimeWarning, match="4 of 40 correlations are not defined"):
        found = dw.envelope_correlation(data)
    values = found.get_data()[..., 0]
    assert np.isnan(values[:, 0, 1]).all() and np.isfinite(values[:, 0, 2]).all()
    assert np.isnan(found.combine()[0, 1]) and np.isfinite(found.combine()[0, 2])


def test_envelopes_refuse_nonsense():
    data = coupled(1, 3, 100)
    for settings, message in [
        ({"orthogonalize": "both"}, "allowed: 'pairwise', 'symmetric', None"),
        ({"log": True, "scale": "power"}, "give one of the two"),
        ({"orthogonalize": None, "correct_attenuation": True}, "correct_attenuation"),
        ({"indices": ([0], [3])}, "no channel 3; allowed: 0 to 2"),
        ({"fmin": 8}, "takes sfreq, fmin and fmax"),
        ({"names": ["a"]}, "they must agree"),
    ]:
        with pytest.raises(ValueError, match=message):
            dw.envelope_correlation(data, **settings)
    with pytest.raises(ValueError, match="real signals"):
        dw.envelope_correlation(data.astype(complex), orthogonalize="symmetric")
    average = data - data.mean(axis=1, keepdims=True)
    with pytest.raises(ValueError, match="rank of the channels = 2"):
        dw.envelope_correlation(average, orthogonalize="symmetric")


def test_threads_change_no_bit():
    data = coupled(9, 6)
    for settings in [{"log": True}, {"orthogonalize": "symmetric"}]:
        one, two, many = (dw.envelope_correlation(data, n_jobs=n, **settings).get_data() for n in (1, 2, 16))
        assert np.array_equal(one, two) and np.array_equal(one, many)
    groups = ([[0, 1], [2, 3, 4]], [[2, 3], [5]])
    a, b = (dw.spectral_connectivity_multivariate(data, SFREQ, groups, n_jobs=n).get_data() for n in (1, 4))
    assert np.array_equal(a, b)


GROUPS = ([[0, 1], [2, 3, 4], [5]], [[2, 3], [0, 5], [1]])


def masked(groups):
    """Ragged lists as mne-connectivity takes them."""
    return tuple(np.array([np.array(group) for group in side], dtype=object) for side in groups)


@pytest.mark.parametrize("mode", ["multitaper", "fourier"])
def test_groups_are_mne_connectivitys(peer, mode):
    data = coupled(12, 6, 400, seed=5)
    settings = {"mode": mode, "fmin": 5.0, "fmax": 30.0}
    expected = peer.spectral_connectivity_epochs(
        data, method=["mic", "mim"], indices=masked(GROUPS), sfreq=SFREQ, verbose="error", **settings
    )
    mic, mim = dw.spectral_connectivity_multivariate(data, SFREQ, GROUPS, method=["mic", "mim"], **settings)
    assert_allclose(mic.freqs, expected[0].freqs)
    # the peer's sign of mic is that of its eigenvectors
    assert_allclose(mic.get_data(), np.abs(expected[0].get_data()), atol=1e-10)
    assert_allclose(mim.get_data(), expected[1].get_data(), atol=1e-10)
    assert mic.rank == ([2, 3, 1], [2, 2, 1])
    patterns = expected[0].attrs["patterns"]
    for connection, pair in enumerate(mic.patterns):
        for side, ours in enumerate(pair):
            theirs = np.asarray(patterns[side][connection])[: len(ours)]
            scale = np.abs(theirs).max()
            ours = ours * (np.abs(theirs).max(axis=0) / np.abs(ours).max(axis=0))
            assert np.minimum(np.abs(ours - theirs), np.abs(ours + theirs)).max() < 1e-7 * scale


def test_groups_of_lower_rank_and_bands_are_mne_connectivitys(peer):
    data = coupled(12, 6, 400, seed=6)
    groups = ([[0, 1, 2]], [[3, 4, 5]])
    settings = {"mode": "fourier", "fmin": (8.0, 15.0), "fmax": (13.0, 25.0), "faverage": True}
    rank = ([2], [2])
    expected = peer.spectral_connectivity_epochs(
        data, method="mim", indices=masked(groups), sfreq=SFREQ, rank=rank, verbose="error", **settings
    )
    found = dw.spectral_connectivity_multivariate(data, SFREQ, groups, rank=rank, **settings)
    assert_allclose(found.get_data(), expected.get_data(), atol=1e-10)
    itself = ([[0, 1, 2]], [[0, 1, 2]])
    settings["faverage"] = False
    expected = peer.spectral_connectivity_epochs(
        data, method="mim", indices=masked(itself), sfreq=SFREQ, verbose="error", **settings
    )
    found = dw.spectral_connectivity_multivariate(data, SFREQ, itself, **settings)
    assert_allclose(found.get_data(), expected.get_data(), atol=1e-10)


@pytest.mark.parametrize("mode", ["multitaper", "fourier"])
def test_the_phase_slope_is_mne_connectivitys(peer, mode):
    data = coupled(12, 4, 400, seed=7)
    indices = (np.array([0, 1, 3]), np.array([2, 0, 1]))
    # edges between bins: the peer leaves out bins that lie on an edge
    settings = {"mode": mode, "fmin": (4.75, 14.75), "fmax": (14.25, 40.25)}
    expected = peer.phase_slope_index(data, indices=indices, sfreq=SFREQ, verbose="error", **settings)
    found = dw.phase_slope_index(data, SFREQ, indices=indices, **settings)
    assert_allclose(found.get_data("raveled"), expected.get_data("raveled"), atol=1e-10)
    ratio = dw.phase_slope_index(data, SFREQ, indices=indices, normalize=True, **settings)
    assert_allclose(ratio.get_data("raveled") * found.standard_error, found.get_data("raveled"))


def test_the_phase_slope_finds_the_leader():
    rng = np.random.default_rng(8)
    x = rng.standard_normal((60, 410))
    data = np.stack([x[:, 4:404], x[:, :400] + 0.5 * rng.standard_normal((60, 400))], axis=1)
    found = dw.phase_slope_index(data, SFREQ, indices=([0], [1]), fmin=5, fmax=40, normalize=True)
    assert found.get_data("raveled")[0, 0] > 3


def test_lagged_coherence_is_its_definition():
    data = coupled(1, 2, 4001, seed=9)[0]
    for freq, n_cycles in [(6.0, 3), (17.5, 3), (31.0, 5)]:
        n = int(np.ceil(n_cycles * SFREQ / freq))
        closest = np.argmin(np.abs(np.fft.rfftfreq(n, 1 / SFREQ) - freq))
        stretches = data[:, : data.shape[1] // n * n].reshape(2, -1, n)
        z = np.fft.rfft(stretches * np.hanning(n))[..., closest]
        power = np.sum(np.abs(z[:, :-1]) ** 2, axis=1) * np.sum(np.abs(z[:, 1:]) ** 2, axis=1)
        expected = np.abs(np.sum(z[:, :-1] * z[:, 1:].conj(), axis=1)) / np.sqrt(power)
        assert_allclose(dw.lagged_coherence(data, SFREQ, freq, n_cycles), expected, atol=1e-12)


def test_lagged_coherence_is_neurodsps():
    rhythm = pytest.importorskip("neurodsp.rhythm")
    data = coupled(1, 4, 4001, seed=9)[0]
    freqs = np.array([6.0, 10.0, 17.5, 31.0])
    for n_cycles in (3, 5):
        of = [rhythm.compute_lagged_coherence(x, SFREQ, freqs, n_cycles=n_cycles, return_spectrum=True) for x in data]
        expected = [values for values, _ in of]
        assert_allclose(dw.lagged_coherence(data, SFREQ, freqs, n_cycles), expected, atol=1e-10)
    assert dw.lagged_coherence(data[0], SFREQ, 10.0) == pytest.approx(dw.lagged_coherence(data, SFREQ, freqs)[0, 1])


def test_lagged_connectivity_is_its_formula(peer):
    data = coupled(12, 4, 400, seed=10)
    settings = {"mode": "fourier", "fmin": 5.0, "fmax": 30.0}
    c = peer.spectral_connectivity_epochs(data, method="cohy", sfreq=SFREQ, verbose="error", **settings)
    c = c.get_data("dense")
    expected = c.imag**2 / (1 - c.real**2)
    found = dw.lagged_connectivity(data, SFREQ, **settings).get_data("dense")
    assert_allclose(found, expected, atol=1e-10)
    logarithm = dw.lagged_connectivity(data, SFREQ, log=True, **settings).get_data("dense")
    assert_allclose(logarithm, -np.log1p(-expected), atol=1e-10)
