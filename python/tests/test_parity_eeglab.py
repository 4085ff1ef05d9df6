"""EEGLAB's sets and NWB files beside MNE, pynwb and eeglabio."""

from pathlib import Path

import numpy as np
import pytest

import dosewave as dw

mne = pytest.importorskip("mne")
FOLDER = Path(__file__).resolve().parents[2] / "testdata" / "eeglab"
CONTINUOUS = ["one_file_v6", "one_file_v7", "double_v7", "flat_v7", "int16_v6", "with_fdt", "boundaries"]


def read_raw(path):
    return mne.io.read_raw_eeglab(path, verbose="error")


@pytest.mark.parametrize("name", CONTINUOUS)
def test_continuous_sets_hold_what_mne_reads(name):
    path = FOLDER / f"{name}.set"
    raw, rec = read_raw(path), dw.read(path)
    assert rec.ch_names == raw.ch_names
    np.testing.assert_allclose(rec.data, raw.get_data() * 1e6, rtol=1e-12, atol=1e-9)
    if name != "boundaries":  # MNE does not shift what follows a pause
        onsets = [annotation["onset"] for annotation in raw.annotations]
        np.testing.assert_allclose([onset for onset, _, _ in rec.annotations], onsets, atol=1e-9)


@pytest.mark.parametrize("name", ["epochs", "epochs_overlapping"])
def test_epochs_hold_what_mne_reads(name):
    path = FOLDER / f"{name}.set"
    epochs, rec = mne.read_epochs_eeglab(path, verbose="error"), dw.read(path)
    data = epochs.get_data(verbose="error") * 1e6
    np.testing.assert_allclose(rec.data, np.hstack(list(data)), rtol=1e-12, atol=1e-9)
    assert len(rec.runs) == len(data)


@pytest.mark.parametrize("name", ["one_file_v73", "flat_v73"])
def test_sets_of_hdf5_hold_what_mne_reads(name):
    pytest.importorskip("pymatreader")
    path = FOLDER / f"{name}.set"
    raw, rec = read_raw(path), dw.read(path)
    np.testing.assert_allclose(rec.data, raw.get_data() * 1e6, rtol=1e-12, atol=1e-9)
    assert rec.ch_names == raw.ch_names


def test_sets_written_by_mne_come_back(tmp_path):
    pytest.importorskip("eeglabio")
    rng = np.random.default_rng(7)
    info = mne.create_info(["Fz", "C3", "C4", "Pz", "EOG"], 256.0, ["eeg"] * 4 + ["eog"])
    raw = mne.io.RawArray(rng.normal(scale=2e-5, size=(5, 1000)), info, verbose="error")
    raw.set_montage("standard_1020", on_missing="ignore", verbose="error")
    raw.set_annotations(mne.Annotations([0.5, 2.25], [0.0, 0.5], ["dose", "eyes/open"]))
    path = tmp_path / "written.set"
    mne.export.export_raw(path, raw, verbose="error")
    again, rec = read_raw(path), dw.read(path)
    np.testing.assert_allclose(rec.data, again.get_data() * 1e6, rtol=1e-12)
    np.testing.assert_allclose(rec.data, raw.get_data() * 1e6, rtol=1e-6, atol=1e-6)
    assert [label for _, _, label in rec.annotations] == ["dose", "eyes/open"]


def test_bytes_and_file_objects_are_read_as_paths_are():
    path = FOLDER / "one_file_v73.set"
    expected = dw.read(path).data
    np.testing.assert_array_equal(dw.read(path.read_bytes()).data, expected)
    with open(path, "rb") as file:
        np.testing.assert_array_equal(dw.read(file).data, expected)


def test_nwb_holds_what_pynwb_reads():
    pynwb = pytest.importorskip("pynwb")
    path = FOLDER.parent / "nwb" / "rate.nwb"
    rec = dw.read(path)
    with pynwb.NWBHDF5IO(path, "r") as io:
        series = io.read().acquisition["eeg"]
        volts = series.data[:] * series.channel_conversion[:] * series.conversion + series.offset
        labels = list(series.electrodes.to_dataframe()["label"])
    np.testing.assert_allclose(rec.data, volts.T * 1e6, rtol=1e-12, atol=1e-12)
    assert rec.ch_names == labels
