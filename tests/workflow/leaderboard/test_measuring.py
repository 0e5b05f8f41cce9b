"""The cheap half of a leaderboard: trainings, figures and estimates, of toy crossings."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from toy import toy_events

from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.errors import ConfigError
from l1ml.progress import SILENT
from l1ml.storage import read_json
from l1ml.workflow.leaderboard import Board, BoardConfig, read_board, variants_of
from l1ml.workflow.leaderboard.making import measure
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.seed_figures import FIGURES
from l1ml.workflow.step import perform
from l1ml.workflow.training_step import TRAINING
from l1ml.workflow.workspace import Workspace

for module in ("qkeras", "hls4ml", "alkaid"):
    pytest.importorskip(module, exc_type=ImportError)

AXO = Path(__file__).parents[3] / "models" / "axo"
RECIPE = """
[model]
name = "axo"
[training]
seed = 1
hidden = [4]
latent = 2
epochs = 2
pruning_epochs = 1
fractions = [0.4, 0.1, 0.5]
[training.quantisation]
weight_bits = 4
"""
ALL = variants_of(["float", "8-bit", "shipped"])
CONFIG = BoardConfig(rate_khz=900.0)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A trained and shipped model; of 1500 equal crossings each stands for 21 kHz, so that its menu gets wider rates."""
    root = tmp_path_factory.mktemp("checkout")
    folder = root / "models" / "axo"
    (folder / "run" / "events").mkdir(parents=True)
    (folder / "model.toml").write_text(RECIPE)
    menu = (AXO / "menu.toml").read_text()
    (folder / "menu.toml").write_text(menu.replace("rate_khz = 5.0", "rate_khz = 900.0"))
    processes = []
    for name, n, hardness in (("zero_bias", 3000, 1.0), ("ttbar", 500, 3.0)):
        path = folder / "run" / "events" / f"{name}.h5"
        with EventWriter(path, LEVEL1_SCHEMA, process=name, provenance={}) as writer:
            writer.append(toy_events(n, np.random.default_rng(n), hardness=hardness))
        processes.append({"process": name, "path": f"events/{name}.h5", "digest": str(n)})
    (folder / "run" / "events.json").write_text(json.dumps({"processes": processes}))
    workspace = Workspace(folder, root / "projects", workers=1)
    perform(TRAINING, workspace, SILENT)
    workspace.model().save(folder)
    return workspace


@pytest.fixture(scope="module")
def board(workspace: Workspace) -> Board:
    for variant in ALL:
        measure(VariantWorkspace.of(workspace, variant), CONFIG, SILENT)
    return read_board([workspace], ALL, CONFIG)


def test_each_variant_is_what_its_name_says(workspace: Workspace, board: Board) -> None:
    rows = {row.variant: row for row in board.rows}
    assert [row.numbers for row in rows.values()] == [
        "float32", "weights 8, activations 8 bits, not pruned", "weights 4, activations 8 bits, 50 % pruned",
    ]  # fmt: skip
    assert len({row.digest for row in rows.values()}) == 3
    assert rows["shipped"].digest == workspace.model().digest
    assert [[item.stage for item in row.counts] for row in rows.values()] == [[], ["estimate"], ["estimate"]]
    plain, shipped = (rows[name].counts[0].lut for name in ("8-bit", "shipped"))
    assert shipped < plain
    # nothing has been verified, so that no latency is called measured
    assert all(row.words is None for row in rows.values())
    assert rows["shipped"].latency is not None
    assert rows["shipped"].latency.source.endswith("estimate")


def test_figures_are_those_that_are_quoted_elsewhere(workspace: Workspace, board: Board) -> None:
    quoted = perform(FIGURES, workspace, SILENT).content["figures"]
    shipped = board.rows[-1].figures
    assert list(shipped) == ["ttbar at 900 kHz", "ttbar AUC"]
    for name, figure in shipped.items():
        assert figure.value == pytest.approx(quoted[name]["value"], rel=1e-12)
        assert 0 < figure.error < 0.2
    # the error of an area, by another method
    assert shipped["ttbar AUC"].error == pytest.approx(quoted["ttbar AUC"]["error"], rel=0.3)


def test_a_rate_that_the_sample_does_not_resolve_is_said_to_be_so(workspace: Workspace, board: Board) -> None:
    assert board.rows
    own = VariantWorkspace.of(workspace, ALL[-1])
    measure(own, BoardConfig(rate_khz=1.0), SILENT)
    (row,) = read_board([workspace], ALL[-1:], BoardConfig(rate_khz=1.0)).rows
    assert list(row.figures) == ["ttbar AUC"]
    assert "needs" in row.unresolved["1 kHz"]
    measure(own, CONFIG, SILENT)


def test_what_is_done_is_not_done_again(workspace: Workspace, board: Board) -> None:
    files = sorted((workspace.run / "variants").rglob("*.json"))
    before = [path.stat().st_mtime_ns for path in files]
    for variant in ALL:
        measure(VariantWorkspace.of(workspace, variant), CONFIG, SILENT)
    assert [path.stat().st_mtime_ns for path in files] == before
    assert read_board([workspace], ALL, CONFIG) == board
    # a step of the model's own run that has the same key is the same result
    whole, own = (read_json(folder / "training.json", "") for folder in (workspace.run, files[0].parents[1] / "8-bit"))
    assert whole["key"] != own["key"]


def test_the_verb_shows_what_there_is(
    workspace: Workspace, board: Board, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    command = ["leaderboard", str(workspace.folder), "--projects", str(workspace.projects), "--no-run", "--rate-khz", "900"]
    assert main([*command, "--json"]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert content == json.loads(json.dumps(board.to_dict()))
    assert main([*command, "--figure", str(tmp_path / "pareto.png")]) == 0
    shown = capsys.readouterr()
    assert "Leaderboard: efficiency at 900 kHz" in shown.out
    assert "an estimate is no synthesis" in shown.err
    assert (tmp_path / "pareto.png").read_bytes().startswith(b"\x89PNG")


def test_what_cannot_be_asked(workspace: Workspace) -> None:
    with pytest.raises(ConfigError, match="one model or several with different names, received"):
        read_board([], ALL, CONFIG)
    with pytest.raises(ConfigError, match="different names"):
        read_board([workspace, workspace], ALL, CONFIG)
    with pytest.raises(ConfigError, match="the rate must be positive"):
        BoardConfig(rate_khz=0.0)
