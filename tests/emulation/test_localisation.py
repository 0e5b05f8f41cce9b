"""Keras and integers that differ: the sentence names the layer in which a fault was put."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import projects
import pytest

from l1ml.emulation.localisation import first_difference
from l1ml.emulation.stage_trace import StageTrace
from l1ml.model import TriggerModel
from l1ml.model.network import Network

pytest.importorskip("qkeras")
WORDS = np.zeros(len(projects.FORMATS), np.int32)


def with_operation(index: int, **changes: object) -> TriggerModel:
    """The small model with entries of one operation replaced in its network alone."""
    content = projects.small_model().network.to_dict()
    content["operations"][index] |= changes
    return replace(projects.small_model(), network=Network.from_dict(content))


def test_a_model_that_agrees() -> None:
    assert "no layer differs" in first_difference(projects.small_model(), WORDS)


def test_another_weight_names_its_layer() -> None:
    kernel = [list(row) for row in projects.small_model().network.to_dict()["operations"][2]["kernel"]]
    kernel[0][0] += 1
    text = first_difference(with_operation(2, kernel=kernel), WORDS)
    assert text == "operation 2 (layer 'dense_0'): kernel of the .keras file and of golden.h5 differ"


def test_another_rounding_names_its_layer() -> None:
    text = first_difference(with_operation(1, format="ap_fixed<8,3,AP_RND,AP_SAT>"), WORDS)
    assert "operation 1 (layer 'inputs'): format" in text


def test_a_layer_that_computes_otherwise_is_found_by_its_words(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same operations on both sides, but one stage of the integers is shifted."""
    honest = StageTrace.__call__

    def shifted(self: StageTrace, words: np.ndarray) -> list[np.ndarray]:
        return [stage + (index >= 4) for index, stage in enumerate(honest(self, words))]

    monkeypatch.setattr(StageTrace, "__call__", shifted)
    assert first_difference(projects.small_model(), WORDS).startswith("layer 'relu_0' gives ")
