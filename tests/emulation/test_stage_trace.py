"""Stages are what the emulator passes through, on all operations; the words of the caller stay as they are."""

from __future__ import annotations

import network_strategy
import numpy as np
from hypothesis import given, settings

from l1ml.emulation.integers import IntegerEmulator
from l1ml.emulation.stage_trace import StageTrace
from l1ml.emulation.stimuli import random_words
from l1ml.model.network import Network


@settings(max_examples=50, deadline=None)
@given(network_strategy.branched_networks())
def test_the_last_stage_is_the_score_and_all_lie_in_their_ranges(network: Network) -> None:
    words = random_words(network.input_formats, 200, np.random.default_rng(1))
    before = words.copy()
    stages = StageTrace(network)(words)
    np.testing.assert_array_equal(words, before)
    np.testing.assert_array_equal(stages[0], words)
    scores = IntegerEmulator(network).predict(words)
    np.testing.assert_array_equal(stages[-1].reshape(scores.shape), scores)
    for found, stage in zip(stages, network.stages, strict=True):
        assert (found >= stage.low).all()
        assert (found <= stage.high).all()
