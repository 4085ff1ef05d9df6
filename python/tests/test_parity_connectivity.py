"""Connectivity beside mne-connectivity, on simulated and real epochs of 64 channels."""

import numpy as np
import pytest
from numpy.testing import assert_allclose, assert_array_equal

import dosewave as dw

peer = pytest.importorskip("mne_connectivity")

METHODS = ["coh", "cohy", "imcoh", "plv", "ciplv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli", "wpli2_debiased"]


def simulated():
    """300 epochs of 64 channels, 2 s at 100 Hz: 16 sources in noise, which each channel has with a lag of its own."""
    rng = np.random.default_rng(11)
    n_epochs, n_channels, n_times = 300, 64, 200
    sources = np.cumsum(rng.standard_normal((16, n_epochs * n_times + 8)), axis=1)
    sources -= np.linspace(0, 1, sources.shape[1]) * sources[:, -1:]
    mixed = np.stack(
        [rng.standard_normal(16) @ sources[:, lag : lag + n_epochs * n_times] for lag in rng.integers(0, 8, n_channels)]
    )
    mixed += 3 * rng.standard_normal(mixed.shape)
    return mixed.reshape(n_channels, n_epochs, n_times).transpose(1, 0, 2).copy(), 100.0


def real(folder):
    """300 epochs of 64 BioSemi channels, 128 samples each at 2048 Hz, neighbours overlapping."""
    rec = dw.read(folder / "mne-python" / "edf" / "test.bdf")
    data = rec.data[:64]
    starts = np.linspace(0, data.shape[1] - 128, 300).astype(int)
    return np.stack([data[:, start : start + 128] for start in starts]), rec.sfreq


@pytest.fixture(params=["simulated", "real"])
def epochs_64(request):
    if request.param == "simulated":
        return simulated()
    return real(request.getfixturevalue("shared_data"))


def bands(sfreq, n_times):
    """Two bands of few bins, at the 5th to 8th and the 11th and 12th."""
    step = sfreq / n_times
    return {"fmin": (4.9 * step, 10.9 * step), "fmax": (8.1 * step, 12.1 * step)}


@pytest.mark.parametrize("mode", ["multitaper", "fourier"])
def test_all_measures_of_all_pairs(epochs_64, mode):
    data, sfreq = epochs_64
    where = bands(sfreq, data.shape[2])
    for faverage in (False, True):
        expected = peer.spectral_connectivity_epochs(
            data, method=METHODS, mode=mode, sfreq=sfreq, faverage=faverage, block_size=64, verbose="error", **where
        )
        got = dw.spectral_connectivity(data, sfreq, METHODS, mode=mode, faverage=faverage, **where)
        for ours, theirs in zip(got, expected, strict=True):
            ours, theirs = ours.get_data("dense"), theirs.get_data("dense")
            assert ours.shape == theirs.shape and ours.dtype == theirs.dtype
            assert_allclose(ours, theirs, rtol=0, atol=1e-10, err_msg=f"{mode} {faverage}")


def test_the_measures_tell_pairs_apart():
    """What is compared above is not all zeros or ones."""
    data, sfreq = simulated()
    for con in dw.spectral_connectivity(data, sfreq, METHODS, **bands(sfreq, data.shape[2])):
        values = np.abs(con.get_data("raveled"))
        assert np.ptp(values) > 0.2, con.method


@pytest.mark.parametrize("faverage", [False, True])
def test_wavelets_over_epochs(epochs, faverage):
    settings = {"cwt_freqs": np.array([6.0, 8.0, 10.0, 13.0, 20.0, 30.0]), "cwt_n_cycles": np.array([3, 3, 4, 4, 5, 6])}
    where = {"fmin": (7.0, 13.0), "fmax": (13.0, 25.0), "faverage": faverage}
    expected = peer.spectral_connectivity_epochs(
        epochs, method=METHODS, mode="cwt_morlet", sfreq=250.0, verbose="error", **settings, **where
    )
    got = dw.spectral_connectivity(epochs, 250.0, METHODS, mode="cwt_morlet", **settings, **where)
    for ours, theirs in zip(got, expected, strict=True):
        assert ours.shape == (10, 2 if faverage else 4, 500)
        assert_allclose(ours.get_data("dense"), theirs.get_data("dense"), rtol=0, atol=1e-10, err_msg=ours.method)


