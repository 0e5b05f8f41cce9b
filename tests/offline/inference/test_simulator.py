from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from l1ml.errors import ConfigError, DataError
from offline.inference import GaussianModel, Prior, Simulations, Uniform, simulate
from offline.inference.simulator import Observed, observe

MODEL = GaussianModel()
RATE = Prior({"rate": Uniform(1.0, 6.0)})

Floats = NDArray[np.float64]


def events(theta: Floats, rng: np.random.Generator) -> Observed:
    """Sets of a Poisson number of events."""
    counts = rng.poisson(theta[:, 0])
    mask = np.arange(max(1, counts.max())) < counts[:, None]
    return rng.normal(size=(*mask.shape, 2)), mask


def test_more_simulations_begin_with_fewer() -> None:
    few, many = (simulate(MODEL.prior, MODEL, n, seed=3, chunk=100) for n in (200, 350))
    np.testing.assert_array_equal(many.theta[:200], few.theta)
    np.testing.assert_array_equal(many.x[:200], few.x)
    assert (len(many), many.sets) == (350, False)


def test_a_stopped_run_goes_on(tmp_path: Path) -> None:
    asked: list[int] = []

    def counted(theta: Floats, rng: np.random.Generator) -> Floats:
        asked.append(len(theta))
        if len(asked) == 3:
            raise KeyboardInterrupt
        return MODEL(theta, rng)

    with pytest.raises(KeyboardInterrupt):
        simulate(MODEL.prior, counted, 450, seed=1, chunk=100, folder=tmp_path)
    found = simulate(MODEL.prior, counted, 450, seed=1, chunk=100, folder=tmp_path)
    assert asked == [100, 100, 100, 100, 100, 50]
    np.testing.assert_array_equal(found.x, simulate(MODEL.prior, MODEL, 450, seed=1, chunk=100).x)


def test_sets_of_any_size() -> None:
    found = simulate(RATE, events, 300, seed=1, chunk=100)
    assert found.sets
    assert found.mask is not None
    assert found.x.shape[:2] == found.mask.shape
    single = found.single_events()
    assert len(single) == found.mask.sum()
    np.testing.assert_array_equal(single.x, found.x[found.mask])
    np.testing.assert_array_equal(single.theta[:, 0], np.repeat(found.theta[:, 0], found.mask.sum(axis=1)))


def test_parts_of_simulations(rng: np.random.Generator) -> None:
    found = simulate(MODEL.prior, MODEL, 100, seed=1)
    one, two = found.split(0.2, rng)
    assert (len(one), len(two)) == (20, 80)
    assert {tuple(row) for row in np.concatenate([one.x, two.x])} == {tuple(row) for row in found.x}
    assert found.single_events() is found


def test_a_simulator_that_fails_is_reported_with_its_parameters() -> None:
    def broken(theta: Floats, rng: np.random.Generator) -> Floats:
        return np.where(theta > 5.9, np.nan, theta)

    with pytest.raises(DataError, match=r"not finite for \d+ of 500 parameters, the first of them rate = 5\.9"):
        simulate(RATE, broken, 500, seed=1)
    with pytest.raises(DataError, match=r"gave shape \(500,\) for 500 parameters, starting with rate = .*expected \(500, k\)"):
        simulate(RATE, lambda theta, rng: theta[:, 0], 500, seed=1)
    with pytest.raises(DataError, match=r"gave shape \(7, 2\)"):
        simulate(RATE, lambda theta, rng: np.zeros((7, 2)), 500, seed=1)
    with pytest.raises(DataError, match="different dimensions"):
        simulate(RATE, lambda theta, rng: np.zeros((len(theta), 1 + len(theta) % 2)), 25, seed=1, chunk=10)
    with pytest.raises(ConfigError, match="must be positive"):
        simulate(RATE, events, 0, seed=1)


def test_what_a_mask_leaves_out_may_be_anything(rng: np.random.Generator) -> None:
    def padded(theta: Floats, rng: np.random.Generator) -> Observed:
        mask = np.tile([True, False], (len(theta), 1))
        return np.where(mask[..., None], 1.0, np.nan) * np.ones((len(theta), 2, 3)), mask

    assert len(observe(padded, RATE, np.array([[2.0]]), rng)) == 1


@pytest.mark.parametrize(
    ("theta", "x", "mask", "said"),
    [
        (np.full((2, 1), 9.0), np.zeros((2, 1)), None, "outside the prior"),
        (np.full((2, 1), 2.0), np.zeros((3, 1)), None, "simulations need"),
        (np.full((2, 1), 2.0), np.zeros((2, 1)), np.ones((2, 1), np.bool_), "does not fit observations"),
        (np.full((2, 1), 2.0), np.full((2, 1), np.inf), None, "not finite"),
    ],
)
def test_what_are_not_simulations(theta: Floats, x: Floats, mask: NDArray[np.bool_] | None, said: str) -> None:
    with pytest.raises(DataError, match=said):
        Simulations(RATE, theta, x, mask)
