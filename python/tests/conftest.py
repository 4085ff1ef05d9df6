"""Shared signals and folders."""

from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def shared_data():
    """The folder of shared recordings; tests that need it are skipped where it is absent."""
    folder = ROOT.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("no folder of shared recordings")
    return folder


@pytest.fixture
def epochs():
    """(12 epochs, 5 channels, 500 samples) at 250 Hz with a lagged 10-Hz source, µV."""
    rng = np.random.default_rng(3)
    source = rng.standard_normal(12 * 500 + 10)
    data = rng.standard_normal((12, 5, 500))
    data[:, 0] += source[10:].reshape(12, 500)
    data[:, 1] += source[7:-3].reshape(12, 500)
    return 10 * data


@pytest.fixture
def pair():
    """Two recordings of four channels, the second with twice the amplitude above 30 Hz."""
    import dosewave as dw

    rng = np.random.default_rng(5)
    names = ["Fz", "Cz", "Pz", "Oz"]

    def make(gain):
        noise = np.fft.rfft(rng.standard_normal((4, 120 * 400)))
        freqs = np.fft.rfftfreq(120 * 400, 1 / 400)
        noise *= np.where(freqs > 30, gain, 1) / np.maximum(freqs, 0.5) ** 0.7
        return dw.Recording(20 * np.fft.irfft(noise), 400.0, names)

    return make(1.0), make(2.0)
