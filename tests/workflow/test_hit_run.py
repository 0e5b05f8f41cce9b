from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from l1ml.errors import ConfigError
from l1ml.progress import SILENT
from l1ml.training import HITS
from l1ml.workflow.filtering_step import FILTERING
from l1ml.workflow.hits_step import HIT_EVENTS
from l1ml.workflow.recipe import read_recipe
from l1ml.workflow.run import steps_of
from l1ml.workflow.seed_figures import FIGURES
from l1ml.workflow.step import perform
from l1ml.workflow.training_step import TRAINING
from l1ml.workflow.workspace import Workspace

RECIPE = """
[model]
name = "toy"
family = "hit_filter"

[hits]
crossings = 1500

[training]
hidden = [3]
epochs = 2
batch_size = 200
learning_rate = 0.02
fractions = [0.5, 0.2, 0.3]
n_golden = 20

[training.pattern]
offsets = [[1, 0], [1, 1]]

[training.bits]
limit = 1000000
warm_up = 1
settle_epochs = 0

[training.detector]
name = "chamber"
span_deg = 20

[[training.detector.layers]]
radius_cm = 20
sensors = 4

[[training.detector.layers]]
radius_cm = 24
sensors = 4
offset = 0.5

[filtering]
signal = [0.8]
background = [0.5]
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    (tmp_path / "model.toml").write_text(RECIPE)
    return Workspace(tmp_path, tmp_path / "projects")


def test_the_sample_is_of_the_detector_of_the_recipe(workspace: Workspace) -> None:
    assert steps_of(workspace)[0] is HIT_EVENTS
    assert steps_of(workspace)[-1] is FILTERING
    made = perform(HIT_EVENTS, workspace, SILENT)
    assert made.content["sample"] == HITS.name
    events = workspace.events(HITS.process)
    assert events.features().shape == (1500, 8)
    assert events.schema.digest == workspace.recipe.training.schema.digest
    assert perform(HIT_EVENTS, workspace, SILENT).cached
    smaller = Workspace(workspace.folder, workspace.projects, scale=0.1)
    assert smaller.recipe.hits.crossings == 150


@pytest.mark.slow
def test_a_filter_is_judged_beside_counting_neighbours(workspace: Workspace) -> None:
    pytest.importorskip("qkeras")
    for step in (HIT_EVENTS, TRAINING):
        perform(step, workspace, SILENT)
    content = perform(FILTERING, workspace, SILENT).content
    assert [point["target"] for point in content["classes"]["track"]["points"]] == [0.8, 0.5]
    assert content["graph"]["possible_edges"] == 14
    n_hits = sum(content["hits"].values())
    assert 0 < content["n_derived"] < content["n_tried"] < n_hits
    figures = perform(FIGURES, workspace, SILENT).content["figures"]
    point = content["classes"]["track"]["points"][0]
    assert figures["rejected at 80 %"]["value"] == pytest.approx(1 - point["background"]["efficiency"])
    assert set(figures) == {"AUC", "rejected at 80 %", "rejected where counting keeps as many"}


def test_times_of_another_width_than_the_family_reads_are_refused(workspace: Workspace) -> None:
    (workspace.folder / "model.toml").write_text(
        RECIPE.replace("crossings = 1500", "crossings = 1500\nchamber = {time_bits = 4}")
    )
    with pytest.raises(ConfigError, match=r"drift times of 4 bits, \[training\] reads 5"):
        read_recipe(workspace.folder)


def test_tables_about_other_samples_are_refused(workspace: Workspace) -> None:
    (workspace.folder / "model.toml").write_text(RECIPE + "\n[tagging]\nsignal = [0.5]\n")
    with pytest.raises(ConfigError, match=r"\[tagging\] is about jets, the family 'hit_filter' trains on hits"):
        read_recipe(workspace.folder)


def test_the_detector_decides_the_digest_of_the_sample(workspace: Workspace) -> None:
    recipe = read_recipe(workspace.folder)
    other = replace(recipe.training, detector=replace(recipe.training.detector, span_deg=30.0))  # type: ignore[attr-defined]
    assert np.all(other.detector.pitch > recipe.training.detector.pitch)  # type: ignore[attr-defined]
    assert other.schema.digest == recipe.training.schema.digest  # the words are the same, the sample is not
    before = HIT_EVENTS.inputs(workspace)
    (workspace.folder / "model.toml").write_text(RECIPE.replace("span_deg = 20", "span_deg = 30"))
    assert HIT_EVENTS.inputs(Workspace(workspace.folder, workspace.projects))["hits"] != before["hits"]
