"""Simulated subjects with known brain gamma and known muscle, on real eyes-open EEG.

Background: the public eyes-open recording of yasa (two channels, 6 min, 200 Hz), cut into stretches that stand for 32
independent cortical patches; above 42 Hz, where that recording is partly muscle, each patch continues as noise with the
slope of its own spectrum. Without the recording the patches are 1/f noise with an alpha rhythm.

Muscle: six groups at the rim (forehead, temples, neck, both sides), each with a spectrum of its own that is *not* flat
(it rises to 20-40 Hz and falls above 80-300 Hz) and an amplitude that waxes and wanes; it spreads over the scalp with
distance.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

SFREQ = 400.0
CROSSOVER_HZ = 42.0
GAMMA_HZ = (28.0, 95.0)
# fmt: off
CH_NAMES = [
    "Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "FC5", "FC1", "FC2", "FC6", "T7", "C3", "Cz", "C4", "T8", "TP9", "CP5",
    "CP1", "CP2", "CP6", "TP10", "P7", "P3", "Pz", "P4", "P8", "PO9", "O1", "Oz", "O2", "PO10",
]
# fmt: on
# where muscle is strongest: label of the nearest electrode
MUSCLE_AT = ["Fp1", "Fp2", "T7", "T8", "PO9", "PO10"]
RECORDING = Path("yasa") / "data_resting_EO_200Hz_raw.fif"


def real_background(folder: Path | None):
    """``(n_channels, n_times)`` of the real recording at SFREQ, µV; ``None`` where it is absent."""
    if folder is None or not (folder / RECORDING).is_file():
        return None
    import mne

    raw = mne.io.read_raw_fif(folder / RECORDING, preload=True, verbose="error")
    return raw.resample(SFREQ, verbose="error").filter(0.5, None, verbose="error").get_data() * 1e6


def positions():
    """``(32, 3)`` positions of the electrodes, m."""
    import dosewave as dw

    rec = dw.Recording(np.zeros((len(CH_NAMES), 2)), SFREQ, CH_NAMES)
    return np.array([channel["position"] for channel in rec.header["channels"]])


@dataclass
class Subject:
    """Parts of a recording before and after, ``(32, n_times)`` each, µV; any truth is a sum of them."""

    brain: tuple[np.ndarray, np.ndarray]
    gamma: tuple[np.ndarray, np.ndarray]
    muscle: tuple[np.ndarray, np.ndarray]
    noise: tuple[np.ndarray, np.ndarray]

    def before(self):
        """Return the recording before."""
        return self.brain[0] + self.gamma[0] + self.muscle[0] + self.noise[0]

    def after(self, gamma_db: float, muscle_db: float):
        """Return the recording after, with brain gamma and muscle changed by so many dB of power."""
        gain = 10 ** (np.array([gamma_db, muscle_db]) / 20)
        return self.brain[1] + gain[0] * self.gamma[1] + gain[1] * self.muscle[1] + self.noise[1]


def subject(seed: int, background, seconds: float = 120.0) -> Subject:
    """Make one subject; everything about it follows from the seed."""
    rng = np.random.default_rng([20261123, seed])
    n_times = round(seconds * SFREQ)
    place = positions()
    distance = np.linalg.norm(place[:, None] - place[None], axis=2)
    mixing = np.exp(-0.5 * (distance / 0.025) ** 2)
    mixing /= np.linalg.norm(mixing, axis=1, keepdims=True)
    source = [CH_NAMES.index(name) for name in MUSCLE_AT]
    width = rng.uniform(0.025, 0.04)
    spread = np.exp(-0.5 * (distance[:, source] / width) ** 2)
    cut = rng.uniform(80.0, 300.0)
    start = rng.uniform(20.0, 40.0)
    share = rng.uniform(0.1, 0.6)
    sides = 10 ** (rng.normal(0, 1.5, len(source)) / 20)
    brain, gamma, muscle, noise = [], [], [], []
    slope = rng.uniform(1.2, 1.8)
    level = None
    for _ in range(2):
        patches = np.stack([patch(rng, background, n_times, slope) for _ in CH_NAMES])
        inside, outside = split(patches)
        # another stretch of a real recording has another gamma: unchanged means that each patch keeps its power
        level = band_levels(inside) if level is None else level
        inside = with_levels(inside, level)
        brain.append(mixing @ outside)
        gamma.append(mixing @ inside)
        groups = np.stack([muscle_group(rng, n_times, start, cut) for _ in source]) * sides[:, None]
        muscle.append(spread @ groups)
        noise.append(rng.standard_normal((len(CH_NAMES), n_times)) * np.sqrt(0.002 * SFREQ / 2))
    # muscle's share of low gamma at the rim before the dose
    brain_power = band_power((brain[0] + gamma[0])[source])
    muscle_power = band_power(muscle[0][source])
    scale = np.sqrt(share / (1 - share) * brain_power / muscle_power)
    return Subject(tuple(brain), tuple(gamma), tuple(scale * m for m in muscle), tuple(noise))


def band_power(x, low=30.0, high=45.0):
    """Mean power of a band over channels, µV²."""
    spectrum = np.abs(np.fft.rfft(x)) ** 2
    freqs = np.fft.rfftfreq(x.shape[1], 1 / SFREQ)
    return spectrum[:, (freqs >= low) & (freqs < high)].mean()


def shaped(rng, n_times, amplitude):
    """Gaussian noise with this amplitude spectrum (a function of frequency)."""
    freqs = np.fft.rfftfreq(n_times, 1 / SFREQ)
    spectrum = rng.standard_normal(len(freqs)) + 1j * rng.standard_normal(len(freqs))
    return np.fft.irfft(spectrum * amplitude(np.maximum(freqs, 0.5)), n_times) * np.sqrt(n_times * SFREQ) / 2


def patch(rng, background, n_times, slope):
    """One cortical patch: a stretch of the real recording below the crossover, noise of its slope above."""
    if background is None:
        low = shaped(rng, n_times, lambda f: np.sqrt(40.0 * f**-slope + 4 * np.exp(-0.5 * (f - 10.0) ** 2)))
    else:
        channel = rng.integers(background.shape[0])
        low = np.roll(background[channel], rng.integers(background.shape[1]))[:n_times]
    freqs = np.fft.rfftfreq(n_times, 1 / SFREQ)
    spectrum = np.fft.rfft(low)
    # level of the continuation: what the stretch has at 30-42 Hz
    psd = np.abs(spectrum) ** 2
    anchor = np.sqrt(psd[(freqs > 30) & (freqs < CROSSOVER_HZ)].mean() / 2)
    high = (rng.standard_normal(len(freqs)) + 1j * rng.standard_normal(len(freqs))) * anchor
    high *= (np.maximum(freqs, 0.5) / 35.6) ** (-slope / 2)
    fade = 1 / (1 + np.exp((freqs - CROSSOVER_HZ) / 1.0))
    return np.fft.irfft(np.sqrt(fade) * spectrum + np.sqrt(1 - fade) * high, n_times)


def split(x):
    """What lies in the gamma range, and the rest."""
    spectrum = np.fft.rfft(x)
    freqs = np.fft.rfftfreq(x.shape[1], 1 / SFREQ)
    inside = (freqs >= GAMMA_HZ[0]) & (freqs < GAMMA_HZ[1])
    return np.fft.irfft(spectrum * inside, x.shape[1]), np.fft.irfft(spectrum * ~inside, x.shape[1])


LEVEL_BANDS = [(28.0, 48.0), (48.0, 95.0)]


def masks(n_times):
    """Bins of the two gamma bands."""
    freqs = np.fft.rfftfreq(n_times, 1 / SFREQ)
    return [(freqs >= low) & (freqs < high) for low, high in LEVEL_BANDS]


def band_levels(x):
    """Power of each row in the two gamma bands."""
    spectrum = np.abs(np.fft.rfft(x)) ** 2
    return [spectrum[:, bins].sum(axis=1) for bins in masks(x.shape[1])]


def with_levels(x, levels):
    """The same with these powers."""
    spectrum = np.fft.rfft(x)
    for bins, level in zip(masks(x.shape[1]), levels, strict=True):
        power = (np.abs(spectrum[:, bins]) ** 2).sum(axis=1)
        spectrum[:, bins] *= np.sqrt(level / power)[:, None]
    return np.fft.irfft(spectrum, x.shape[1])


def muscle_group(rng, n_times, start, cut):
    """One group of muscles: rises to ``start`` Hz, falls above ``cut`` Hz, waxes and wanes over seconds."""
    carrier = shaped(rng, n_times, lambda f: np.sqrt((f / start) ** 4 / (1 + (f / start) ** 4) / (1 + (f / cut) ** 2)))
    slow = shaped(rng, n_times, lambda f: np.sqrt(1 / (1 + (f / 0.1) ** 2)))
    slow /= slow.std()
    return carrier * 10 ** (rng.uniform(1.0, 2.5) * slow / 20)
