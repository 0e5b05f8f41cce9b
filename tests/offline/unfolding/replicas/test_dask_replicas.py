from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from binned_ratio import BinnedRatio
from dask_toy import Cluster, Killer

from offline.unfolding import GaussianToy, Uncertainties, unfold

pytest.importorskip("distributed")


@pytest.fixture(scope="module")
def cluster() -> Iterator[Cluster]:
    made = Cluster()
    yield made
    made.close()


def test_a_cluster_that_loses_a_worker_makes_the_same_replicas(
    tmp_path: Path, cluster: Cluster, rng: np.random.Generator
) -> None:
    toy, wanted = GaussianToy(misses=0.2, fakes=0.1), Uncertainties(data=6, mc=6, ensemble=2)
    mc, data = toy.simulation(2000, rng), toy.nature(2000, rng).measured()
    here = unfold(BinnedRatio(noise=0.1), mc, data, wanted)
    killer = Killer(cluster.pids, after=2)
    there = unfold(BinnedRatio(noise=0.1), mc, data, wanted, scheduler=cluster.address, folder=tmp_path, progress=killer)
    assert killer.killed not in cluster.pids()
    assert [(item.kind, item.index) for item in there.replicas] == [(item.kind, item.index) for item in here.replicas]
    for one, other in zip(here.replicas, there.replicas, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)
