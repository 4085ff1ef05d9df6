"""Our numbers beside the established tools, on the same arrays."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw

mne = pytest.importorskip("mne")


@pytest.mark.parametrize("n_times", [500, 501])
@pytest.mark.parametrize("bandwidth", [4.0, None])
def test_multitaper_equals_mne(epochs, n_times, bandwidth):
    x = epochs[:, :, :500] if n_times == 500 else np.concatenate([epochs, epochs[:, :, :1]], axis=2)
    expected, freqs = mne.time_frequency.psd_array_multitaper(
        x, 250.0, bandwidth=bandwidth, normalization="full", verbose="error"
    )
    psd, got = dw.psd_multitaper(x, 250.0, bandwidth=bandwidth)
    assert_allclose(got, freqs, rtol=1e-12)
    assert_allclose(psd, expected, rtol=1e-10)


@pytest.mark.parametrize("average", ["mean", "median"])
def test_welch_equals_mne(epochs, average):
    expected, freqs = mne.time_frequency.psd_array_welch(
        epochs, 250.0, n_fft=256, n_per_seg=200, n_overlap=100, window="hann", average=average, verbose="error"
    )
    psd, got = dw.psd_welch(epochs, 250.0, n_fft=256, n_per_seg=200, n_overlap=100, average=average)
    assert_allclose(got, freqs, rtol=1e-12)
    # MNE's first bin is what rounding leaves of the removed mean
    assert_allclose(psd[..., 1:], expected[..., 1:], rtol=1e-10)


METHODS = ["coh", "imcoh", "plv", "ciplv", "ppc", "pli", "pli2_unbiased", "dpli", "wpli", "wpli2_debiased"]


@pytest.mark.parametrize("mode", ["multitaper", "fourier"])
@pytest.mark.parametrize("faverage", [False, True])
def test_connectivity_equals_mne_connectivity(epochs, mode, faverage):
    peer = pytest.importorskip("mne_connectivity")
    bands = {"fmin": (5.0, 13.0), "fmax": (13.0, 30.0)}
    expected = peer.spectral_connectivity_epochs(
        epochs, method=METHODS, mode=mode, sfreq=250.0, faverage=faverage, verbose="error", **bands
    )
    got = dw.spectral_connectivity(epochs, 250.0, METHODS, mode=mode, faverage=faverage, **bands)
    for ours, theirs in zip(got, expected, strict=True):
        assert_allclose(ours.get_data("dense"), theirs.get_data("dense"), atol=1e-10, err_msg=ours.method)


def test_exponent_equals_specparam(epochs):
    specparam = pytest.importorskip("specparam")
    psd, freqs = dw.psd_multitaper(epochs, 250.0)
    psd = psd.mean(axis=0)[0] / np.maximum(freqs, 1) ** 1.3
    model = specparam.SpectralModel(aperiodic_mode="fixed", max_n_peaks=0, verbose=False)
    model.fit(freqs, psd, [1, 45])
    offset, exponent = model.results.params.aperiodic.params
    fit = dw.aperiodic(freqs, psd, freq_range=(1, 45))
    assert fit.exponent == pytest.approx(exponent, abs=1e-6)
    assert fit.offset == pytest.approx(offset, abs=1e-6)


def test_edf_that_we_write_is_read_by_the_established_readers(tmp_path, pair):
    edfio = pytest.importorskip("edfio")
    pyedflib = pytest.importorskip("pyedflib")
    rec = dw.Recording(pair[0].data, 400.0, pair[0].ch_names, annotations=[(3.5, 2.0, "infusion")])
    path = tmp_path / "ours.edf"
    rec.save(path)
    step = np.ptp(rec.data, axis=1).max() / 65535
    edf = edfio.read_edf(path)
    assert_allclose([s.data for s in edf.signals], rec.data, atol=step)
    assert [(a.onset, a.duration, a.text) for a in edf.annotations] == [(3.5, 2.0, "infusion")]
    with pyedflib.EdfReader(str(path)) as reader:
        assert_allclose(reader.readSignal(2), rec.data[2], atol=step)
    raw = mne.io.read_raw_edf(path, verbose="error")
    assert_allclose(raw.get_data() * 1e6, rec.data, atol=step)
    assert list(raw.annotations.description) == ["infusion"]


def test_to_and_from_mne(pair):
    raw = pair[0].to_mne()
    assert_allclose(raw.get_data() * 1e6, pair[0].data, rtol=1e-12)
    back = dw.from_mne(raw)
    assert back.ch_names == pair[0].ch_names
    assert_allclose(back.data, pair[0].data, rtol=1e-12)


def test_hdf5_opens_in_h5py(tmp_path, pair):
    h5py = pytest.importorskip("h5py")
    dw.compare(*pair, config={"inference": {"n_bootstrap": 50, "n_permutations": 50}}).save(tmp_path / "out")
    found = []
    with h5py.File(tmp_path / "out" / "results.h5") as file:
        file.visititems(lambda name, item: found.append((name, dict(item.attrs))) if "unit" in item.attrs else None)
    assert any("µV²/Hz" in attrs["unit"] for _, attrs in found)
    assert all(attrs["axes"] for _, attrs in found)
