from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from pairs_toy import toy_pairs, write_pairs

from offline.cli.main import main

TOY = """
[toy]
simulated = 800
measured = 800
gaussian = { smear = 0.5 }
[method]
name = "ibu"
[uncertainties]
data = 6
mc = 4
ensemble = 0
"""
FILES = """
[simulation]
files = ["mc.h5"]
[data]
files = ["data.h5"]
[quantities]
gen = ["pt"]
[method]
name = "ibu"
[uncertainties]
data = 4
mc = 4
ensemble = 0
[validation]
toys = 3
tilt = { pt = 0.2 }
"""


def validate(folder: Path, text: str, *options: str) -> int:
    (folder / "a.toml").write_text(text)
    return main(["unfold", "validate", str(folder / "a.toml"), *options])


def test_a_toy_with_coverage(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(tmp_path, TOY, "--toys", "2") == 0
    shown = capsys.readouterr().out
    assert "ibu of toy" in shown
    assert "coverage, 2 toys" in shown
    content = json.loads((tmp_path / "a-validation" / "validation.json").read_text())
    assert content["coverage"]["quantities"]["mean of z"]["truth"] == pytest.approx(0.2)
    (closure,) = content["diagnosis"]["closure"]
    assert closure["after"]["triangular"]["value"] < closure["before"]["triangular"]["value"]
    left = sorted(path.name for path in (tmp_path / "a-validation").iterdir())
    assert {"coverage.png", "gen_z.png", "reco_x.png", "closure.png", "validation.json"} <= set(left)
    assert "parts" not in left


def test_files_are_halved_and_data_not_looked_at(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], rng: np.random.Generator
) -> None:
    write_pairs(tmp_path / "mc.h5", toy_pairs(2000, rng))
    write_pairs(tmp_path / "data.h5", toy_pairs(500, rng, 0.5))
    assert validate(tmp_path, FILES, "--json", "--output", str(tmp_path / "found")) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["pseudo_data"] == "half of the simulation, tilted by {'pt': 0.2}"
    assert content == json.loads((tmp_path / "found" / "validation.json").read_text())
    assert content["coverage"]["n_toys"] == 3
    again = FILES.replace('files = ["data.h5"]', 'files = ["data.h5"]\ntruth = true')
    assert validate(tmp_path, again, "--json") == 1
    assert "validation.tilt is for pseudo-data made of the simulation" in capsys.readouterr().err


def test_coverage_without_errors_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(tmp_path, TOY.partition("[uncertainties]")[0], "--toys", "2") == 1
    assert "give the number of replicas in [uncertainties]" in capsys.readouterr().err


@pytest.mark.parametrize("toys", ["-1", "1"])
def test_a_number_of_toys_without_a_spread_is_refused(toys: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert validate(tmp_path, TOY, "--toys", toys) == 1
    assert f"number of toys must be 0 or 2 and more (one has no spread), received {toys}" in capsys.readouterr().err


def test_a_file_in_place_of_the_folder_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "taken").write_text("")
    assert validate(tmp_path, TOY, "--output", str(tmp_path / "taken")) == 1
    assert "taken" in (error := capsys.readouterr().err)
    assert "cannot be written (Not a directory)" in error