@pytest.mark.parametrize("indices", [([0, 4, 2], [3, 1, 2]), (np.array([1]), np.array([0]))])
def test_chosen_pairs(epochs, indices):
    # a channel with itself is left out: of it the peer makes signs of rounding errors
    kept = [k for k in range(len(indices[0])) if indices[0][k] != indices[1][k]]
    chosen = tuple(np.asarray(side)[kept] for side in indices)
    expected = peer.spectral_connectivity_epochs(
        epochs, method=METHODS, mode="multitaper", sfreq=250.0, indices=chosen, fmin=8, fmax=12, verbose="error"
    )
    got = dw.spectral_connectivity(epochs, 250.0, METHODS, indices=indices, fmin=8, fmax=12)
    for ours, theirs in zip(got, expected, strict=True):
        assert_allclose(ours.get_data("raveled")[kept], theirs.get_data("raveled"), rtol=0, atol=1e-10)


OVER_TIME = ["coh", "cohy", "imcoh", "plv", "ciplv", "pli", "wpli"]


@pytest.mark.parametrize(
    "settings",
    [
        {},
        {"mode": "multitaper", "n_cycles": 4.0},
        {"mode": "multitaper", "n_cycles": 5.0, "mt_bandwidth": 5.0, "padding": 0.25},
        {"sm_times": 0.1, "sm_freqs": 3, "n_cycles": np.array([3.0, 4.0, 5.0, 5.0])},
        {"sm_times": 0.2, "sm_kernel": "square", "decim": 3, "padding": 0.3},
        {"fmin": 9.0, "fmax": 13.0, "average": True},
    ],
    ids=str,
)
def test_over_time(epochs, settings):
    settings = {"n_cycles": 4.0} | settings
    freqs = np.array([8.0, 10.0, 13.0, 20.0])
    data = epochs[:4]
    expected = peer.spectral_connectivity_time(data, freqs, method=OVER_TIME, sfreq=250.0, verbose="error", **settings)
    if "fmin" in settings:
        freqs = freqs[1:3]
        settings = {k: v for k, v in settings.items() if k not in ("fmin", "fmax")}
    got = dw.spectral_connectivity_time(data, 250.0, freqs, method=OVER_TIME, **settings)
    rows, cols = np.tril_indices(5, -1)
    for ours, theirs in zip(got, expected, strict=True):
        theirs = theirs.get_data("dense")[..., rows, cols, :]
        assert_allclose(ours.get_data("raveled"), theirs, rtol=0, atol=1e-10, err_msg=ours.method)


def test_bands_over_time_hold_their_own_frequencies(epochs):
    """Where the peer lets a band of several frequencies end at twice the index of its last."""
    freqs = np.array([8.0, 10.0, 13.0, 20.0])
    each = dw.spectral_connectivity_time(epochs, 250.0, freqs, "plv", n_cycles=4.0)
    band = dw.spectral_connectivity_time(epochs, 250.0, freqs, "plv", n_cycles=4.0, fmin=8, fmax=13, faverage=True)
    expected = each.get_data("raveled")[..., :3].mean(axis=-1)
    assert_allclose(band.get_data("raveled")[..., 0], expected, atol=1e-14)
    assert_allclose(band.freqs, [31 / 3])


def from_samples(z):
    """All measures by their formulas from analytic signals `(channel, sample)`, pairs of the lower triangle."""
    rows, cols = np.tril_indices(len(z), -1)
    s = z[rows] * z[cols].conj()
    n, im, u = s.shape[1], s.imag, s / np.abs(s)
    power = np.sqrt((np.abs(z) ** 2).mean(axis=1))
    cohy = s.mean(axis=1) / (power[rows] * power[cols])
    mean_u, pli = u.mean(axis=1), np.sign(im).mean(axis=1)
    squares = (im**2).sum(axis=1)
    return {
        "coh": np.abs(cohy),
        "cohy": cohy,
        "imcoh": cohy.imag,
        "plv": np.abs(mean_u),
        "ciplv": np.abs(mean_u.imag) / np.sqrt(1 - mean_u.real**2),
        "ppc": (np.abs(u.sum(axis=1)) ** 2 - n) / (n * (n - 1)),
        "pli": np.abs(pli),
        "pli2_unbiased": (n * pli**2 - 1) / (n - 1),
        "dpli": np.heaviside(im, 0.5).mean(axis=1),
        "wpli": np.abs(im.mean(axis=1)) / np.abs(im).mean(axis=1),
        "wpli2_debiased": (im.sum(axis=1) ** 2 - squares) / (np.abs(im).sum(axis=1) ** 2 - squares),
    }


