"""What an ensemble of 30 networks of ratios costs, trained in one go, in units of one network.

Run with: pytest tests/benchmarks/test_inference_ensembles.py --benchmark-only
Processor seconds of 300 updates with 256 pairs each, after 50 that trace the graph; of one thread with TF_NUM_INTRAOP_THREADS=1.

The goal was five. Measured once on a busy machine (Keras 3.15.1, TensorFlow 2.21.0, one thread): 5.2 with two layers of 32,
where the overhead of one network is most of its time; 9.4 with three layers of 64, where products of matrices are. One after
another 30 networks cost 30. Single operations of 30 members of 64 with 512 rows, one core: the product of a hidden layer 2.7 ms
(46 GFLOP/s, near what one core gives), its two gradients 3.3 and 4.2 ms, bias, SiLU and its gradient 0.9, 1.9 and 2.6 ms:
products are two thirds; to fuse the rest into them would be worth the other third at most.
"""

from __future__ import annotations

import time

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from offline.density import Training
from offline.density.training import Learner
from offline.inference.networks import RatioNetwork
from offline.inference.networks.ratio_layers import ratio_network


def seconds(members: int, widths: tuple[int, ...]) -> float:
    """Of a processor, for 300 updates."""
    rng = np.random.default_rng(1)
    inputs = [rng.normal(size=(20_000, columns)) for columns in (2, 4)] + [np.ones((20_000, members))]
    learner = Learner(ratio_network(RatioNetwork(widths=widths), 2, 4, range(members)))
    learner.train(inputs, np.ones(20_000), Training(50, 256, 1e-3), 1)
    start = time.process_time()
    learner.train(inputs, np.ones(20_000), Training(300, 256, 1e-3), 1)
    return time.process_time() - start


@pytest.mark.parametrize(("widths", "most"), [((32, 32), 8.0), ((64, 64, 64), 15.0)], ids=["small", "default"])
def test_thirty_members_cost_few(benchmark: BenchmarkFixture, widths: tuple[int, ...], most: float) -> None:
    one = seconds(1, widths)
    many = benchmark.pedantic(seconds, args=(30, widths), rounds=1)
    benchmark.extra_info |= {"one_s": one, "thirty_s": many, "ratio": many / one}
    assert many / one < most
