"""The command, the wheel and repeated runs give the same bytes."""

import os
import subprocess

import pytest

import dosewave as dw
from conftest import ROOT

FAST = {"inference": {"n_bootstrap": 50, "n_permutations": 50}}


def built(*names):
    """The newest build of a program, whichever profile."""
    places = [ROOT / "target" / profile / name for name in names for profile in ("debug", "release")]
    places = [place for place in places if place.exists()]
    if not places:
        pytest.skip(f"{names[0]} is not built: cargo test builds it")
    return str(max(places, key=lambda place: place.stat().st_mtime))


@pytest.fixture
def command():
    """The command."""
    return built("dosewave")


@pytest.fixture
def rust_program():
    """A Rust program that uses the crate."""
    return built("examples/before_after")


def test_command_wheel_and_crate_write_the_same_bytes(tmp_path, pair, command, rust_program):
    pre, post = tmp_path / "pre.edf", tmp_path / "post.edf"
    pair[0].save(pre)
    pair[1].save(post)
    settings = ["inference.n_bootstrap=50", "inference.n_permutations=50"]
    subprocess.run([rust_program, pre, post, tmp_path / "rust", *settings], check=True)
    found = [(tmp_path / "rust" / "results.json").read_bytes()]
    for threads in ["1", "2"]:
        out = tmp_path / f"cli{threads}"
        options = [part for setting in settings for part in ("--set", setting)]
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
