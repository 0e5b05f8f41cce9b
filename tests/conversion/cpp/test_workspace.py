from __future__ import annotations

import network_strategy
import numpy as np
import pytest
from hypothesis import given, settings

from l1ml.conversion.cpp.workspace import Workspace
from l1ml.errors import ConversionError
from l1ml.hardware import FixedPoint
from l1ml.model import Network
from l1ml.model.builder import NetworkBuilder
from l1ml.model.operations import Absolute, Gather, Square


@settings(max_examples=200, deadline=None)
@given(network_strategy.branched_networks(12))
def test_no_word_is_overwritten_before_it_is_read(network: Network) -> None:
    workspace = Workspace(network)
    owners = {kind: np.full(rows, -1) for kind, rows in workspace.rows.items()}

    def rows(stage: int) -> np.ndarray:
        return owners[workspace.type_of(stage)][workspace.places[stage] :][: workspace.size(stage)]

    rows(0)[:] = 0
    for stage in workspace.reached[1:]:
        sources = network.nodes[stage - 1].sources
        assert all((rows(source) == source).all() for source in sources)
        rows(stage)[:] = stage
        assert all((rows(source) == source).all() for source in sources), "a result lies over what it is made of"
    assert (rows(len(network.nodes)) == len(network.nodes)).all()


def test_what_the_score_does_not_depend_on_has_no_place() -> None:
    builder = NetworkBuilder([FixedPoint(4, 4)])
    used = builder.add("used", Square(), 0)
    builder.add("unused", Absolute(), 0)
    builder.add("score", Absolute(), used)
    assert Workspace(builder.build()).reached == (0, 1, 3)


def test_a_chain_needs_room_for_two_stages() -> None:
    network = Network([FixedPoint(4, 4)] * 10, [Absolute()] * 7)
    assert Workspace(network).stack_bytes == 20 * 2 * 32


def test_wide_networks_have_smaller_blocks_and_too_wide_ones_are_refused() -> None:
    def workspace(n: int) -> Workspace:
        return Workspace(Network([FixedPoint(4, 4)], [Gather(np.zeros(n, np.int64)), Absolute()]))

    assert workspace(5000).lanes == 32
    assert workspace(20_000).lanes == 8
    assert workspace(20_000).stack_bytes <= 2**20
    assert workspace(200_000).lanes == 1
    with pytest.raises(ConversionError, match="one crossing needs 1200002 bytes"):
        _ = workspace(300_000).lanes
