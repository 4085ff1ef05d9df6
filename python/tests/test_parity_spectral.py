"""Aperiodic models and time-frequency maps beside specparam, YASA and MNE, on simulated and real data."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw


def simulated(n, mode, seed=0):
    """Spectra 1 to 45 Hz with 0 to 3 peaks and up to 0.1 of noise (log10)."""
    rng = np.random.default_rng(seed)
    freqs = np.arange(1, 45.01, 0.5)
    rows = []
    for _ in range(n):
        chi = rng.uniform(1.0 if mode == "knee" else 0.5, 2.5)
        knee = rng.uniform(5, 20) ** chi if mode == "knee" else 0.0
        y = rng.uniform(-1, 2) - np.log10(knee + freqs**chi)
        for _ in range(rng.integers(0, 4)):
            y += rng.uniform(0.15, 1.2) * np.exp(-((freqs - rng.uniform(3, 40)) ** 2) / (2 * rng.uniform(0.5, 3) ** 2))
        rows.append(10 ** (y + rng.uniform(0, 0.1) * rng.standard_normal(len(freqs))))
    return freqs, np.array(rows)


def agreement(freqs, psd, freq_range, mode="fixed", **settings):
    """Share of spectra whose exponents and centres agree to 1e-3; those that specparam cannot fit do not count."""
    specparam = pytest.importorskip("specparam")
    ours = dw.aperiodic(freqs, psd, freq_range, mode=mode, compat="specparam-2", **settings)
    agree = []
    for i, row in enumerate(psd):
        model = specparam.SpectralModel(aperiodic_mode=mode, verbose=False, **settings)
        model.fit(freqs, row, list(freq_range))
        exponent = model.results.params.aperiodic.params[-1]
        if not np.isfinite(exponent):
            continue
        peaks = np.asarray(model.results.params.periodic.params).reshape(-1, 3)
        peaks = peaks[np.isfinite(peaks[:, 0])]
        same = len(peaks) == len(ours.peaks[i]) and abs(ours.exponent[i] - exponent) <= 1e-3
        agree.append(same and bool(np.all(np.abs(ours.peaks[i][:, 0] - peaks[:, 0]) <= 1e-3)))
    return np.mean(agree), len(agree)


def test_specparam_is_reproduced_on_simulated_spectra():
    share, n = agreement(*simulated(250, "fixed"), (1, 45))
    assert n == 250 and share >= 0.99, share
    share, n = agreement(*simulated(60, "knee"), (1, 45), mode="knee")
    assert n >= 55 and share >= 0.95, share
    share, _ = agreement(
        *simulated(40, "fixed", 5), (2, 40), peak_width_limits=(1, 8), max_n_peaks=4, min_peak_height=0.1
    )
    assert share >= 0.97, share


def test_specparam_is_reproduced_on_real_spectra(shared_data):
    io = pytest.importorskip("scipy.io")
    found = io.loadmat(shared_data / "Propofol2021" / "spectra_pre_post.mat")
    freqs = found["freq"].ravel()
    psd = np.concatenate([found["preX"].T, found["postX"].T])
    for freq_range in [(1, 45), (30, 45), (2, 40)]:
        assert agreement(freqs, psd, freq_range)[0] == 1.0, freq_range
    stored = {path.stem: np.load(path) for path in sorted((shared_data / "specparam").glob("*.npy"))}
    pairs = [("freqs", "spectrum"), ("freqs_2", "spectrum_2"), ("freqs_lfp", "spectrum_lfp")]
    for name, spectra in [*pairs, ("group_freqs", "group_powers")]:
        share, _ = agreement(stored[name].ravel(), np.atleast_2d(stored[spectra]), (2, 40))
        assert share == 1.0, name


def test_robust_knee_and_reasons():
    freqs, psd = simulated(20, "knee", seed=3)
    fit = dw.aperiodic(freqs, psd, mode="knee", robust=True)
    model = dw.aperiodic(freqs, psd, mode="knee", compat="specparam-2")
    # two ways to leave peaks out of the curve
    assert np.median(np.abs(fit.exponent - model.exponent)) < 0.15
    assert np.median(np.abs(np.log(fit.knee_hz / model.knee_hz))) < 0.15
    psd[3, 5] = 0.0
    fit = dw.aperiodic(freqs, psd, mode="knee", compat="specparam-2")
    assert np.isnan(fit.exponent[3]) and "psd[5] = 0" in fit.reason[3]
    assert fit.reason[4] is None and np.isfinite(fit.exponent[4])
    with pytest.raises(ValueError, match=r"psd\[5\] = 0"):
        dw.aperiodic(freqs, psd[3], mode="knee")
    with pytest.raises(TypeError, match="peak_threshold"):
        dw.aperiodic(freqs, psd[0], peak_threshold=1.0)
    with pytest.raises(ValueError, match="unknown field"):
        dw.aperiodic(freqs, psd[0], compat="specparam-2", peak_treshold=1.0)


def signals(sfreq, n_times, n=4):
    rng = np.random.default_rng(8)
    freqs = np.fft.rfftfreq(n_times, 1 / sfreq)
    x = []
    for exponent in np.linspace(0.8, 2.0, n):
        spectrum = rng.standard_normal(len(freqs)) + 1j * rng.standard_normal(len(freqs))
        spectrum[1:] /= freqs[1:] ** (exponent / 2)
        spectrum[0] = 0
        one = np.fft.irfft(spectrum, n_times)
        x.append(20 * one / one.std() + 5 * np.sin(2 * np.pi * 10 * np.arange(n_times) / sfreq))
    return np.array(x)


def test_irasa_is_close_to_yasa(shared_data):
    yasa = pytest.importorskip("yasa")
    n3 = np.loadtxt(shared_data / "yasa" / "data_N3_no-spindles_30sec_100Hz.txt").ravel()
    cases = [(signals(250.0, 120 * 250), 250.0, (1, 30)), (n3[None], 100.0, (1, 25))]
    for x, sfreq, band in cases:
        ours = dw.irasa(x, sfreq, band=band)
        freqs, aperiodic, _, fits = yasa.irasa(x, sf=sfreq, band=band, return_fit=True, verbose="error")
        assert_allclose(ours.freqs, freqs)
        decibels = 10 * np.log10(ours.aperiodic / aperiodic)
        assert np.abs(decibels).mean() < 0.25, np.abs(decibels).mean()
        assert_allclose(ours.exponent, -fits["Slope"].to_numpy(float), atol=0.06)
    with pytest.raises(ValueError, match="21.05"):
        dw.irasa(cases[0][0], 250.0, low_pass=40.0)


def test_time_frequency_equals_mne(epochs):
    mne = pytest.importorskip("mne")
    freqs, cycles = np.arange(8.0, 45.0, 4.0), 5.0
    ours = dw.time_frequency(epochs, 250.0, freqs, n_cycles=cycles, decim=2)
    for output, map_ in (("avg_power", ours.power), ("itc", ours.itpc)):
        theirs = mne.time_frequency.tfr_array_morlet(
            epochs, 250.0, freqs, n_cycles=cycles, output=output, decim=2, zero_mean=True, verbose="error"
        )
        assert_allclose(map_, theirs, rtol=0, atol=1e-10 * np.abs(theirs).max())
    multi = dw.time_frequency(epochs, 250.0, freqs, n_cycles=cycles, method="multitaper", time_bandwidth=4.0)
    theirs = mne.time_frequency.tfr_array_multitaper(
        epochs, 250.0, freqs, n_cycles=cycles, time_bandwidth=4.0, output="avg_power", zero_mean=True, verbose="error"
    )
    assert_allclose(multi.power, theirs, rtol=0, atol=1e-10 * theirs.max())
    with pytest.raises(ValueError, match="wavelet"):
        dw.time_frequency(epochs, 250.0, [1.0], n_cycles=20.0)


def test_band_envelope_and_bursts():
    t = np.arange(20 * 250) / 250
    wave = np.cos(2 * np.pi * 40 * t) * np.where((t > 5) & (t < 5.4) | (t > 12) & (t < 12.4), 20.0, 1.0)
    noise = np.random.default_rng(2).standard_normal(t.size)
    envelope = dw.Recording((wave + noise)[None], 250.0, ["Cz"]).band_envelope(30, 45)
    assert envelope.amplitude.shape == (1, t.size) and len(envelope.valid) == 1
    found = dw.bursts(envelope.amplitude[0], 250.0, centre=37.5, threshold_mads=8.0)
    assert [round(start / 250, 1) for _, start, _ in found.bursts] == [5.0, 12.0]
    assert found.dwell_mean_s == pytest.approx(0.4, abs=0.1)
    assert found.occupancy == pytest.approx(0.8 / 20, abs=0.012)
