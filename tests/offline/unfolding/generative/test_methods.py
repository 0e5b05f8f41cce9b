"""Small fits; the larger ones stand in tests/benchmarks/test_unfolding_generative.py."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, DataError
from offline.unfolding import GaussianToy, Measured, Simulation
from offline.unfolding.gaussian_toy import em_moments
from offline.unfolding.generative import ConditionalFlow, FlowMatching, Quantity, Training
from offline.unfolding.ratio import RatioSettings
from offline.unfolding.replicas import Uncertainties, unfold
from offline.unfolding.replicas.replica_fit import ReplicaFit

BRIEF = Training(updates=150, batch_size=1024, learning_rate=5e-3)
FORM = RatioSettings(hidden=(), degree=0)
"""Straight in the tails, where the extremes that are asked for lie."""
TOY = GaussianToy(smear=1.0, shift=0.5, misses=0.2, fakes=0.1)
N = 20_000


class Memory:
    """A checkpoint that can forget what came after a step."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    def read(self, step: str) -> Mapping[str, Any] | None:
        return self.kept.get(step)

    def write(self, step: str, arrays: Mapping[str, Any]) -> None:
        self.kept[step] = dict(arrays)


@pytest.fixture
def pairs(rng: np.random.Generator) -> tuple[Simulation, Measured]:
    return TOY.simulation(N, rng), TOY.nature(N, rng).measured()


def test_fakes_are_taken_out_and_misses_put_back(pairs: tuple[Simulation, Measured]) -> None:
    mc, data = pairs
    unfolded = FlowMatching(samples=2, widths=(32, 32), steps=4, training=BRIEF, ratio=FORM).fit(mc, data)
    assert unfolded.total == pytest.approx(N, rel=0.03)
    np.testing.assert_array_equal(unfolded.event, np.repeat(data.event, 2))
    step = unfolded.record["iterations"][0]
    # half of the shift, as K = 1/2; the tenth of fakes, which lie lower, are taken out event by event
    assert step["mean"] == pytest.approx([0.25], abs=0.05)
    assert step["efficiency"] == pytest.approx([0.8, 0.8], abs=0.06)
    assert step["true_share"] == pytest.approx([0.9, 0.9], abs=0.08)
    assert step["ranks"][0]["chi2_per_bin"] < 4


def test_iterations_take_the_prior_out_and_go_on_after_a_stop(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=1.0, shift=0.5)
    mc, data = toy.simulation(N, rng), toy.nature(N, rng).measured()
    method = FlowMatching(widths=(32, 32), steps=4, iterations=2, training=BRIEF, retraining=BRIEF, ratio=FORM)
    memory = Memory()
    unfolded = method.fit(mc, data, seed=3, checkpoint=memory)
    means = [step["mean"][0] for step in unfolded.record["iterations"]]
    assert means == pytest.approx(em_moments(1.0, (0.0, 1.0), (data.reco.mean(), data.reco.std()), 2)[0], abs=0.05)
    assert means == sorted(means)

    del memory.kept["generative-1"]
    resumed = method.fit(mc, data, seed=3, checkpoint=memory)
    np.testing.assert_array_equal(resumed.gen, unfolded.gen)
    np.testing.assert_array_equal(resumed.weight, unfolded.weight)
    assert resumed.record == unfolded.record


def test_bootstraps_of_the_data_are_what_they_would_be_alone(pairs: tuple[Simulation, Measured]) -> None:
    quick = replace(BRIEF, updates=40)
    method = FlowMatching(widths=(16,), steps=2, iterations=2, training=quick, retraining=quick, ratio=FORM)
    memory = Memory()
    together = unfold(method, *pairs, Uncertainties(data=2, mc=0, ensemble=0), seed=3, checkpoint=memory)
    alone = ReplicaFit("data", 1, 3).run(method, *pairs)
    np.testing.assert_array_equal(together.replicas[1].weight, alone.weight)
    np.testing.assert_array_equal(together.replicas[1].gen, alone.gen)
    # what such a replica need not learn
    assert {step for step in memory.kept if "simulation" in step} == {
        f"nominal simulation {name}" for name in ("density", "fakes", "efficiency")
    }


@pytest.mark.slow
def test_workers_know_what_the_simulation_decides(pairs: tuple[Simulation, Measured]) -> None:
    method = FlowMatching(widths=(16,), steps=2, training=replace(BRIEF, updates=40), ratio=FORM)
    wanted = Uncertainties(data=2, mc=2, ensemble=0)
    here, there = (unfold(method, *pairs, wanted, workers=workers) for workers in (1, 2))
    for one, other in zip(here.replicas, there.replicas, strict=True):
        np.testing.assert_array_equal(one.weight, other.weight)
        np.testing.assert_array_equal(one.gen, other.gen)


def test_nothing_is_traced_for_a_fit_of_its_own_and_none_depends_on_another(rng: np.random.Generator) -> None:
    method = FlowMatching(widths=(4,), steps=1, training=Training(updates=2, batch_size=512), ratio=FORM)
    samples = [(TOY.simulation(n, rng), TOY.nature(n, rng).measured()) for n in (300, 700, 310, 320, 330, 340)]
    warned: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: warned.append(record.getMessage())  # type: ignore[method-assign]
    logger = logging.getLogger("tensorflow")
    logger.addHandler(handler)
    try:
        first, *_, last = [method.fit(*sample, seed=3) for sample in [*samples, samples[0]]]
    finally:
        logger.removeHandler(handler)
    assert warned == []
    # nor does a fit depend on those before it
    np.testing.assert_array_equal(last.gen, first.gen)
    np.testing.assert_array_equal(last.weight, first.weight)


def test_flow_draws_the_posterior_of_one_quantity(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=1.0, shift=0.5)
    method = ConditionalFlow(depth=1, widths=(16,), training=BRIEF)
    data = toy.nature(N, rng).measured()
    unfolded = method.fit(toy.simulation(N, rng), data, seed=3)
    half = data.reco[:, 0] / 2
    assert unfolded.gen[:, 0].mean() == pytest.approx(half.mean(), abs=0.04)
    assert (unfolded.gen[:, 0] - half).std() == pytest.approx(np.sqrt(0.5), abs=0.04)
    assert unfolded.total == pytest.approx(data.n)


def test_settings_come_from_a_table() -> None:
    table = {"samples": 3, "training": {"updates": 7}, "quantities": [{"name": "m", "kind": "integer"}], "transform": "spline"}
    method = from_mapping(ConditionalFlow, table, "method")
    assert method == ConditionalFlow(
        samples=3, training=Training(updates=7), quantities=(Quantity("m", "integer"),), transform="spline"
    )
    assert (method.name, FlowMatching().name) == ("conditional_flow", "flow_matching")


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (lambda: FlowMatching(samples=0), "samples and iterations"),
        (lambda: FlowMatching(steps=0), "steps and widths"),
        (lambda: ConditionalFlow(transform="cubic"), "'affine' or 'spline'"),
        (lambda: ConditionalFlow(depth=0), "depth, bins and widths"),
        (lambda: Training(updates=0), "must be positive"),
    ],
)
def test_impossible_settings_are_refused(settings: Any, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        settings()


def test_too_few_pairs_are_refused(pairs: tuple[Simulation, Measured]) -> None:
    mc, data = pairs
    few = mc.select(np.flatnonzero(mc.pass_both)[:1])
    with pytest.raises(DataError, match="1 pairs split into"):
        FlowMatching().fit(few, Measured(few.reco, np.ones(1), few.event, data.names))
