from __future__ import annotations

import json

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.training.early_stopping import EarlyStopping

LOSSES = st.lists(st.integers(0, 6).map(float), min_size=1, max_size=20)


@given(LOSSES, st.integers(1, 4), st.integers(0, 5))
def test_it_ends_patience_epochs_after_the_best(losses: list[float], patience: int, start: int) -> None:
    stopping = EarlyStopping(patience, start)
    for epoch, loss in enumerate(losses):
        stopping.after_epoch(epoch, loss, lambda epoch=epoch: [np.array([epoch], np.float32)])
        counted = losses[start : epoch + 1]
        if not counted:
            assert stopping.weights is None
            continue
        best = start + int(np.argmin(counted))
        assert stopping.weights == [np.array([best], np.float32)]
        assert stopping.is_over == (epoch - best >= patience)
        if stopping.is_over:
            break


@given(LOSSES, st.integers(0, 20), st.integers(0, 3))
def test_a_restored_state_goes_on_as_if_nothing_had_happened(losses: list[float], cut: int, start: int) -> None:
    whole, first = EarlyStopping(2, start), EarlyStopping(2, start)
    for epoch, loss in enumerate(losses):
        if epoch == cut:
            kept, facts = first.weights, json.loads(json.dumps(first.facts))
            first = EarlyStopping(2, start)
            first.restore(facts, kept or [])
        for stopping in (whole, first):
            stopping.after_epoch(epoch, loss, lambda epoch=epoch: [np.array([epoch], np.float32)])
        assert (first.facts, first.weights) == (whole.facts, whole.weights)
