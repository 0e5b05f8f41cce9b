from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from calo_toy import irregular_geometry, toy_showers

from offline.calorimeter.generators import CascadeSettings, Schedule, fit_cascade, read_generator, write_generator
from offline.calorimeter.shower_file import ShowerFile
from offline.cli.main import main


@pytest.fixture
def generator(tmp_path: Path, rng: np.random.Generator) -> Path:
    made = toy_showers(irregular_geometry(), 1100, rng)
    made = made.select(np.flatnonzero(made.total_energy() > 0)).above(0.5)
    settings = CascadeSettings(flow=Schedule((8,), 1, 200), rings=Schedule((8,), 1, 200), steps=2)
    write_generator(tmp_path / "generator.h5", fit_cascade(made, settings, threshold=0.5))
    return tmp_path / "generator.h5"


def test_a_bank_draws_what_its_generator_draws(tmp_path: Path, generator: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bank, one, other = (str(tmp_path / name) for name in ("bank.h5", "one.h5", "other.h5"))
    added = ["--add", "gamma", "0", "0.8", str(generator), "--add", "e-", "0", "2.5", str(generator)]
    assert main(["calo", "bank", bank, *added, "--json"]) == 0
    slices = json.loads(capsys.readouterr().out)["slices"]
    assert [(entry["particle"], entry["eta"]) for entry in slices] == [("e-", [0.0, 2.5]), ("gamma", [0.0, 0.8])]
    assert main(["calo", "sample", bank, one, "--particle", "gamma", "--eta", "-0.5", "--showers", "20"]) == 0
    assert main(["calo", "sample", str(generator), other, "--showers", "20"]) == 0
    made = [ShowerFile.open(Path(path)).read() for path in (one, other)]
    np.testing.assert_array_equal(made[0].energies, made[1].energies)
    assert read_generator(generator).geometry == made[0].geometry


@pytest.mark.parametrize(
    ("added", "message"),
    [
        (["--add", "gamma", "0", "far", "FILE"], "two numbers and a file, received '0' and 'far'"),
        (["--add", "gamma", "0", "1", "FILE", "--add", "gamma", "0", "1", "FILE"], "received several for gamma 0 to 1"),
        (["--add", "gamma", "0", "1", "none.h5"], "none.h5 does not exist"),
    ],
)
def test_what_is_no_bank_is_refused(
    tmp_path: Path, generator: Path, capsys: pytest.CaptureFixture[str], added: list[str], message: str
) -> None:
    arguments = [str(generator) if one == "FILE" else one for one in added]
    assert main(["calo", "bank", str(tmp_path / "bank.h5"), *arguments]) == 1
    assert message in capsys.readouterr().err
    assert not (tmp_path / "bank.h5").exists()


def test_a_bank_is_asked_for_a_particle_and_a_direction(
    tmp_path: Path, generator: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bank, made = str(tmp_path / "bank.h5"), str(tmp_path / "made.h5")
    assert main(["calo", "bank", bank, "--add", "gamma", "0", "0.8", str(generator)]) == 0
    for asked, message in (
        ([], "say --particle and --eta"),
        (["--particle", "gamma"], "received only one of them"),
        (["--particle", "gamma", "--eta", "0.8"], "its slices are gamma 0 to 0.8"),
    ):
        capsys.readouterr()
        assert main(["calo", "sample", bank, made, *asked]) == 1
        assert message in capsys.readouterr().err
    assert not Path(made).exists()
