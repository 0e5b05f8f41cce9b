from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.splits import split_of
from l1ml.errors import ConfigError
from offline.unfolding import GaussianToy, Selection
from offline.unfolding.inputs import Inputs
from offline.unfolding.pseudo_data import Population, SelectedToy, halves, tilted
from offline.unfolding.quantities import Mean, Spread, Yield
from offline.unfolding.sample import FloatArray

TOY = GaussianToy(smear=0.5, shift=0.2, width=0.9, misses=0.2, fakes=0.1)
NUMBERS = {"mean": Mean(), "spread": Spread(), "yield": Yield()}


def test_tilting_a_gaussian_moves_its_mean_by_the_tilt(rng: np.random.Generator) -> None:
    mc = TOY.simulation(200_000, rng)
    other = tilted(mc, {"z": 0.3})
    rows = mc.pass_gen
    values, weight = other.gen[rows, 0], other.weight[rows]
    assert np.average(values, weights=weight) == pytest.approx(0.3, abs=0.01)
    assert np.average(np.square(values - 0.3), weights=weight) == pytest.approx(1.0, abs=0.02)
    assert weight.sum() == pytest.approx(mc.weight[rows].sum())
    np.testing.assert_array_equal(other.weight[~rows], mc.weight[~rows])
    np.testing.assert_array_equal(tilted(mc, {}).weight, mc.weight)
    with pytest.raises(ConfigError, match="unknown quantity 'zz'; did you mean 'z'"):
        tilted(mc, {"zz": 0.3})


def test_halves_share_no_event_and_know_their_truth(rng: np.random.Generator) -> None:
    mc = TOY.simulation(3000, rng)
    made = halves(Inputs(mc, mc.measured(), systematics={"a": mc}), {"z": 0.2})
    assert made.nature is not None
    assert not np.intersect1d(made.mc.event, made.nature.event).size
    assert made.mc.n + made.nature.n == mc.n
    assert np.bincount(split_of(made.mc.event, (0.5, 0.5))).min() > 700
    np.testing.assert_array_equal(made.systematics["a"].event, made.mc.event)
    np.testing.assert_array_equal(made.nature.measured().weight, made.data.weight)


@pytest.mark.parametrize("gen", [{}, {"z": (0.0,)}, {"z": (-0.5, 1.0)}])
def test_truth_of_a_toy_is_what_many_events_show(rng: np.random.Generator, gen: dict[str, tuple[float, ...]]) -> None:
    source = SelectedToy(TOY, Selection(gen=gen))
    truth = source.truth(NUMBERS, 400_000)
    many = source.experiment(400_000, rng)
    values, weight = many.gen[many.pass_gen], many.weight[many.pass_gen]
    for name, number in NUMBERS.items():
        assert number(values, weight) == pytest.approx(truth[name], rel=0.02)
    if not gen:
        assert list(truth.values()) == pytest.approx([0.2, 0.9, 400_000], rel=1e-6)
    assert source.simulation(100, rng).pass_gen.sum() <= 100


def test_samples_of_a_population_have_its_truth(rng: np.random.Generator) -> None:
    mc = TOY.simulation(3000, rng)
    weight: FloatArray = np.where(rng.random(mc.n) < 0.1, -0.5, 2.0)
    source = Population(mc.reweighted(weight), tilted(mc.reweighted(weight), {"z": 0.3}))
    truth = source.truth(NUMBERS, 100_000)
    drawn = source.experiment(100_000, rng)
    assert np.unique(np.abs(drawn.weight)).tolist() == [1.0]
    assert np.unique(drawn.event).size == drawn.n
    rows = drawn.pass_gen
    assert NUMBERS["yield"](drawn.gen[rows], drawn.weight[rows]) == pytest.approx(truth["yield"], rel=0.01)
    assert NUMBERS["mean"](drawn.gen[rows], drawn.weight[rows]) == pytest.approx(truth["mean"], abs=0.02)
    assert np.average(source.simulation(100_000, rng).weight) == pytest.approx(weight.sum() / np.abs(weight).sum(), abs=0.01)
