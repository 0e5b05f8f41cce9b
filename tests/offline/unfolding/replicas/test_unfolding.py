from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from binned_ratio import BinnedRatio

from l1ml.errors import ConfigError, DataError
from offline.unfolding import GaussianToy, Measured, Simulation, Unfolded
from offline.unfolding.replicas import Uncertainties, bootstrapped, unfold
from offline.unfolding.spectrum import Spectrum

FEW = Uncertainties(data=3, mc=3, ensemble=2)
TOY = GaussianToy(smear=1.0, misses=0.2, fakes=0.1)


class Memory:
    """A checkpoint that forgets nothing, and counts."""

    def __init__(self) -> None:
        self.kept: dict[str, Mapping[str, np.ndarray]] = {}

    def read(self, step: str) -> Mapping[str, np.ndarray] | None:
        return self.kept.get(step)

    def write(self, step: str, arrays: Mapping[str, np.ndarray]) -> None:
        assert step not in self.kept
        self.kept[step] = arrays


class Bar:
    def __init__(self) -> None:
        self.total: int | None = None
        self.done = 0

    def start(self, task: str, total: int | None = None) -> None:
        self.total = total

    def advance(self, n: int = 1) -> None:
        self.done += n

    def finish(self) -> None:
        assert self.done == self.total


@pytest.fixture
def mc(rng: np.random.Generator) -> Simulation:
    return TOY.simulation(3000, rng)


@pytest.fixture
def data(rng: np.random.Generator) -> Measured:
    return TOY.nature(3000, rng).measured()


def assert_same(one: Unfolded, other: Unfolded) -> None:
    assert [(item.kind, item.index) for item in one.replicas] == [(item.kind, item.index) for item in other.replicas]
    for first, second in zip(one.replicas, other.replicas, strict=True):
        np.testing.assert_array_equal(first.weight, second.weight)
        assert (first.gen is None) == (second.gen is None)
        if first.gen is not None:
            np.testing.assert_array_equal(first.gen, second.gen)


def test_each_replica_is_a_fit_of_what_it_varies(mc: Simulation, data: Measured) -> None:
    method = BinnedRatio(noise=0.1)
    result = unfold(method, mc, data, FEW, seed=5)
    found = {(item.kind, item.index): item for item in result.replicas}
    assert len(found) == 8
    alone = method.fit(mc, bootstrapped(data, "data", 2, 5), seed=5)
    np.testing.assert_allclose(found["data", 2].weight, alone.weight)
    drawn = bootstrapped(mc, "mc", 1, 5)
    alone = method.fit(drawn, data, seed=5)
    np.testing.assert_allclose(found["mc", 1].weight, alone.weight)
    assert (found["mc", 1].weight[drawn.weight[mc.pass_gen] == 0] == 0).all()
    ensemble = [found["ensemble", k].weight.sum() / result.total for k in range(2)]
    assert len({1.0, *ensemble}) == 3
    assert result.record["uncertainties"] == {"data": 3, "mc": 3, "ensemble": 2, "systematics": [], "seed": 5}


def test_a_replica_does_not_depend_on_how_many_there_are(mc: Simulation, data: Measured) -> None:
    few, more = (unfold(BinnedRatio(), mc, data, Uncertainties(data=n, mc=0, ensemble=0)) for n in (2, 4))
    assert_same(replace(more, replicas=more.replicas[:2]), few)


@pytest.mark.parametrize("samples", [False, True])
def test_workers_make_the_same_replicas_even_when_one_is_killed(tmp_path: Path, mc: Simulation, data: Measured, samples) -> None:
    wanted = replace(FEW, systematics={"scale.up": replace(mc, reco=mc.reco * 1.1), "shower": mc.select(np.arange(mc.n) % 3 > 0)})
    here = unfold(BinnedRatio(samples=samples), mc, data, wanted)
    memory, bar = Memory(), Bar()
    method = BinnedRatio(samples=samples, kill=str(tmp_path / "killed"))
    there = unfold(method, mc, data, wanted, workers=2, folder=tmp_path, progress=bar, checkpoint=memory)
    assert_same(here, there)
    assert len(memory.kept) == bar.done == 10
    assert [path.name for path in tmp_path.iterdir()] == ["killed"]
    own = {item.kind: item.gen is not None for item in there.replicas}
    assert own == dict.fromkeys(own, True) if samples else own["systematic:shower"] and sum(own.values()) == 1


@pytest.mark.parametrize("workers", [1, 2])
def test_bootstraps_of_data_know_what_the_simulation_decides(mc: Simulation, data: Measured, workers: int) -> None:
    result = unfold(BinnedRatio(learns=True), mc, data, Uncertainties(data=2, mc=2, ensemble=0), workers=workers)
    assert [round(item.weight.sum() / result.total, 1) for item in result.replicas] == [0.5, 0.5, 1, 1]


def test_what_a_checkpoint_holds_is_not_done_again(mc: Simulation, data: Measured) -> None:
    memory, bar = Memory(), Bar()
    first = unfold(BinnedRatio(), mc, data, FEW, checkpoint=memory)
    del memory.kept["replica mc 1"]
    assert_same(first, unfold(BinnedRatio(), mc, data, FEW, checkpoint=memory, progress=bar))
    assert bar.done == 8


def test_data_bootstraps_give_the_error_of_a_count(mc: Simulation, data: Measured) -> None:
    result = unfold(BinnedRatio(bins=2), mc, data, Uncertainties(data=200, mc=0, ensemble=0))
    error = float(Spectrum.of(result, {"z": [-10.0, 10.0]}).errors()[0])
    expected = np.sqrt(data.n) * result.total / data.n
    assert error == pytest.approx(expected, rel=0.2)


def test_what_cannot_be_meant_is_refused(mc: Simulation, data: Measured) -> None:
    with pytest.raises(ConfigError, match="one has no spread"):
        Uncertainties(mc=1)
    with pytest.raises(ConfigError, match="both systematic:scale 0"):
        Uncertainties(systematics={"scale": mc, "scale.up": mc})
    with pytest.raises(DataError, match="true quantities"):
        unfold(BinnedRatio(), mc, data, Uncertainties(systematics={"other": replace(mc, gen_names=("y",))}))
    with pytest.raises(ConfigError, match="workers must be"):
        unfold(BinnedRatio(), mc, data, FEW, workers=0)
