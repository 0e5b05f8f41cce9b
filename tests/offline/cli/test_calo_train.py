from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calo_toy import irregular_geometry, regular_geometry, toy_showers

from offline.calorimeter import Showers
from offline.calorimeter.binning import Binning, write_binning
from offline.calorimeter.shower_file import ShowerFile, write_showers
from offline.cli.main import main


@pytest.fixture
def showers(rng: np.random.Generator) -> Showers:
    made = toy_showers(irregular_geometry(), 1100, rng)
    return made.select(np.flatnonzero(made.total_energy() > 0)).above(0.5)


def test_showers_become_a_generator_and_more_showers(
    tmp_path: Path, showers: Showers, capsys: pytest.CaptureFixture[str]
) -> None:
    truth, generator, made = (tmp_path / name for name in ("truth.h5", "generator.h5", "made.h5"))
    write_showers(truth, [showers], showers.geometry, threshold=0.5)
    assert main(["calo", "train", str(truth), str(generator), "--epochs", "1", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["showers"] == len(showers)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["generator.h5", "truth.h5"]
    assert main(["calo", "sample", str(generator), str(made), "--like", str(truth), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["showers"] == len(showers)
    file = ShowerFile.open(made)
    assert (file.geometry, file.threshold) == (showers.geometry, 0.5)
    np.testing.assert_array_equal(file.read().incident_energy, showers.incident_energy)
    assert main(["calo", "sample", str(generator), str(made), "--showers", "30", "--energy", "2", "4"]) == 0
    energies = ShowerFile.open(made).read().incident_energy
    assert len(energies) == 30
    assert 2e3 <= energies.min() <= energies.max() <= 4e3
    capsys.readouterr()
    assert main(["calo", "sample", str(generator), str(tmp_path / "far.h5"), "--energy", "2", "4000"]) == 1
    assert "allow it to extrapolate" in capsys.readouterr().err
    assert not (tmp_path / "far.h5").exists()


def test_a_binning_file_says_the_geometry(tmp_path: Path, showers: Showers, capsys: pytest.CaptureFixture[str]) -> None:
    truth, binning = tmp_path / "truth.h5", tmp_path / "binning.xml"
    write_showers(truth, [showers], showers.geometry)
    write_binning(binning, [Binning(regular_geometry(), "photon", 22, 24)])
    assert main(["calo", "train", str(truth), str(tmp_path / "generator.h5"), "--geometry", str(binning)]) == 1
    assert "another geometry" in capsys.readouterr().err
    write_binning(binning, [Binning(showers.geometry, name, 22, 24) for name in ("photon", "pion")])
    assert main(["calo", "train", str(truth), str(tmp_path / "generator.h5"), "--geometry", str(binning)]) == 1
    assert "2 geometries: photon, pion" in capsys.readouterr().err


def test_a_diffusion_is_trained_distilled_and_drawn_from(
    tmp_path: Path, rng: np.random.Generator, capsys: pytest.CaptureFixture[str]
) -> None:
    showers = toy_showers(regular_geometry(), 1100, rng).above(0.5)
    truth, teacher, student, made = (str(tmp_path / name) for name in ("truth.h5", "teacher.h5", "student.h5", "made.h5"))
    write_showers(Path(truth), [showers.select(np.flatnonzero(showers.total_energy() > 0))], showers.geometry, threshold=0.5)
    settings = tmp_path / "settings.toml"
    settings.write_text("widths = [4]\nflow = { hidden = [4], epochs = 1, batch = 500 }\ndrawing = { steps = 4 }\n")
    options = ["--method", "diffusion", "--configuration", str(settings), "--updates", "2"]
    assert main(["calo", "train", truth, teacher, *options, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["settings"]["training"]["updates"] == 2
    assert main(["calo", "distil", teacher, truth, student, "--steps", "2", "--updates", "2", "--json"]) == 0
    assert list(json.loads(capsys.readouterr().out)["loss"]) == ["2"]
    # what was kept meanwhile is gone
    assert {path.name for path in tmp_path.iterdir()} == {"truth.h5", "teacher.h5", "student.h5", "settings.toml"}
    for option in ([], ["--steps", "2"]):
        assert main(["calo", "sample", student, made, "--showers", "10", *option]) == 0
    assert len(ShowerFile.open(Path(made)).read()) == 10
    capsys.readouterr()
    wrong = {
        ("sample", student, made, "--steps", "8"): "distilled to 2 steps of ddim and knows no others",
        ("train", truth, teacher, "--method", "difusion"): "did you mean 'diffusion'",
        ("train", truth, teacher, "--updates", "3"): "a cascade is trained in epochs",
        ("distil", teacher, truth, student, "--steps", "3"): "which can be halved to [2, 1]",
    }
    for words, answer in wrong.items():
        assert main(["calo", *words]) == 1
        error = capsys.readouterr().err
        assert answer in error
        assert error.count("\n") == 1