@pytest.mark.parametrize("edge", [None, 0.3])
def test_hilbert(epochs, edge):
    """Filtered by MNE, made analytic by SciPy; samples are observations over epochs, over windows and in each epoch."""
    mne = pytest.importorskip("mne")
    from scipy.signal import hilbert

    sfreq, where = 250.0, {"fmin": (8.0, 15.0), "fmax": (13.0, 30.0)}
    real = [name for name in METHODS if name != "cohy"]
    plain = dw.spectral_connectivity(epochs, sfreq, METHODS, mode="hilbert", hilbert_edge=edge, **where)
    course = dw.sliding_connectivity(epochs, sfreq, 4, 3, real, mode="hilbert", hilbert_edge=edge, **where)
    each = dw.spectral_connectivity_time(epochs, sfreq, method=METHODS, mode="hilbert", padding=edge, **where)
    mean = dw.spectral_connectivity_time(
        epochs, sfreq, method=METHODS, mode="hilbert", padding=edge, average=True, **where
    )
    assert_allclose(plain[0].freqs, [10.5, 22.5])
    for band, (low, high) in enumerate(zip(where["fmin"], where["fmax"], strict=True)):
        z = hilbert(mne.filter.filter_data(epochs, sfreq, low, high, verbose="error"))
        taps = len(mne.filter.create_filter(None, sfreq, low, high, verbose="error"))
        cut = taps // 2 if edge is None else int(edge * sfreq)
        z = z[..., cut:-cut]
        expected = from_samples(np.concatenate(z, axis=1))
        for con in plain:
            got = con.get_data("raveled")[:, band]
            assert_allclose(got, expected[con.method], rtol=0, atol=1e-10, err_msg=con.method)
        for window, first in enumerate(course[0].first_epochs):
            expected = from_samples(np.concatenate(z[first : first + 4], axis=1))
            for con in course:
                got = con.get_data("raveled")[window, :, band]
                assert_allclose(got, expected[con.method], rtol=0, atol=1e-10, err_msg=con.method)
        expected = [from_samples(epoch) for epoch in z]
        for con, averaged in zip(each, mean, strict=True):
            values = np.array([one[con.method] for one in expected])
            assert_allclose(con.get_data("raveled")[..., band], values, rtol=0, atol=1e-10, err_msg=con.method)
            assert_allclose(averaged.get_data("raveled")[:, band], values.mean(axis=0), rtol=0, atol=1e-10)


def test_windows_are_the_connectivity_of_their_epochs():
    data, sfreq = simulated()
    data = data[:60, :12]
    names = [name for name in METHODS if name != "cohy"]
    where = {"fmin": (4, 8), "fmax": (8, 13), "faverage": True}
    course = dw.sliding_connectivity(data, sfreq, length=20, step=8, method=names, **where)
    assert_array_equal(course[0].first_epochs, [0, 8, 16, 24, 32, 40])
    for window, first in enumerate(course[0].first_epochs):
        expected = peer.spectral_connectivity_epochs(
            data[first : first + 20], method=names, mode="multitaper", sfreq=sfreq, verbose="error", **where
        )
        for ours, theirs in zip(course, expected, strict=True):
            assert_allclose(ours.get_data()[window], theirs.get_data("dense"), rtol=0, atol=1e-10)


