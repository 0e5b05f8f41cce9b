from __future__ import annotations

import json
from pathlib import Path

import pytest

from l1ml.errors import ConfigError
from offline.cli.main import main
from offline.inference.examples import catalogue
from offline.inference.examples.catalogue import EXAMPLES, Example, run_example


def test_numbers_and_figures_are_left(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from matplotlib.figure import Figure

    monkeypatch.setitem(catalogue.EXAMPLES, "small", Example("", lambda given: ({"answer": 42 + given.seed}, {"empty": Figure})))
    assert main(["infer", "example", "small", "--output", str(tmp_path), "--seed", "3", "--json"]) == 0
    expected = {"example": "small", "seed": 3, "answer": 45}
    assert json.loads(capsys.readouterr().out) == expected
    assert json.loads((tmp_path / "numbers.json").read_text()) == expected
    assert (tmp_path / "empty.png").stat().st_size > 0


def test_an_unknown_name(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no example 'axio'"):
        run_example("axio", tmp_path)
    assert {"coupling", "axion", "top-mass"} <= set(EXAMPLES)
