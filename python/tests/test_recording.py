"""Recordings, arrays and errors."""

import io
import json

import numpy as np
import pytest
from numpy.testing import assert_allclose

import dosewave as dw


def test_steps_return_new_recordings(pair):
    rec = pair[0]
    filtered = rec.filter(1.0, 40.0).set_reference("average")
    assert_allclose(filtered.data.sum(axis=0), 0, atol=1e-9)
    assert not np.allclose(filtered.data, rec.data)
    part = rec.crop(10, 20).pick(["Cz"])
    assert part.data.shape == (1, 4000)
    assert part.runs == [(10.0, 0, 4000)]
    assert "Cz" in part.ch_names and "4 channels" in repr(rec)


def test_epochs_spectrum_and_connectivity(pair):
    epochs = pair[0].epochs(length=2.0)
    assert epochs.data.shape == (60, 4, 800) and len(epochs) == 60
    spectrum = epochs.spectrum()
    assert spectrum.psd.shape == (60, 4, 401)
    con = epochs.connectivity("coh", bands={"alpha": (8, 13)})
    assert con.get_data("raveled").shape == (6, 1)


def test_bytes_and_file_objects_read_as_files_do(tmp_path, pair):
    path = tmp_path / "a.edf"
    pair[0].save(path)
    whole = dw.read(path)
    content = path.read_bytes()
    assert_allclose(dw.read(content, name="a.edf").data, whole.data, rtol=0)
    assert_allclose(dw.read(io.BytesIO(content), name="a.edf").data, whole.data, rtol=0)


def test_hdf5_keeps_every_bit(tmp_path, pair):
    path = tmp_path / "a.h5"
    pair[0].save(path)
    assert np.array_equal(dw.read(path).data, pair[0].data)


def test_errors_are_natural_and_say_where(tmp_path, pair):
    with pytest.raises(FileNotFoundError, match="nowhere.edf"):
        dw.read(tmp_path / "nowhere.edf")
    path = tmp_path / "a.edf"
    pair[0].save(path)
    cut = tmp_path / "cut.edf"
    cut.write_bytes(path.read_bytes()[:300])
    with pytest.raises(dw.ReadError, match="header is incomplete") as caught:
        dw.read(cut)
    assert caught.value.path.endswith("cut.edf") and caught.value.offset >= 256 and caught.value.field
    with pytest.raises(KeyError, match="Fz, Cz, Pz, Oz"):
        pair[0].pick(["T7"])
    with pytest.raises(ValueError, match="holds NaN at sample 3"):
        dw.Recording([[1.0, 2.0, 3.0, np.nan]], 100.0, ["Cz"])
    with pytest.raises(ValueError, match="did you mean 'epochs.length'"):
        dw.compare(*pair, config={"epochs": {"lenght": 2}})
    with pytest.raises(ValueError, match="two recordings, or one"):
        dw.compare(pair[0])
    with pytest.raises(KeyError, match="wpli2_debiased"):
        dw.spectral_connectivity(np.zeros((2, 2, 100)), 100.0, "wplli")


def test_arrays_of_any_shape_and_kind(epochs):
    psd, freqs = dw.psd_multitaper(epochs[0, 0].astype(np.float32), 250.0)
    assert psd.shape == freqs.shape == (251,)
    strided = np.asfortranarray(epochs)
    assert np.array_equal(dw.psd_multitaper(strided, 250.0)[0], dw.psd_multitaper(epochs, 250.0)[0])
    assert np.array_equal(dw.psd_welch(epochs, 250.0, n_jobs=1)[0], dw.psd_welch(epochs, 250.0, n_jobs=2)[0])


def test_markers_table(pair):
    table = dw.markers(pair[0], ["low_gamma", "aperiodic_exponent"], window=(0, 60))
    assert set(table["marker"]) == {"low_gamma", "aperiodic_exponent"}
    assert {"global", "Fz"} <= set(table["site"])
    exponent = table[(table["marker"] == "aperiodic_exponent") & (table["site"] == "global")]["value"].item()
    assert exponent == pytest.approx(1.4, abs=0.25)


def test_markers_come_with_their_notes(pair):
    # a filter of 330 s over two minutes
    with pytest.warns(UserWarning, match="filter: 1 of 1 runs are shorter than the filter"):
        table = dw.markers(pair[0], ["alpha"], config={"clean": {"high_pass": 0.01}})
    levels = {note["topic"]: note["level"] for note in table.attrs["notes"]}
    assert levels["filter"] == "warning" and levels["reference"] == "info"


def test_results_show_and_save_themselves(tmp_path, pair):
    res = dw.compare(*pair, config={"inference": {"n_bootstrap": 50, "n_permutations": 50}})
    assert "iframe" in res._repr_html_() and "Results" in repr(res)
    res.save(tmp_path / "out")
    for name in [
        "results.json",
        "markers.tsv",
        "markers.json",
        "contrasts.tsv",
        "methods.md",
        "report.html",
        "responses.tsv",
        "results.h5",
    ]:
        assert (tmp_path / "out" / name).stat().st_size > 0, name
    assert json.loads(res.json)["provenance"]["seed"] == 1
    assert {"freq_hz", "psd_uv2_hz"} <= set(res.spectra().columns)
    assert "t_from_dose_min" in res.time_courses().columns
    assert len(res.methods) > 200


def test_default_configuration_and_kinds():
    assert "[epochs]" in dw.config_default()
    kinds = dw.marker_kinds()
    assert {"band_power", "wpli2_debiased"} <= set(kinds["kind"])
    assert kinds["doi"].str.startswith("10.").all()