def test_a_lag_of_5_ms_is_a_lead():
    """One source that the second channel has 5 ms late, and the third at once with half the amplitude."""
    rng = np.random.default_rng(2)
    source = rng.standard_normal(100 * 400 + 1)
    first, second = source[1:], source[:-1]  # 5 ms at 200 Hz
    data = np.stack([first, second, 0.5 * first]).reshape(3, 100, 400).transpose(1, 0, 2)
    where = {"fmin": 8, "fmax": 13, "faverage": True}
    dpli, wpli, imcoh = dw.spectral_connectivity(
        data, 200.0, ["dpli", "wpli", "imcoh"], indices=([0, 1, 0], [1, 0, 2]), **where
    )
    assert_array_equal(dpli.get_data("raveled")[:, 0], [1, 0, 0.5])
    assert_allclose(wpli.get_data("raveled")[:, 0], [1, 1, np.nan], atol=1e-12)
    # coherency of a pure delay: phase 2*pi*f*5 ms, 10.5 Hz in the mean
    freqs = np.arange(8, 13.01, 0.5)
    assert_allclose(imcoh.get_data("raveled")[0, 0], np.sin(2 * np.pi * freqs * 0.005).mean(), atol=2e-3)
    assert imcoh.get_data("raveled")[2, 0] == 0


@pytest.mark.parametrize("n_jobs", [2, 16])
def test_threads_change_no_byte(n_jobs):
    data, sfreq = simulated()
    data = data[:50, :30]
    where = {"fmin": (4, 8), "fmax": (8, 20), "faverage": True}

    def run(jobs):
        plain = dw.spectral_connectivity(data, sfreq, METHODS, n_jobs=jobs, **where)
        course = dw.sliding_connectivity(data, sfreq, 10, 5, ["wpli", "coh"], n_jobs=jobs, **where)
        over_time = dw.spectral_connectivity_time(data[:2], sfreq, [8.0, 12.0], METHODS, n_cycles=3, n_jobs=jobs)
        bands = {"mode": "hilbert", "fmin": (8, 12), "fmax": (12, 20)}
        of_bands = dw.spectral_connectivity(data, sfreq, METHODS, n_jobs=jobs, **bands)
        of_bands.append(dw.sliding_connectivity(data, sfreq, 10, 5, "wpli", n_jobs=jobs, **bands))
        return [con.get_data("raveled").tobytes() for con in [*plain, *course, *over_time, *of_bands]]

    assert run(n_jobs) == run(1)


def test_what_is_wrong_is_said(epochs):
    for message, call in {
        "cwt_freqs": lambda: dw.spectral_connectivity(epochs, 250.0, mode="cwt_morlet"),
        "'welch'": lambda: dw.spectral_connectivity(epochs, 250.0, mode="welch"),
        "0 to 4": lambda: dw.spectral_connectivity(epochs, 250.0, indices=([5], [0])),
        "negative": lambda: dw.spectral_connectivity(epochs, 250.0, indices=([-1], [0])),
        "at least 13": lambda: dw.sliding_connectivity(epochs, 250.0, 13),
        "real": lambda: dw.sliding_connectivity(epochs, 250.0, 3, method="cohy"),
        "half an epoch": lambda: dw.spectral_connectivity_time(epochs, 250.0, [20.0], padding=1.0),
        "fmin, fmax": lambda: dw.spectral_connectivity(epochs, 250.0, mode="hilbert"),
        "take epochs of more than 3.29": lambda: dw.sliding_connectivity(
            epochs, 250.0, 3, mode="hilbert", fmin=1, fmax=4
        ),
        "every sample": lambda: dw.spectral_connectivity_time(epochs, 250.0, [9.0], mode="hilbert", fmin=8, fmax=13),
        "surrogates": lambda: dw.connectivity_surrogates(epochs, 250.0, mode="hilbert", fmin=8, fmax=13),
        "3 and more": lambda: dw.spectral_connectivity_time(epochs, 250.0, [20.0], sm_freqs=2),
    }.items():
        with pytest.raises(ValueError, match=message):
            call()
    with pytest.raises(KeyError, match="cohy"):
        dw.spectral_connectivity(epochs, 250.0, "phase")
    data = epochs.copy()
    data[3, 2, 7] = np.nan
    with pytest.raises(ValueError, match="ch2 in epoch 3"):
        dw.spectral_connectivity(data, 250.0)
