"""Summaries of sets: what is not there, and the order of what is, have no say."""

from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError
from offline.inference.networks import Summary
from offline.inference.networks.layers import set_summary


@pytest.mark.parametrize("blocks", [0, 2], ids=["deep set", "transformer"])
def test_order_and_absent_events_have_no_say(blocks: int, rng: np.random.Generator) -> None:
    network = set_summary(Summary((8,), (8,), 4, blocks=blocks, heads=2), 5, 3)
    events = rng.normal(size=(4, 5, 3)).astype(np.float32)
    events[..., 2] = [1, 1, 1, 0, 0]
    other = events.copy()
    other[:, :3] = other[:, [2, 0, 1]]
    other[:, 3:, :2] = 9.0
    found, again = (np.asarray(network(rows.reshape(4, -1))) for rows in (events, other))
    assert found.shape == (4, 4)
    np.testing.assert_allclose(again, found, atol=1e-5)
    # events that are there have one
    other[:, 0, 0] += 1.0
    assert np.abs(np.asarray(network(other.reshape(4, -1))) - found).max() > 1e-3


def test_heads_share_the_width() -> None:
    with pytest.raises(ConfigError, match="that 3 heads share evenly"):
        Summary((8,), blocks=1, heads=3)
