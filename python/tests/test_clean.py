"""Cleaning steps through the Python door, on a head whose faults are known."""

import numpy as np
import pytest

import dosewave as dw

NAMES = ["Fp1", "Fp2", "F7", "F3", "Fz", "F4", "F8", "T7", "C3", "Cz", "C4", "T8", "P7", "P3", "Pz", "P4", "P8", "Oz"]
SFREQ = 250.0


def near(at, width):
    """Return how a source at a place is seen at each electrode."""
    rec = dw.Recording(np.zeros((len(NAMES), 2)), SFREQ, NAMES)
    place = np.array([channel["position"] for channel in rec.header["channels"]])
    return np.exp(-0.5 * ((place - at) ** 2).sum(axis=1) / width**2)


@pytest.fixture(scope="module")
def head():
    """Return a minute of EEG with blinks, a noisy Cz and an EOG channel, and the blinks."""
    rng = np.random.default_rng(1)
    n = int(60 * SFREQ)
    t = np.arange(n) / SFREQ
    data = 0.5 * rng.normal(size=(len(NAMES), n))
    for at in ([0.05, 0.0, 0.08], [-0.05, 0.0, 0.08], [0.0, -0.09, 0.0], [0.0, 0.05, 0.08], [0.05, -0.05, 0.06]):
        envelope = 1 + 0.8 * np.sin(2 * np.pi * rng.uniform(0.05, 0.2) * t + rng.uniform(0, 6))
        phase = 2 * np.pi * rng.uniform(8, 12) * t + 0.2 * np.cumsum(rng.normal(size=n))
        data += np.outer(near(np.array(at), 0.06), 15 * envelope * np.sin(phase))
    blinks = np.exp(-0.5 * ((t % 4 - 2) / 0.07) ** 2)
    data += np.outer(near(np.array([0.0, 0.1, -0.02]), 0.04), 250 * blinks)
    data[NAMES.index("Cz")] = 300 * rng.normal(size=n)
    eog = 400 * blinks + 3 * rng.normal(size=n)
    return dw.Recording(np.vstack([data, eog]), SFREQ, [*NAMES, "VEOG"]), blinks


def test_bad_channels_and_interpolation(head):
    rec, _ = head
    found = rec.bad_channels()
    assert found.names == ["Cz"]
    value, limit = found.reasons["Cz"]["amplitude"]
    assert value > limit
    repaired = rec.interpolate(found.names)
    assert np.abs(repaired.data[9]).max() < 100
    others = [k for k in range(len(NAMES)) if k != 9]
    assert np.array_equal(repaired.data[others], rec.data[others])


def test_artifacts_are_found_where_they_are(head):
    rec, blinks = head
    found = [a for a in rec.artifacts(muscle_z=None, saccade_uv=None) if a.kind == "blink"]
    assert len(found) == 15
    assert all(blinks[round((a.onset + a.duration / 2) * SFREQ)] > 0.9 for a in found)


def test_components_and_their_removal(head):
    rec, blinks = head
    good = rec.pick([name for name in rec.ch_names if name != "Cz"])
    parts = good.filter(1, None).components()
    eyes = [found for found in parts.over(muscle=None, heart=None, line=None) if found.source == "eye"]
    assert len(eyes) == 1
    assert eyes[0].score > 0.9
    clean = good.remove_components(parts, eyes)

    def correlation(recording):
        return abs(np.corrcoef(recording.data[0], blinks)[0, 1])

    assert correlation(good) > 0.9
    assert correlation(clean) < 0.1
    by_hand = good.remove_components(parts, [eyes[0].component])
    assert np.array_equal(by_hand.data, clean.data)
    assert "chosen" in by_hand.notes[-1]


def test_regression_of_eog(head):
    rec, blinks = head
    clean = rec.regress_eog()
    assert abs(np.corrcoef(clean.data[0], blinks)[0, 1]) < 0.05


def test_the_whole_chain_says_what_it_did(head):
    rec, _ = head
    epochs = rec.clean_resting(line_removal=None)
    done = epochs.cleaning
    assert done.bad_channels == ["Cz"]
    assert [found.source for found in done.removed].count("eye") == 1
    assert len(epochs) + len(done.rejected) == 30
    assert np.abs(epochs.data[:, : len(NAMES)]).max() < 150
    assert done.settings["line_removal"] is None
    again = rec.clean_resting(line_removal=None)
    assert np.array_equal(again.data, epochs.data)
    with pytest.raises(ValueError, match="unknown field"):
        rec.clean_resting(lime_removal=None)


def test_notch_and_muscle(head):
    rec, _ = head
    t = np.arange(rec.data.shape[1]) / SFREQ
    noisy = dw.Recording(rec.data + 20 * np.sin(2 * np.pi * 50 * t), SFREQ, rec.ch_names)
    for method in ("spectrum_interpolation", "fir", "zapline"):
        quiet = noisy.notch(50, method)
        left = np.abs(np.fft.rfft(quiet.data[0]))[3000] / np.abs(np.fft.rfft(noisy.data[0]))[3000]
        assert left < 0.1, method
    with pytest.raises(ValueError, match="allowed"):
        noisy.notch(50, "comb")
    assert rec.heart() is None
    assert "brain gamma" in rec.remove_muscle().notes[-1]
