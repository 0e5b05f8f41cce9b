from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError
from offline.unfolding import GaussianToy, Measured, Simulation
from offline.unfolding.ran import GameSettings, Ran
from offline.unfolding.ran.networks import make_critic

SMALL = Ran(
    GameSettings(hidden=(), critic=(16, 16), rounds=150, critic_steps=4, batch=1024, learning_rate=1e-2, critic_rate=2e-2)
)


def test_critic_is_never_steeper_than_one(rng: np.random.Generator) -> None:
    critic = make_critic(3, (16, 8))
    critic.set_weights([rng.normal(size=weight.shape) * rng.uniform(0.01, 30) for weight in critic.weights])
    a, b = rng.normal(size=(2, 4000, 3)).astype(np.float32)
    near = a + 1e-2 * b
    far = np.abs(critic.predict_on_batch(a) - critic.predict_on_batch(b))[:, 0]
    close = np.abs(critic.predict_on_batch(a) - critic.predict_on_batch(near))[:, 0]
    assert (far <= 1.001 * np.linalg.norm(a - b, axis=1)).all()
    assert (close <= 1.001 * np.linalg.norm(a - near, axis=1) + 1e-5).all()
    # sorting and orthonormal kernels lose no slope somewhere: it is not a trivial bound
    assert close.max() > 0.9 * 1e-2 * np.linalg.norm(b, axis=1).min()


def test_closure_on_the_toy_with_misses_and_fakes() -> None:
    toy, rng = GaussianToy(smear=0.5, shift=0.4, misses=0.2, fakes=0.1), np.random.default_rng(3)
    mc, nature = toy.simulation(30_000, rng), toy.nature(20_000, rng)
    result = SMALL.fit(mc, nature.measured(), seed=2)
    mean = np.average(result.gen[:, 0], weights=result.weight)
    assert mean == pytest.approx(0.4, abs=0.06)
    assert np.sqrt(np.average(np.square(result.gen[:, 0] - mean), weights=result.weight)) == pytest.approx(0.9, abs=0.06)
    assert result.total == pytest.approx(20_000, rel=0.02)


def test_same_seed_same_game() -> None:
    toy, rng = GaussianToy(smear=0.5), np.random.default_rng(3)
    mc, data = toy.simulation(2000, rng), toy.nature(2000, rng).measured()
    few = Ran(replace(SMALL.game, hidden=(4,), rounds=4))
    one, two, other = (few.fit(mc, data, seed=seed).weight for seed in (2, 2, 3))
    np.testing.assert_array_equal(one, two)
    assert (one != other).any()


@pytest.mark.slow
def test_closure_in_two_dimensions(rng: np.random.Generator) -> None:
    def sample(mean: list[float], n: int) -> Simulation:
        gen = rng.normal(mean, 1, (n, 2))
        ones, event = np.ones(n), rng.integers(0, 2**63, n, dtype=np.uint64)
        return Simulation(gen, gen + rng.normal(0, 0.5, gen.shape), ones, ones > 0, ones > 0, event, ("a", "b"), ("x", "y"))

    mc, nature = sample([0, 0], 20_000), sample([0.3, -0.2], 20_000)
    result = Ran(replace(SMALL.game, rounds=400)).fit(mc, nature.measured())
    np.testing.assert_allclose(np.average(result.gen, weights=result.weight, axis=0), [0.3, -0.2], atol=0.06)


@pytest.mark.slow
def test_supports_need_not_be_the_same(rng: np.random.Generator) -> None:
    """Data in a part of the simulated range alone: a ratio would be zero elsewhere."""
    gen = rng.uniform(-2, 2, (20_000, 1))
    ones, event = np.ones(20_000), rng.integers(0, 2**63, 20_000, dtype=np.uint64)
    mc = Simulation(gen, gen, ones, ones > 0, ones > 0, event, ("z",), ("x",))
    data = Measured(rng.uniform(-0.5, 0.5, (10_000, 1)), np.ones(10_000), event[:10_000], ("x",))
    result = Ran(replace(SMALL.game, hidden=(16,), rounds=600)).fit(mc, data)
    assert abs(np.average(result.gen[:, 0], weights=result.weight)) < 0.1
    assert np.average(np.abs(result.gen[:, 0]), weights=result.weight) < 0.45


def test_settings_come_from_tables() -> None:
    method = from_mapping(Ran, {"limit": 5, "game": {"critic": [8, 8]}}, "method")
    assert (method.limit, method.game.critic, method.name) == (5.0, (8, 8), "ran")
    for change in ({"game": {"critic": [7]}}, {"game": {"rounds": 0}}, {"game": {"averaged": 0}}, {"limit": 0}):
        with pytest.raises(ConfigError):
            from_mapping(Ran, change, "method")
