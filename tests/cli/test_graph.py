from __future__ import annotations

import json
from pathlib import Path

import pytest

from l1ml.cli.main import main

RECIPE = Path(__file__).parent.parent / "data" / "drift_chamber.toml"


def test_rules_are_compared_and_the_project_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(RECIPE), "--json", "--projects", str(tmp_path)]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["detector"] == {"name": "sector", "sensors": 32}
    assert content["rules"]["pattern"]["similarity"]["jaccard"] == 1
    assert 0 < content["rules"]["nearest"]["similarity"]["recall"] < 1
    manifest = json.loads((Path(content["project"]) / "manifest.json").read_text())
    graph = manifest["graph"]
    assert len(graph["neighbours"]) == 32
    assert sum(item >= 0 for row in graph["neighbours"] for item in row) == content["rules"]["pattern"]["edges"]


def test_the_table_is_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["graph", str(RECIPE)]) == 0
    out, err = capsys.readouterr()
    assert "epsilon" in out
    assert "500 toy crossings, seed 1" in out + err


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('build = "pattern"', 'build = "nearst"', "closest is 'nearest'|nearest"),
        ("radius_cm = 22", "radius_cm = 12", "radii grow"),
        ("distance_cm", "distance", "distance_cm"),
        ("k = 3", "k = 9", "received 9 and 7"),
    ],
)
def test_a_recipe_that_means_nothing_is_refused_in_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, message: str
) -> None:
    path = tmp_path / "recipe.toml"
    path.write_text(RECIPE.read_text().replace(old, new))
    assert main(["graph", str(path)]) == 1
    error = capsys.readouterr().err
    assert any(part in error for part in message.split("|"))
    assert error.count("\n") == 1
