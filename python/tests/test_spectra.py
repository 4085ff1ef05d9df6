"""Spectra of arrays and recordings beside SciPy and MNE, and a published effect of a drug."""

import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw

signal = pytest.importorskip("scipy.signal")

WINDOWS = ["hann", "hamming", "blackman", "blackmanharris", "nuttall", "flattop", "bartlett", "cosine", "boxcar"]


@pytest.mark.parametrize("window", [*WINDOWS, ("tukey", 0.3), ("kaiser", 8.0), ("gaussian", 40.0)])
@pytest.mark.parametrize("detrend", ["constant", "linear", False])
def test_welch_equals_scipy(epochs, window, detrend):
    x = epochs[0]
    freqs, expected = signal.welch(x, 250.0, window=window, nperseg=200, noverlap=120, nfft=256, detrend=detrend)
    psd, got = dw.psd_welch(x, 250.0, n_fft=256, n_per_seg=200, n_overlap=120, window=window, detrend=detrend)
    assert_allclose(got, freqs, rtol=1e-12)
    assert_allclose(psd, expected, rtol=1e-9, atol=1e-12 * expected.max())


def test_periodogram_and_own_window_equal_scipy(epochs):
    x = epochs[0]
    freqs, expected = signal.periodogram(x, 250.0, window="hamming", detrend="linear")
    psd, got = dw.psd_periodogram(x, 250.0, window="hamming", detrend="linear")
    assert_allclose(got, freqs, rtol=1e-12)
    assert_allclose(psd, expected, rtol=1e-9, atol=1e-12 * expected.max())
    taper = np.linspace(0.2, 1, 200)
    _, expected = signal.welch(x, 250.0, window=taper, nperseg=200, noverlap=100)
    psd, _ = dw.psd_welch(x, 250.0, n_fft=200, n_overlap=100, window=taper)
    assert_allclose(psd, expected, rtol=1e-9, atol=1e-12 * expected.max())


def test_recording_spectrum_equals_mne_with_bad_annotations(epochs):
    mne = pytest.importorskip("mne")
    data = epochs.transpose(1, 0, 2).reshape(5, -1)
    rec = dw.Recording(data, 250.0, list("abcde"), annotations=[(3.1, 2.0, "BAD_x"), (11.0, 0.5, "drug")])
    ours = rec.spectrum(window=1.0, overlap=0.5)
    raw = mne.io.RawArray(data * 1e-6, mne.create_info(list("abcde"), 250.0, "eeg"), verbose="error")
    raw.set_annotations(mne.Annotations([3.1, 11.0], [2.0, 0.5], ["BAD_x", "drug"]))
    theirs = raw.compute_psd("welch", n_fft=250, n_overlap=125, reject_by_annotation=True, verbose="error")
    assert_allclose(ours.freqs, theirs.freqs)
    # MNE weights stretches by their length, we count every segment once: the same but for stretches' ends
    assert_allclose(ours.psd[:, 1:], theirs.get_data()[:, 1:] * 1e12, rtol=0.2)
    assert_allclose(ours.psd.sum(axis=1), theirs.get_data().sum(axis=1) * 1e12, rtol=0.02)
    assert_allclose(ours.seconds_used, 3.0 + 18.5)
    whole = dw.Recording(data, 250.0, list("abcde")).spectrum(window=1.0, taper=("kaiser", 5.0), average="median")
    expected, _ = dw.psd_welch(data, 250.0, n_fft=250, window=("kaiser", 5.0), average="median")
    assert_allclose(whole.psd, expected, rtol=1e-12)


def test_wilcoxon_equals_scipy():
    stats = pytest.importorskip("scipy.stats")
    rng = np.random.default_rng(5)
    for n in [4, 13, 30, 50]:
        x = rng.standard_normal(n) + 0.3
        ours, theirs = dw.wilcoxon(x), stats.wilcoxon(x, method="exact")
        assert min(ours.w_plus, ours.w_minus) == theirs.statistic
        assert ours.p == pytest.approx(theirs.pvalue, rel=1e-12)
    x = rng.standard_normal(80) + 0.3
    assert dw.wilcoxon(x).p == pytest.approx(stats.wilcoxon(x, method="approx").pvalue, rel=1e-12)


def test_band_power_is_the_mean_over_a_band():
    freqs = np.arange(0, 100, 0.5)
    psd = np.stack([np.ones_like(freqs), 1 / np.maximum(freqs, 0.5)])
    power = dw.band_power(freqs, psd, (30, 45))
    assert power[0] == 1.0
    assert power[1] == pytest.approx(np.log(44.5 / 30) / 14.5, rel=1e-4)
    psd[0, (freqs >= 48) & (freqs <= 52)] = 1000
    assert dw.band_power(freqs, psd[0], (40, 60), line_hz=50) == 1.0
    with pytest.raises(ValueError, match="band"):
        dw.band_power(freqs, psd, (200, 300))


def test_the_published_effect_of_propofol_comes_out(shared_data):
    """13 subjects at Cz before and after loss of consciousness (Brake et al. 2021)."""
    io = pytest.importorskip("scipy.io")
    found = io.loadmat(shared_data / "Propofol2021" / "spectra_pre_post.mat")
    golden = json.loads((shared_data / "Propofol2021" / "golden_group_stats.json").read_text())["bands"]
    freqs = found["freq"].ravel()
    means = {"delta": 11.3, "alpha": 5.2, "gamma_30_55": -3.6, "gamma_65_100": -9.2}
    shown = []
    for name, band in golden.items():
        edges = (band["lo"], band["hi"])
        before, after = (dw.band_power(freqs, found[key].T, edges, method="bins") for key in ("preX", "postX"))
        change = 10 * np.log10(after / before)
        test = dw.wilcoxon(change)
        assert_allclose(change, band["dB"], rtol=1e-12, err_msg=name)
        by_trapezoids = [dw.band_power(freqs, found[key].T, edges) for key in ("preX", "postX")]
        assert_allclose(10 * np.log10(by_trapezoids[1] / by_trapezoids[0]).mean(), band["mean_dB"], atol=0.4)
        assert int((change > 0).sum()) == band["n_up"], name
        assert test.p == pytest.approx(band["wilcoxon_p"], rel=1e-12), name
        shown += [name] if round(change.mean(), 1) == means.get(name) else []
    assert sorted(shown) == sorted(means)
