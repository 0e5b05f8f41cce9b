from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from shower_toy import GEOMETRY, sampled_showers

from offline.calorimeter.shower_file import write_showers
from offline.cli.main import main


@pytest.fixture
def files(tmp_path: Path, rng: np.random.Generator) -> tuple[str, str]:
    paths = tmp_path / "truth.h5", tmp_path / "made.h5"
    for path in paths:
        write_showers(path, [sampled_showers(260, rng)], GEOMETRY, threshold=1.0)
    return str(paths[0]), str(paths[1])


@pytest.mark.slow
def test_evaluate_and_plot(files: tuple[str, str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calo", "evaluate", *files, "--trainings", "0", "--showers", "240", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["showers"] == {"truth": 240, "generated": 240}
    assert content["files"]["threshold"] == 1.0
    folder = tmp_path / "made-judgement"
    assert (folder / "judgement.md").exists()
    drawn = (folder / "depth.png").read_bytes()
    (folder / "depth.png").unlink()
    assert main(["calo", "plot", str(folder)]) == 0
    assert (folder / "depth.png").read_bytes() == drawn
    assert "files" in capsys.readouterr().err


def test_a_threshold_below_that_of_the_files_is_refused(files: tuple[str, str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["calo", "evaluate", *files, "--threshold", "0.5"]) == 1
    assert "files are cut at 1 MeV" in capsys.readouterr().err
