from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError
from offline.unfolding import GaussianToy, Measured, Simulation, Unfolded
from offline.unfolding.aussie import Aussie, NetworkSettings
from offline.unfolding.aussie.kernel import KernelFeatures, median_distance, solve
from offline.unfolding.aussie.rows import Rows
from offline.unfolding.ratio import RatioSettings, regression
from offline.unfolding.ratio.terms import Terms

FORM = Aussie(ratio=RatioSettings(hidden=(), degree=0), network=NetworkSettings(hidden=()))
SMALL = replace(FORM, network=NetworkSettings(hidden=(16, 16), epochs=12, batch=512, learning_rate=1e-2, penalty=1e-5))


def moments(result: Unfolded) -> tuple[float, float]:
    mean = float(np.average(result.gen[:, 0], weights=result.weight))
    return mean, float(np.sqrt(np.average(np.square(result.gen[:, 0] - mean), weights=result.weight)))


def test_features_are_the_kernel(rng: np.random.Generator) -> None:
    x = rng.normal(size=(30, 2))
    values = KernelFeatures.drawn(2, 0.8, 6000, rng)(x)
    wide = np.exp(-0.5 * np.square(x[:, None] - x[None]).sum(axis=2) / 0.8**2)
    kernel = (wide + wide**4 + wide**16) / 3
    np.testing.assert_allclose(values @ values.T, kernel, atol=0.06)
    np.testing.assert_allclose(np.square(values).sum(axis=1), 1, rtol=1e-5)
    assert median_distance(rng.normal(size=(5000, 1)), rng) == pytest.approx(0.954, rel=0.1)


def test_solution_finds_the_form_that_made_the_ratio(rng: np.random.Generator) -> None:
    n = 20_000
    gen = rng.normal(size=(n, 2))
    expected = np.array([0.1, 0.3, -0.2, -0.1, 0.05, 0.02])
    true = rng.random(n) < 0.9
    weight = np.where(true, np.exp(regression.evaluate(Terms.form(2), expected, gen)), 1.0)
    # a detector that measures exactly has R = w
    rows = Rows(gen, gen, true, np.full(n, 1 / n), np.ones(n), 1 / weight, np.arange(n, dtype=np.uint64))
    found, losses = solve(rows, KernelFeatures.drawn(2, 1.0, 64, rng), np.zeros(n), np.zeros(6))
    np.testing.assert_allclose(found, expected, atol=1e-6)
    assert (np.diff(losses) <= 0).all()


def test_one_call_undoes_the_smearing_with_misses_and_fakes() -> None:
    toy, rng = GaussianToy(smear=1.5, misses=0.2, fakes=0.1), np.random.default_rng(3)
    mc, nature = toy.simulation(50_000, rng), toy.nature(40_000, rng)
    result = FORM.fit(mc, nature.measured())
    mean, width = moments(result)
    assert mean == pytest.approx(0.2, abs=0.05)
    assert width == pytest.approx(0.9, abs=0.06)
    assert result.total == pytest.approx(40_000, rel=0.03)
    assert result.n == mc.pass_gen.sum()
    assert result.record["saturated"] == 0


@pytest.mark.parametrize("residual", ["mse", "bce"])
def test_other_residuals_say_the_same(residual: str) -> None:
    toy, rng = GaussianToy(smear=1.0), np.random.default_rng(4)
    mc, data = toy.simulation(10_000, rng), toy.nature(10_000, rng).measured()
    np.testing.assert_allclose(moments(replace(FORM, residual=residual).fit(mc, data)), moments(FORM.fit(mc, data)), atol=0.03)


def test_acceptance_that_depends_on_truth_is_corrected(rng: np.random.Generator) -> None:
    def sample(mean: float) -> Simulation:
        gen = rng.normal(mean, 1, (100_000, 1))
        seen = rng.random(100_000) < 1 / (1 + np.exp(-gen[:, 0]))
        ones, event = np.ones(100_000), rng.integers(0, 2**63, 100_000, dtype=np.uint64)
        return Simulation(gen, gen + rng.normal(0, 0.5, gen.shape), ones, ones > 0, seen, event, ("z",), ("x",))

    mc, nature = sample(0.0), sample(0.3)
    result = FORM.fit(mc, nature.measured())
    assert moments(result)[0] == pytest.approx(0.3, abs=0.02)
    assert result.total == pytest.approx(100_000, rel=0.02)


def test_subtracted_background_and_negative_weights(rng: np.random.Generator) -> None:
    toy = GaussianToy(smear=0.5)
    mc, data = toy.simulation(50_000, rng), toy.nature(50_000, rng).measured()
    mixed, other = (
        Measured(rng.normal(1, 0.3, (10_000, 1)), np.ones(10_000), rng.integers(0, 2**63, 10_000, dtype=np.uint64), ("x",))
        for _ in range(2)
    )
    wrong = Measured(*(np.concatenate([getattr(data, k), getattr(mixed, k)]) for k in ("reco", "weight", "event")), ("x",))
    signs = np.where(rng.random(mc.n) < 0.1, -1.0, 1.0)
    result = FORM.fit(mc.reweighted(signs), wrong.without(other))
    assert moments(result)[0] == pytest.approx(0.2, abs=0.06)
    assert result.total == pytest.approx(50_000, rel=0.02)


