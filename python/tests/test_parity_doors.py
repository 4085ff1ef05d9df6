"""The command, the wheel and repeated runs give the same bytes."""

import os
import shutil
import subprocess

import pytest

import dosewave as dw
from conftest import ROOT

FAST = {"inference": {"n_bootstrap": 50, "n_permutations": 50}}


@pytest.fixture
def command():
    """The built command, whichever profile."""
    for place in [ROOT / "target" / "debug" / "dosewave", ROOT / "target" / "release" / "dosewave"]:
        if place.exists():
            return str(place)
    found = shutil.which("dosewave")
    if found is None:
        pytest.skip("the command is not built")
    return found


def test_command_and_wheel_write_the_same_bytes(tmp_path, pair, command):
    pre, post = tmp_path / "pre.edf", tmp_path / "post.edf"
    pair[0].save(pre)
    pair[1].save(post)
    found = []
    for threads in ["1", "2"]:
        out = tmp_path / f"cli{threads}"
        options = ["--set", "inference.n_bootstrap=50", "--set", "inference.n_permutations=50"]
        subprocess.run(
            [command, "compare", str(pre), str(post), "-o", str(out), "-q", "-j", threads, *options],
            check=True,
            env={**os.environ, "NO_COLOR": "1"},
        )
        found.append((out / "results.json").read_bytes())
        res = dw.compare(pre, post, config=FAST, n_jobs=int(threads))
        res.save(tmp_path / f"py{threads}")
        found.append((tmp_path / f"py{threads}" / "results.json").read_bytes())
        found.append(res.json.encode() + (b"\n" if not res.json.endswith("\n") else b""))
    assert len({bytes(text).strip() for text in found}) == 1


def test_a_rise_above_30_hz_is_found_and_nothing_below(pair):
    contrasts = dw.compare(*pair, config=FAST).contrasts
    change = contrasts[contrasts["site"] == "global"].set_index("marker")["change"]
    assert change["high_gamma"] == pytest.approx(6.02, abs=0.3)
    assert change["alpha"] == pytest.approx(0.0, abs=0.5)


def test_propofol_lowers_gamma(shared_data):
    folder = shared_data / "Propofol2021" / "converted"
    res = dw.compare(folder / "cz_pre.edf", folder / "cz_post.edf", config=FAST)
    table = res.contrasts
    change = table[table["site"] == "global"].set_index("marker")["change"]
    expected = {"delta": 12.946, "alpha": 1.832, "low_gamma": -3.671, "high_gamma": -7.629}
    for marker, value in expected.items():
        assert change[marker] == pytest.approx(value, abs=0.5), marker
