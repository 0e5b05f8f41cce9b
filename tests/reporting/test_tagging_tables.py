from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from l1ml.reporting.plots import plot_classes
from l1ml.reporting.table import Table
from l1ml.reporting.tagging_tables import tagging_tables
from l1ml.reporting.verdict import Criteria, judge
from l1ml.trigger.tagging import ScoredJets, TaggingConfig, tagging_performance


@pytest.fixture
def tagging() -> dict[str, Any]:
    """What the step leaves, of 400 jets of two classes."""
    rng = np.random.default_rng(2)
    classes = np.arange(400) % 2
    words = rng.integers(0, 20, (400, 2))
    words[np.arange(400), classes] += 5
    jets = ScoredJets(words, classes, np.arange(400))
    found = tagging_performance(jets, jets, ("q", "g"), TaggingConfig(signal=(0.5,), background=(0.1, 0.001)))
    reference = {"hidden": [8, 4], "accuracy": 0.75, "loss": 0.02, "loss_error": 0.004}
    return {**found.to_dict(), "n_derived": 400, "reference": reference}


def tables(tagging: dict[str, Any]) -> dict[str, Table]:
    return {table.title: table for table in tagging_tables({"tagging": tagging})}


def test_every_table_has_its_rows(tagging: dict[str, Any]) -> None:
    found = tables(tagging)
    assert [row[0] for row in found["Classes"].rows] == ["q", "g"]
    assert found["Accuracy [%]"].rows[1:] == (("the network in floats, 8-4", "75.00"), ("lost to it", "2.00 ± 0.40"))
    assert "400 test jets" in found["Accuracy [%]"].note
    assert len(found["Thresholds"].rows) == 2 * 2 + 2
    assert found["Thresholds"].rows[-1][2:] == ("n/a",) * 3 + (
        "a background share of 0.001 needs 10,000 background jets, there are 200",
    )
    for row in found["Winning class [%]"].rows:
        assert sum(map(float, row[1:])) == pytest.approx(100.0, abs=0.2)


def test_a_model_without_a_reference(tagging: dict[str, Any]) -> None:
    assert len(tables({**tagging, "reference": None})["Accuracy [%]"].rows) == 1


def test_the_figure_shows_each_class_and_its_thresholds(tagging: dict[str, Any]) -> None:
    pytest.importorskip("matplotlib")
    drawn = plot_classes(tagging)
    assert list(drawn.curves) == ["q", "g"]
    assert len(drawn.points) == 4
    assert drawn.ax.get_yscale() == "log"


@pytest.mark.parametrize(("loss", "met"), [(0.009, True), (0.011, False)])
def test_the_verdict_asks_for_the_accuracy_of_the_floats(tagging: dict[str, Any], loss: float, met: bool) -> None:
    content = {
        "sample": "jets",
        "verification": {"pairs": [{"n_mismatched": 0, "n_physics": 60_000, "n_random": 60_000}]},
        "latency": None,
        "synthesis": [],
        "device": {"part": "x"},
        "tagging": {**tagging, "reference": {**tagging["reference"], "loss": loss}},
    }
    criteria = {item.name: item for item in judge(content, Criteria()).criteria}
    assert criteria["Accuracy"].passed is met
    assert criteria["Exact, bit for bit"].passed
    without = judge({**content, "tagging": {**tagging, "reference": None}}, Criteria())
    assert [item.passed for item in without.criteria if item.name == "Accuracy"] == [None]
