"""The shipped model with two scores: its words, and what a menu and an evaluation make of them."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from trigger_toy import with_toy_crossings

from l1ml.cli.main import main
from l1ml.emulation import IntegerEmulator
from l1ml.model import TriggerModel
from l1ml.progress import SILENT
from l1ml.trigger.menus.toml_menu import read_toml_menu
from l1ml.trigger.networks import select_scores
from l1ml.workflow.seed_figures import FIGURES
from l1ml.workflow.workspace import Workspace

FOLDER = Path(__file__).parents[2] / "models" / "axo_double"


@pytest.fixture(scope="module")
def model() -> TriggerModel:
    return TriggerModel.load(FOLDER)


def test_the_integers_give_the_golden_words_of_both_scores(model: TriggerModel) -> None:
    assert (model.network.n_outputs, model.metrics["family"]) == (2, "double_autoencoder")
    assert not model.network.beyond_float32
    np.testing.assert_array_equal(IntegerEmulator(model.network).predict(model.golden.inputs), model.golden.scores)


def test_the_scores_are_as_independent_as_the_card_says(model: TriggerModel) -> None:
    assert 0 < model.metrics["distance_correlation_squared"] <= 0.01


def test_the_menu_cuts_on_both_scores(model: TriggerModel) -> None:
    chosen = select_scores(read_toml_menu(FOLDER / "menu.toml"), {model.name: model.golden.scores})
    for words, column in zip(chosen.values(), model.golden.scores.T, strict=True):
        np.testing.assert_array_equal(words, column)


def test_seeds_compare_what_both_scores_say(tmp_path: Path) -> None:
    folder = with_toy_crossings(FOLDER, tmp_path / "axo_double")
    figures = FIGURES.work(Workspace(folder, tmp_path / "projects"), SILENT)["figures"]
    assert 0.5 < figures["both: ttbar AUC"]["value"] <= 1
    assert figures["closure at 5 %"]["error"] > 0


def test_a_closure_test_needs_a_sample_that_no_training_has_seen(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = with_toy_crossings(FOLDER, tmp_path / "axo_double")
    recipe = (folder / "model.toml").read_text()
    (folder / "model.toml").write_text(recipe.split("[closure]")[0])
    assert main(["evaluate", str(folder), "--closure"]) == 1
    assert "has no table [closure]" in capsys.readouterr().err
    (folder / "model.toml").write_text(recipe.split("[closure]")[0] + "[closure]\nseed = 1\n")
    assert main(["evaluate", str(folder), "--closure"]) == 1
    assert "have the same seed 1" in capsys.readouterr().err


@pytest.mark.slow
def test_a_closure_test_generates_its_own_zero_bias(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    pytest.importorskip("pythia8mc")
    folder = with_toy_crossings(FOLDER, tmp_path / "axo_double")
    recipe = (folder / "model.toml").read_text().split("[closure]")[0]
    sizes = "soft_collisions = 300\nhard_collisions = 200\nquiet_crossings = 20\nhard_crossings = 1000\n"
    (folder / "model.toml").write_text(f"{recipe}[closure]\n{sizes}")
    assert main(["evaluate", str(folder), "--closure", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)["closure"]
    assert found["zero_bias"]["n_events"] > 900
    rows = found["background"]["rows"]
    assert len(rows) + len(found["background"]["unresolved"]) == 5
    assert 0 < found["zero_bias"]["n_soft"] <= 300
    for row in rows:
        assert row["closure_error"] == pytest.approx((row["draw_error"] ** 2 + row["pileup_error"] ** 2) ** 0.5)
    assert {row["condition"] for row in found["shifts"]} <= {"jet +5 %", "jet -5 %", "all objects +5 %", "all objects -5 %"}


def test_an_evaluation_estimates_the_background(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    folder = with_toy_crossings(FOLDER, tmp_path / "axo_double")
    assert main(["evaluate", str(folder), "--json"]) == 0
    background = json.loads(capsys.readouterr().out)["evaluation"]["background"]
    assert background["scores"] == ["axo_double.0", "axo_double.1"]
    assert len(background["rows"]) + len(background["unresolved"]) == 5
    assert background["rows"][-1]["closure_error"] > 0
