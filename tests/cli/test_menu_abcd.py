from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from decisions_toy import write_decisions

from l1ml.cli.main import main


def test_counters_are_shown_and_printed(capsys: pytest.CaptureFixture[str]) -> None:
    command = ["menu", "abcd", "--counts", "25", "100", "100", "4", "--prescales", "1", "1", "1", "100"]
    assert main(command) == 0
    text = capsys.readouterr().out
    assert "25.0" in text or "25 ±" in text
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["closure"] == 1.0


def test_decisions_of_two_seeds(capsys: pytest.CaptureFixture[str], tmp_path: Path, rng: np.random.Generator) -> None:
    path = write_decisions(tmp_path / "d.h5", ["L1_A", "L1_B"], rng.random((40_000, 2)) < 0.1, {})
    assert main(["menu", "abcd", "--on", str(path), "--seeds", "L1_A", "L1_B", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert sum(found["crossings"]) == 40_000
    assert abs(found["closure"] - 1) < 5 * found["closure_error"]


@pytest.mark.parametrize("options", [[], ["--on", "d.h5"], ["--counts", "1", "2", "3", "4", "--on", "d.h5", "--seeds", "a", "b"]])
def test_what_to_give_is_said(capsys: pytest.CaptureFixture[str], options: list[str]) -> None:
    assert main(["menu", "abcd", *options]) == 1
    assert "--counts A B C D" in capsys.readouterr().err
