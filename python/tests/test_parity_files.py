"""What we write is read by the established readers, and what they write by us."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw

SFREQ = 256.0
NAMES = ["Fz", "Cz", "Pz"]
EVENTS = [(1.0, 0.0, "dose"), (4.5, 2.0, "eyes closed")]


@pytest.fixture
def recording():
    """Ten seconds of three channels of different size."""
    t = np.arange(2560) / SFREQ
    data = np.array([50 * np.sin(20 * t), 300 * np.cos(3 * t) + 20, 5 * np.sin(60 * t + 1)])
    return dw.Recording(data, SFREQ, NAMES, EVENTS)


def half_steps(recording, bits):
    """Half a quantisation step of each channel, with the rounding of the range to eight characters."""
    return (np.ptp(recording.data, axis=1, keepdims=True) + 0.01) / (2**bits - 1) / 2 * 1.001


@pytest.mark.parametrize(("ending", "bits"), [("edf", 16), ("bdf", 24)])
def test_mne_reads_what_we_write_as_edf(tmp_path, recording, ending, bits):
    mne = pytest.importorskip("mne")
    path = tmp_path / f"a.{ending}"
    recording.save(path)
    reader = mne.io.read_raw_edf if ending == "edf" else mne.io.read_raw_bdf
    raw = reader(path, preload=True, verbose="error")
    assert raw.ch_names == NAMES and raw.info["sfreq"] == SFREQ
    assert (np.abs(raw.get_data() * 1e6 - recording.data) <= half_steps(recording, bits)).all()
    found = [(a["onset"], a["duration"], a["description"]) for a in raw.annotations]
    assert [label for *_, label in found] == ["dose", "eyes closed"]
    assert_allclose([f[:2] for f in found], [e[:2] for e in EVENTS], atol=1e-6)


@pytest.mark.parametrize(("ending", "bits"), [("edf", 16), ("bdf", 24)])
def test_edfio_reads_what_we_write(tmp_path, recording, ending, bits):
    edfio = pytest.importorskip("edfio")
    path = tmp_path / f"a.{ending}"
    recording.save(path)
    edf = (edfio.read_edf if ending == "edf" else edfio.read_bdf)(path)
    data = np.array([signal.data for signal in edf.signals])
    assert (np.abs(data - recording.data) <= half_steps(recording, bits)).all()
    assert [(a.onset, a.duration or 0.0, a.text) for a in edf.annotations] == EVENTS
    assert [signal.label for signal in edf.signals] == NAMES


@pytest.mark.parametrize(("ending", "bits"), [("edf", 16), ("bdf", 24)])
def test_pyedflib_reads_what_we_write(tmp_path, recording, ending, bits):
    pyedflib = pytest.importorskip("pyedflib")
    path = tmp_path / f"a.{ending}"
    recording.save(path)
    with pyedflib.EdfReader(str(path)) as edf:
        data = np.array([edf.readSignal(i) for i in range(edf.signals_in_file)])
        onsets, _, labels = edf.readAnnotations()
        assert edf.getSignalLabels() == NAMES
    assert (np.abs(data - recording.data) <= half_steps(recording, bits)).all()
    assert list(labels) == ["dose", "eyes closed"]
    assert_allclose(onsets, [1.0, 4.5])


def test_mne_reads_what_we_write_as_brainvision(tmp_path, recording):
    mne = pytest.importorskip("mne")
    path = tmp_path / "a.vhdr"
    recording.save(path)
    raw = mne.io.read_raw_brainvision(path, preload=True, verbose="error")
    assert_allclose(raw.get_data() * 1e6, recording.data, rtol=1e-7)
    assert raw.ch_names == NAMES
    assert [a["description"] for a in raw.annotations][-2:] == ["Comment/dose", "Comment/eyes closed"]


@pytest.mark.parametrize("name", ["mne-python/edf/test.edf", "eeglab/test.bdf", "edfio/short_psg.edf"])
def test_real_recordings_keep_their_integers(tmp_path, shared_data, name):
    """Written by us, every sample stands for the same integer that the original holds."""
    edfio = pytest.importorskip("edfio")
    copy = tmp_path / f"copy.{name[-3:]}"
    rec = dw.read(shared_data / name)
    rec.save(copy)
    reader = edfio.read_edf if name.endswith("edf") else edfio.read_bdf
    original = {signal.label: signal for signal in reader(shared_data / name).signals}
    for signal in reader(copy).signals:
        digital = original[signal.label].digital
        assert np.array_equal(signal.digital[: len(digital)], digital), signal.label
    assert np.array_equal(dw.read(copy).data[:, : rec.data.shape[1]], rec.data)


def test_picks_windows_and_other_rates(tmp_path, recording, shared_data):
    path = tmp_path / "a.edf"
    recording.save(path)
    whole = dw.read(path)
    part = dw.read(path, picks=["Pz", "Fz"], window=(2.0, 3.5))
    assert part.ch_names == ["Pz", "Fz"] and part.runs == [(2.0, 0, 384)]
    assert np.array_equal(part.data, whole.data[[2, 0], 512:896])
    assert np.array_equal(dw.read(path, picks="Cz").data, whole.data[1:2])
    assert np.array_equal(dw.read(path.read_bytes(), name="a.edf", picks=["Cz"]).data, whole.data[1:2])
    with pytest.raises(KeyError, match="no channel 'T7'"):
        dw.read(path, picks=["T7"])
    with pytest.raises(ValueError, match="window"):
        dw.read(path, window=(100.0, 101.0))
    slow = dw.read(shared_data / "edfio/short_psg.edf", signal="Temp rectal")
    assert slow.sfreq == 1.0 and slow.data.shape == (1, 300)
    with pytest.raises(ValueError, match="Temp rectal"):
        dw.read(shared_data / "edfio/short_psg.edf", signal="nothing")
