from __future__ import annotations

import json
from pathlib import Path

import pytest

from offline.calorimeter import layout
from offline.calorimeter.shower_file import ShowerFile
from offline.cli.main import main


def test_a_command_becomes_a_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "showers.h5"
    assert main(["calo", "simulate", str(path), "--showers", "20", "--energy", "1", "10", "--seed", "3", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert (shown["showers"], shown["voxels"], shown["geometry"]) == (20, 6480, layout("45x16x9").digest)
    showers = ShowerFile.open(path).read()
    assert showers.geometry == layout("45x16x9")
    assert 1e3 <= showers.incident_energy.min() <= showers.incident_energy.max() <= 1e4


@pytest.mark.parametrize(
    ("options", "match"),
    [
        (["--geometry", "45x16"], "did you mean '45x16x9'?"),
        (["--energy", "10", "1"], "received 10000 to 1000 MeV"),
        (["--showers", "0"], "one or more particles"),
        (["--workers", "0"], "workers must be 1 or more"),
        (["--particle", "e-"], "only --generator geant4"),
        (["--generator", "geant4", "--particle", "pi-"], "no particle is called 'pi-'"),
    ],
)
def test_a_wrong_word_is_answered_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], match: str
) -> None:
    assert main(["calo", "simulate", str(tmp_path / "showers.h5"), *options]) == 1
    error = capsys.readouterr().err
    assert match in error
    assert error.count("\n") == 1
    assert list(tmp_path.iterdir()) == []
