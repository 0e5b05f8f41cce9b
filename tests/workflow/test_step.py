from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from l1ml.progress import SILENT
from l1ml.workflow.step import Step, earlier_result, perform
from l1ml.workflow.workspace import Workspace


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "axo", tmp_path / "projects")


class Counter:
    """A step that counts how often it really works."""

    def __init__(self) -> None:
        self.worked, self.inputs, self.there = 0, {"size": 1}, True

    def step(self) -> Step:
        def work(_workspace: Workspace, _progress: Any) -> dict[str, Any]:
            self.worked += 1
            return {"value": self.worked}

        return Step("count", "count", lambda _: self.inputs, work, lambda _workspace, _content: self.there)


def test_nothing_is_done_twice_unless_something_changed(workspace: Workspace) -> None:
    counter = Counter()
    assert earlier_result(counter.step(), workspace) is None
    assert not perform(counter.step(), workspace, SILENT).cached
    assert perform(counter.step(), workspace, SILENT).cached
    assert (earlier_result(counter.step(), workspace) or {})["value"] == 1
    counter.inputs = {"size": 2}
    assert earlier_result(counter.step(), workspace) is None
    assert perform(counter.step(), workspace, SILENT).content["value"] == 2
    counter.there = False
    assert perform(counter.step(), workspace, SILENT).content["value"] == 3
    counter.there = True
    assert perform(counter.step(), workspace, SILENT, force=True).content["value"] == 4


def test_a_result_of_another_folder_is_taken_if_its_key_is_the_same(workspace: Workspace, tmp_path: Path) -> None:
    counter, other = Counter(), Workspace(tmp_path / "other", tmp_path / "projects")
    perform(counter.step(), other, SILENT)
    assert perform(counter.step(), workspace, SILENT, also=other.run).content["value"] == 1
    assert (workspace.run / "count.json").read_text() == (other.run / "count.json").read_text()
    counter.inputs = {"size": 2}
    assert perform(counter.step(), workspace, SILENT, also=other.run).content["value"] == 2
    counter.inputs = {"size": 1}
    assert perform(counter.step(), workspace, SILENT, force=True, also=other.run).content["value"] == 3


def test_a_damaged_result_is_made_again(workspace: Workspace) -> None:
    counter = Counter()
    perform(counter.step(), workspace, SILENT)
    path = workspace.run / "count.json"
    path.write_text(path.read_text()[:10])
    assert perform(counter.step(), workspace, SILENT).content["value"] == 2


def test_an_interrupted_step_leaves_no_result(workspace: Workspace) -> None:
    def work(_workspace: Workspace, _progress: Any) -> dict[str, Any]:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        perform(Step("count", "count", lambda _: {}, work), workspace, SILENT)
    assert not (workspace.run / "count.json").exists()


def test_time_and_memory_are_recorded(workspace: Workspace) -> None:
    content = perform(Counter().step(), workspace, SILENT).content
    assert content["wall_s"] >= 0
    assert content["peak_memory_mb"] > 10
