from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, DataError
from offline.unfolding import GaussianToy, Measured, Simulation, Unfolded
from offline.unfolding.gaussian_toy import em_moments
from offline.unfolding.omnifold import OmniFold, positive_weights
from offline.unfolding.ratio import RatioSettings
from offline.unfolding.sample import FloatArray

FORM = RatioSettings(hidden=(), degree=0)
NETWORK = RatioSettings(hidden=(8,), epochs=2, batch=512, quadratic=False, degree=0)
SHARP = GaussianToy(smear=0.3, shift=0.5, width=0.9)


class Stop(Exception):
    """A kill."""


class Kept:
    """A checkpoint in memory that stops the fit after so many steps."""

    def __init__(self, steps: int = 1000) -> None:
        self.steps: dict[str, dict[str, NDArray[Any]]] = {}
        self.left = steps

    def read(self, step: str) -> Mapping[str, NDArray[Any]] | None:
        return self.steps.get(step)

    def write(self, step: str, arrays: Mapping[str, NDArray[Any]]) -> None:
        if self.left == 0:
            raise Stop
        self.left -= 1
        self.steps[step] = {name: array.copy() for name, array in arrays.items()}


def _moments(unfolded: Unfolded) -> tuple[FloatArray, FloatArray]:
    """Mean and standard deviation after each iteration."""
    z, weights = unfolded.gen[:, 0], unfolded.iterations
    assert weights is not None
    means = weights @ z / weights.sum(axis=1)
    return means, np.sqrt(weights @ z**2 / weights.sum(axis=1) - means**2)


def _drawn(toy: GaussianToy, n: int, rng: np.random.Generator) -> tuple[Simulation, Simulation]:
    return toy.simulation(n, rng), toy.nature(n, rng)


def test_follows_expectation_maximisation(rng: np.random.Generator) -> None:
    mc, nature = _drawn(GaussianToy(), 100_000, rng)
    data = nature.measured()
    unfolded = OmniFold(iterations=10, ratio=FORM).fit(mc, data)
    z, noise = mc.gen[:, 0], mc.reco[:, 0] - mc.gen[:, 0]
    measured = data.reco.mean() - noise.mean(), data.reco.std()
    means, widths = em_moments(noise.std(), (z.mean(), z.std()), measured, 10)
    found = _moments(unfolded)
    assert np.abs(found[0] - means).max() < 0.01 * 0.2
    assert np.abs(found[1] - widths).max() < 0.005
    assert unfolded.total == pytest.approx(data.n, rel=1e-3)


def test_extrapolation_does_in_few_iterations_what_takes_hundreds(rng: np.random.Generator) -> None:
    mc, nature = _drawn(GaussianToy(smear=2.0, width=0.8), 30_000, rng)
    methods = [OmniFold(iterations=12, accelerated=leaping, ratio=FORM) for leaping in (False, True)]
    plain, leaping = (method.fit(mc, nature.measured()) for method in methods)
    # both go to the width that fits these events best, which is where a long plain run ends
    _, widths = em_moments(2.0, (0.0, 1.0), (0.2, float(np.hypot(0.8, 2.0))), 12)
    assert _moments(plain)[1][-1] == pytest.approx(widths[-1], abs=0.02)
    assert widths[-1] > 0.92
    assert _moments(leaping)[1][-1] == pytest.approx(0.8, abs=0.05)
    assert leaping.record["iterations"][2]["step_length"] > 1
    assert "step_length" not in plain.record["iterations"][2]


@pytest.mark.parametrize(("misses", "left"), [("keep", 0.34), ("expectation", 0.175), ("efficiency", 0.175)])
def test_misses_and_fakes(misses: str, left: float, rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=0.3, shift=0.5, width=0.9, misses=0.2, fakes=0.1)
    mc, nature = _drawn(toy, 40_000, rng)
    few = nature.select(np.arange(nature.n) % 4 != 0)
    unfolded = OmniFold(iterations=2, misses=misses, ratio=FORM).fit(mc, few.measured())
    means, _ = _moments(unfolded)
    # nine of ten events show 1 / (1 + 0.3^2) of the shift, the others are fakes; misses that keep the prior hold back a fifth
    assert 1 - means[0] / 0.5 == pytest.approx(left, abs=0.03)
    assert abs(unfolded.total / few.pass_gen.sum() - 1) < 0.03
    assert unfolded.n == mc.pass_gen.sum()


def test_negative_weights_of_the_simulation(rng: np.random.Generator) -> None:
    mc, nature = _drawn(SHARP, 40_000, rng)
    mc = mc.reweighted(np.where(rng.random(mc.n) < 0.2, -1.0, 1.0))
    unfolded = OmniFold(iterations=3, ratio=FORM).fit(mc, nature.measured())
    means, widths = _moments(unfolded)
    assert means[-1] == pytest.approx(0.5, abs=0.03)
    assert widths[-1] == pytest.approx(0.9, abs=0.03)
    assert unfolded.total == pytest.approx(nature.n, rel=0.02)
    assert (unfolded.weight < 0).sum() == (mc.weight < 0).sum()