def _waves(n: int, depth: float, rng: np.random.Generator) -> Simulation:
    """Truth with a density of 1 + depth sin(2 z) relative to a normal one: no quadratic form can follow."""
    gen = rng.normal(size=3 * n)
    gen = gen[rng.random(3 * n) < (1 + depth * np.sin(2 * gen)) / 2][:n]
    ones, event = np.ones(gen.size), rng.integers(0, 2**63, gen.size, dtype=np.uint64)
    reco = (gen + rng.normal(0, 0.2, gen.size))[:, None]
    return Simulation(gen[:, None], reco, ones, ones > 0, ones > 0, event, ("z",), ("x",))


def _wave_of(result: Unfolded) -> float:
    """Mean of sin(2 z): half the depth."""
    return float(np.average(np.sin(2 * result.gen[:, 0]), weights=result.weight))


def test_network_learns_what_no_form_can(rng: np.random.Generator) -> None:
    mc, nature = _waves(16_000, 0.0, rng), _waves(16_000, 0.6, rng)
    method = replace(SMALL, ratio=RatioSettings(hidden=(32, 32), epochs=20, batch=512, learning_rate=1e-2))
    result, again = (method.fit(mc, nature.measured(), seed=7) for _ in range(2))
    assert result.record["weight"]["network_kept"]
    assert _wave_of(result) == pytest.approx(float(np.sin(2 * nature.gen).mean()), abs=0.03)
    assert abs(_wave_of(FORM.fit(mc, nature.measured()))) < 0.2
    np.testing.assert_array_equal(result.weight, again.weight)


def test_networks_that_do_not_help_are_left_out() -> None:
    toy, rng = GaussianToy(smear=1.0), np.random.default_rng(2)
    mc, data = toy.simulation(20_000, rng), toy.nature(20_000, rng).measured()
    method = replace(SMALL, network=replace(SMALL.network, epochs=1, learning_rate=1e-9, members=2, significance=3.0))
    result = method.fit(mc, data)
    assert result.record["weight"]["network_kept"] is False
    np.testing.assert_array_equal(result.weight, FORM.fit(mc, data).weight)


class Notes:
    """A checkpoint in memory."""

    def __init__(self) -> None:
        self.kept: dict[str, dict[str, Any]] = {}

    def read(self, step: str) -> Mapping[str, Any] | None:
        return self.kept.get(step)

    def write(self, step: str, arrays: Mapping[str, Any]) -> None:
        self.kept[step] = dict(arrays)


def test_a_fit_goes_on_from_its_checkpoint() -> None:
    toy, rng = GaussianToy(smear=1.0), np.random.default_rng(2)
    mc, data, notes = toy.simulation(5000, rng), toy.nature(5000, rng).measured(), Notes()
    whole = FORM.fit(mc, data, checkpoint=notes)
    assert list(notes.kept) == ["ratio", "weight"]
    np.testing.assert_array_equal(FORM.fit(mc, data, checkpoint=notes).weight, whole.weight)
    del notes.kept["weight"]
    np.testing.assert_array_equal(FORM.fit(mc, data, checkpoint=notes).weight, whole.weight)


def test_settings_come_from_tables() -> None:
    method = from_mapping(Aussie, {"width": 1, "network": {"hidden": [8]}, "ratio": {"epochs": 2}}, "method")
    assert (method.width, method.network.hidden, method.name) == (1.0, (8,), "aussie")
    for change in ({"residual": "mae"}, {"features": 3}, {"width": -1.0}, {"network": {"batch": 1}}):
        with pytest.raises(ConfigError):
            from_mapping(Aussie, change, "method")


_ON_JAX = f"""
import importlib.util, keras
assert keras.backend.backend() == "jax"
spec = importlib.util.spec_from_file_location("test_aussie", {__file__!r})
module = importlib.util.module_from_spec(spec)
spec.loader.exec_module(module)
print(module.wave_by_network())
"""


def wave_by_network() -> float:
    rng = np.random.default_rng(5)
    mc, nature = _waves(6000, 0.0, rng), _waves(6000, 0.8, rng)
    ratio = RatioSettings(hidden=(16, 16), epochs=15, batch=256, learning_rate=1e-2)
    return _wave_of(replace(SMALL, ratio=ratio).fit(mc, nature.measured(), seed=7))


def test_the_same_on_jax() -> None:
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = subprocess.run([sys.executable, "-c", _ON_JAX], env=environment, capture_output=True, text=True, check=True)
    here = wave_by_network()
    assert float(done.stdout) == pytest.approx(here, abs=0.05)
