"""What ensembles cost that are trained in one go, in units of one network: 30 networks of ratios, ten flows.

Run with: pytest tests/benchmarks/test_inference_ensembles.py --benchmark-only
Processor seconds of 300 updates with 256 pairs each, after 50 that trace the graph; of one thread with TF_NUM_INTRAOP_THREADS=1.

The goal was five for 30 networks. Measured on a busy machine (Keras 3.15.1, TensorFlow 2.21.0, bayesflow 2.0.12, one thread),
twice each: 3.0 and 4.1 with two layers of 32, 7.8 and 6.5 with three layers of 64 (12.7 and 13.3 s). With an axis of members
through all layers it was 3.5 and 10.1 (17.4 s) the same day. Of three layers of 64 the products alone are 0.8 GFLOP for an
update of 30 members, 18 ms at the 46 GFLOP/s that one core gave on a quiet day, and one network takes 5.4 to 6.8 ms for an
update, most of which is overhead: five would be 27 to 34 ms; it takes 42 to 44.

Ten flows of two pairs of couplings, once: 3.2 (affine) and 2.0 (spline).
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from offline.density import Training
from offline.density.training import Learner
from offline.inference.networks import Flow, RatioNetwork
from offline.inference.networks.layers import density_network
from offline.inference.networks.member_density import MemberDensity
from offline.inference.networks.ratio_layers import ratio_network

ROWS = 20_000


def seconds(network: Any, inputs: list[NDArray[np.float64]]) -> float:
    """Of a processor, for 300 updates."""
    learner, ones = Learner(network), np.ones(ROWS)
    learner.train(inputs, ones, Training(50, 256, 1e-3), 1)
    start = time.process_time()
    learner.train(inputs, ones, Training(300, 256, 1e-3), 1)
    return time.process_time() - start


def rows(columns: tuple[int, int], members: int) -> list[NDArray[np.float64]]:
    """Random inputs, and an importance of one."""
    rng = np.random.default_rng(1)
    return [*(rng.normal(size=(ROWS, n)) for n in columns), np.ones((ROWS, members))]


@pytest.mark.parametrize(("widths", "most"), [((32, 32), 5.0), ((64, 64, 64), 12.0)], ids=["small", "default"])
def test_thirty_members_cost_few(benchmark: BenchmarkFixture, widths: tuple[int, ...], most: float) -> None:
    def ratios(members: int) -> float:
        return seconds(ratio_network(RatioNetwork(widths=widths), 2, 4, range(members)), rows((2, 4), members))

    one = ratios(1)
    many = benchmark.pedantic(ratios, args=(30,), rounds=1)
    benchmark.extra_info |= {"one_s": one, "thirty_s": many, "ratio": many / one}
    assert many / one < most


@pytest.mark.parametrize("transform", ["affine", "spline"])
def test_ten_flows_cost_less_than_ten(benchmark: BenchmarkFixture, transform: str) -> None:
    def flow(seed: int) -> Any:
        return density_network(Flow(depth=2, widths=(32, 32), transform=transform), 2, 3, 0, seed)

    one = seconds(flow(1), rows((2, 3), 1)[:2])
    many = benchmark.pedantic(lambda: seconds(MemberDensity([flow(seed) for seed in range(10)]), rows((2, 3), 10)), rounds=1)
    benchmark.extra_info |= {"one_s": one, "ten_s": many, "ratio": many / one}
    assert many / one < 10