@pytest.mark.parametrize("positive", [False, True])
def test_background_is_taken_off(positive: bool, rng: np.random.Generator) -> None:
    mc, nature = _drawn(SHARP, 15_000, rng)

    def background() -> Measured:
        events = rng.integers(0, 2**63, 3000, dtype=np.uint64)
        return Measured(rng.normal(-1.0, 0.5, (3000, 1)), np.ones(3000), events, ("x",))

    real = background()
    data = nature.measured()
    mixed = replace(
        data, reco=np.concatenate([data.reco, real.reco]), weight=np.ones(18_000), event=np.concatenate([data.event, real.event])
    )
    method = OmniFold(iterations=3, positive=positive, ratio=replace(NETWORK, epochs=8, batch=1024, quadratic=True))
    unfolded = method.fit(mc, mixed.without(background()))
    means, widths = _moments(unfolded)
    assert means[-1] == pytest.approx(0.5, abs=0.05)
    assert widths[-1] == pytest.approx(0.9, abs=0.05)
    assert unfolded.total == pytest.approx(15_000, rel=0.02)


def test_positive_weights(rng: np.random.Generator) -> None:
    data = SHARP.nature(5000, rng).measured()
    assert positive_weights(data, FORM) is data
    signed = data.without(
        replace(data.select(data.reco[:, 0] < 0), event=rng.integers(0, 2**63, (data.reco < 0).sum(), dtype=np.uint64))
    )
    positive = positive_weights(signed, FORM)
    assert (positive.weight > 0).all()
    assert positive.n == data.n
    assert positive.weight.sum() == pytest.approx(signed.weight.sum())
    assert positive.weight[data.reco[:, 0] < -1].mean() < 0.2 * positive.weight[data.reco[:, 0] > 1].mean()


def test_zero_and_saturated_weights_are_counted(rng: np.random.Generator) -> None:
    mc, nature = _drawn(SHARP, 4000, rng)
    mc = mc.reweighted(np.where(np.arange(4000) < 100, 0.0, 1.0))
    unfolded = OmniFold(iterations=1, ratio=replace(FORM, limit=0.2)).fit(mc, nature.measured())
    steps = unfolded.record["iterations"][0]
    assert steps["reco"]["without_weight"] == 100
    assert steps["gen"]["without_weight"] == 100
    assert steps["reco"]["saturated"] > 1000
    assert (unfolded.weight[:100] == 0).all()
    json.dumps(unfolded.record)


@pytest.mark.parametrize("warm", [True, False])
def test_goes_on_after_a_stop_as_if_there_was_none(warm: bool, rng: np.random.Generator) -> None:
    mc, nature = _drawn(replace(SHARP, misses=0.2), 3000, rng)
    method = OmniFold(iterations=3, misses="expectation", warm_start=warm, accelerated=warm, ratio=NETWORK)
    whole = method.fit(mc, nature.measured(), seed=5)
    for steps in (1, 3, 5):
        kept = Kept(steps)
        with pytest.raises(Stop):
            method.fit(mc, nature.measured(), seed=5, checkpoint=kept)
        kept.left = 1000
        again = method.fit(mc, nature.measured(), seed=5, checkpoint=kept)
        np.testing.assert_array_equal(again.iterations, whole.iterations)
        assert again.record == whole.record
    assert (method.fit(mc, nature.measured(), seed=6).weight != whole.weight).any()


class Heard:
    """Tasks that a listener is told of, with their lengths."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, int | None]] = []

    def start(self, task: str, total: int | None = None) -> None:
        self.tasks.append((task, total))

    def advance(self, n: int = 1) -> None:
        pass

    def finish(self) -> None:
        pass


def test_progress_says_iteration_and_step(rng: np.random.Generator) -> None:
    toy, heard = replace(SHARP, misses=0.2), Heard()
    method = OmniFold(iterations=2, misses="expectation", ratio=NETWORK)
    method.fit(toy.simulation(500, rng), toy.nature(500, rng).measured(), progress=heard)
    steps = ("step 1", "step 1, misses", "step 2")
    assert heard.tasks == [(f"iteration {k} of 2, {step}: training", 2) for k in (1, 2) for step in steps]


def test_settings_come_from_a_table(rng: np.random.Generator) -> None:
    table = {"iterations": 3, "misses": "keep", "ratio": {"hidden": [16], "members": 2}}
    method = from_mapping(OmniFold, table, "method")
    assert method == OmniFold(iterations=3, misses="keep", ratio=RatioSettings(hidden=(16,), members=2))
    assert method.name == "omnifold"
    with pytest.raises(ConfigError, match="misses one of"):
        OmniFold(misses="drop")
    mc, nature = _drawn(SHARP, 1000, rng)
    data = nature.measured()
    with pytest.raises(DataError, match="no overlap"):
        method.fit(mc, replace(data, reco=data.reco + 100))
