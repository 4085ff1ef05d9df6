"""Datasets: what mne-bids and the official validator say of ours, and what we read of those of mne-bids."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import dosewave as dw


def recording(n_seconds=20, names=("Fz", "Cz", "Pz", "EOG", "ECG"), dose_s=5.004):
    """Noise with events at samples."""
    rng = np.random.default_rng(1)
    data = rng.standard_normal((len(names), n_seconds * 250)) * 10
    events = [(1.0, 0.0, "eyes_closed"), (dose_s, 2.0, "infusion")]
    return dw.Recording(data, 250.0, list(names), events)


def validator():
    """The official validator, where it is installed."""
    beside = Path(sys.executable).with_name("bids-validator-deno")
    found = str(beside) if beside.exists() else shutil.which("bids-validator-deno")
    if found is None:
        pytest.skip("bids-validator-deno is not installed")
    return found


def errors_of(root):
    """Errors of the validator as (code, location)."""
    done = subprocess.run([validator(), str(root), "--format", "json"], capture_output=True, text=True, check=False)
    try:
        issues = json.loads(done.stdout)["issues"]["issues"]
    except (json.JSONDecodeError, KeyError):
        pytest.skip(f"bids-validator-deno does not run here: {done.stderr[-300:]}")
    return [(i["code"], i.get("subCode"), i.get("location")) for i in issues if i["severity"] == "error"]


def dataset(root, **settings):
    """Two subjects, two sessions, every format."""
    for subject, session, fmt in [
        ("01", "ket", "edf"),
        ("01", "pla", "bdf"),
        ("02", "ket", "vhdr"),
        ("02", "pla", None),
    ]:
        dw.write_bids(
            recording(**settings),
            root,
            subject,
            "rest",
            session=session,
            format=fmt,
            line_freq=50,
            reference="FCz",
            columns={"treatment": "ketamine" if session == "ket" else "placebo", "dose": "0.5 mg/kg", "period": 1},
            participant={"age": 30, "sex": "F", "arm": "A"},
            dataset_name="test",
        )
    return root


def test_the_validator_finds_no_error_in_what_we_write(tmp_path):
    assert errors_of(dataset(tmp_path / "study")) == []


def test_the_validator_sees_what_is_wrong(tmp_path):
    root = dataset(tmp_path / "study")
    (root / "sub-01" / "ses-ket" / "eeg" / "sub-01_ses-ket_task-rest_eeg.json").unlink()
    assert errors_of(root) != []


def test_the_validator_finds_no_error_in_derivatives(tmp_path):
    root = dataset(tmp_path / "study", n_seconds=60, dose_s=30.0)
    out = root / "derivatives" / "dosewave"
    windows = ['windows.baseline=["-30 s", "0 s"]', 'windows.post=[["0 s", "30 s"]]', "inference.n_bootstrap=20"]
    target = os.environ.get("CARGO_TARGET_DIR", Path(__file__).parents[2] / "target")
    program = Path(target) / "debug" / "dosewave"
    if not program.exists():
        pytest.skip("the command dosewave is not built")
    for level in ("participant", "group"):
        settings = [part for setting in windows for part in ("--set", setting)]
        done = subprocess.run(
            [str(program), "bids", str(root), str(out), level, *settings], capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
    assert errors_of(out) == []
    assert errors_of(root) == []


def test_mne_bids_reads_what_we_write(tmp_path):
    mne_bids = pytest.importorskip("mne_bids")
    root = dataset(tmp_path / "study")
    for subject, session in [("01", "ket"), ("01", "pla"), ("02", "ket"), ("02", "pla")]:
        path = mne_bids.BIDSPath(root=root, subject=subject, session=session, task="rest", datatype="eeg")
        raw = mne_bids.read_raw_bids(path, verbose="error").load_data()
        ours = dw.read_bids(root, subject, session, "rest")
        assert raw.ch_names == ours.ch_names
        kinds = [c["kind"] for c in ours.header["channels"]]
        assert raw.get_channel_types() == kinds
        theirs = [(a["onset"], a["duration"], a["description"]) for a in raw.annotations]
        theirs = [a for a in theirs if not a[2].startswith("New Segment")]
        events = [a for a in ours.annotations if not a[2].startswith(("New Segment", "padding"))]
        assert [t[2] for t in theirs if t[2] != "padding"] == [e[2] for e in events]
        np.testing.assert_allclose([t[0] for t in theirs], [e[0] for e in events], atol=1e-9)
        np.testing.assert_allclose(raw.get_data() * 1e6, ours.data, atol=1e-6)


def montage_raw(sfreq=256.0):
    """Return a Raw of MNE with digitised places, a bad channel and events."""
    mne = pytest.importorskip("mne")
    names = ["Fp1", "Fp2", "C3", "Cz", "C4", "Oz", "EOG1", "STI"]
    kinds = ["eeg"] * 6 + ["eog", "misc"]
    rng = np.random.default_rng(2)
    info = mne.create_info(names, sfreq, kinds)
    raw = mne.io.RawArray(rng.standard_normal((8, int(20 * sfreq))) * 1e-5, info, verbose="error")
    raw.set_montage("biosemi64", on_missing="ignore")
    raw.info["bads"] = ["C4"]
    raw.info["line_freq"] = 50
    raw.set_meas_date(1_600_000_000.25)
    raw.set_annotations(mne.Annotations([2.0, 7.5], [0.0, 1.0], ["dose", "asleep"], orig_time=raw.info["meas_date"]))
    return raw


@pytest.mark.parametrize("fmt", ["BrainVision", "EDF"])
def test_we_read_what_mne_bids_writes(tmp_path, fmt):
    mne_bids = pytest.importorskip("mne_bids")
    pytest.importorskip({"BrainVision": "pybv", "EDF": "edfio"}[fmt])
    raw = montage_raw()
    path = mne_bids.BIDSPath(root=tmp_path, subject="01", session="a", task="rest", datatype="eeg")
    mne_bids.write_raw_bids(raw, path, format=fmt, allow_preload=True, verbose="error")
    theirs = mne_bids.read_raw_bids(path, verbose="error")
    ours = dw.read_bids(tmp_path, "01", "a", "rest")
    assert ours.ch_names == theirs.ch_names
    assert [c["kind"] for c in ours.header["channels"]] == theirs.get_channel_types()
    assert ours.bads == theirs.info["bads"] == ["C4"]
    events = [a for a in ours.annotations if not a[2].startswith("New Segment")]
    assert [a[2] for a in events] == [a["description"] for a in theirs.annotations if "Segment" not in a["description"]]
    onsets = [a["onset"] for a in theirs.annotations if "Segment" not in a["description"]]
    np.testing.assert_allclose([a[0] for a in events], onsets, atol=1e-9)
    for channel, place in zip(ours.header["channels"], theirs.info["chs"], strict=True):
        if channel["kind"] == "eeg":
            np.testing.assert_allclose(channel["position"], place["loc"][:3], atol=1e-6)
    np.testing.assert_allclose(ours.data[:6], theirs.get_data(picks=range(6)) * 1e6, atol=1e-6)
    assert ours.bids["eeg"]["PowerLineFrequency"] == 50
    assert ours.header["start"]["year"] == 2020
    assert ours.to_mne().info["bads"] == ["C4"]


def test_places_go_there_and_back_through_mne_bids(tmp_path):
    mne_bids = pytest.importorskip("mne_bids")
    pytest.importorskip("pybv")
    path = mne_bids.BIDSPath(root=tmp_path / "a", subject="01", task="rest", datatype="eeg")
    mne_bids.write_raw_bids(montage_raw(), path, format="BrainVision", allow_preload=True, verbose="error")
    first = dw.read_bids(tmp_path / "a", "01", task="rest")
    dw.write_bids(first, tmp_path / "b", "01", "rest", coordinate_system="CapTrak", line_freq=50)
    again = dw.read_bids(tmp_path / "b", "01", task="rest")
    assert [c.get("position") for c in again.header["channels"]] == [
        c.get("position") for c in first.header["channels"]
    ]
    assert again.bads == ["C4"]
    assert errors_of(tmp_path / "b") == []


def test_layout_and_refusals(tmp_path):
    root = dataset(tmp_path / "study")
    layout = dw.bids_layout(root)
    assert layout.notes == [] and layout.dangling == []
    assert [r["entities"]["ses"] for r in layout.recordings] == ["ket", "pla", "ket", "pla"]
    assert layout.participants[0] == {"participant_id": "sub-01", "age": "30", "sex": "F", "arm": "A"}
    read = dw.read_bids(root, "sub-02", "ses-ket")
    assert read.bids["session"] == {"treatment": "ketamine", "dose": "0.5 mg/kg", "period": "1"}
    assert dw.read_bids(root, "02", "ket", picks="Cz", window=(1, 2)).data.shape == (1, 250)
    with pytest.raises(dw.ReadError, match="4 recordings have"):
        dw.read_bids(root, task="rest")
    with pytest.raises(dw.ReadError, match="no recording has sub-09"):
        dw.read_bids(root, "09")
    with pytest.raises(ValueError, match="there already"):
        dw.write_bids(recording(), root, "01", "rest", session="ket")
    with pytest.raises(ValueError, match="letters and digits"):
        dw.write_bids(recording(), root, "0_1", "rest")
    with pytest.raises(FileNotFoundError):
        dw.bids_layout(tmp_path / "nowhere")
    eeg = root / "sub-01" / "ses-ket" / "eeg" / "sub-01_ses-ket_task-rest_eeg.edf"
    eeg.unlink()
    eeg.symlink_to("../../../.git/annex/objects/gone")
    with pytest.raises(FileNotFoundError, match="datalad get"):
        dw.read_bids(root, "01", "ket")
