from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError
from offline.calorimeter.judging.floor import beside_floor


def _means(truth: np.ndarray, generated: np.ndarray, seed: int) -> dict[str, float]:
    return {"distance": float(np.abs(truth.mean(axis=0) - generated.mean(axis=0)).sum()), "size": float(len(generated))}


def test_equal_samples_are_at_their_floor_and_others_are_not(rng: np.random.Generator) -> None:
    truth = rng.normal(size=(1000, 3))
    same = beside_floor(_means, truth, rng.normal(size=(1000, 3)), repeats=40)["distance"]
    other = beside_floor(_means, truth, rng.normal(size=(1000, 3)) + 0.3, repeats=40)["distance"]
    assert abs(same.sigma) < 3
    assert other.sigma > 5
    assert other.value == pytest.approx(0.9, abs=0.2)
    assert (other.size, other.to_dict()["repeats"]) == (500, 40)


def test_both_sides_have_one_size(rng: np.random.Generator) -> None:
    found = beside_floor(_means, rng.normal(size=(100, 1)), rng.normal(size=(30, 1)), repeats=3)["size"]
    assert found.values.tolist() == found.floors.tolist() == [30.0] * 3
    assert found.sigma == 0.0


def test_a_floor_without_scatter_has_no_sigma_in_json(rng: np.random.Generator) -> None:
    def high(truth: np.ndarray, made: np.ndarray, seed: int) -> dict[str, float]:
        return {"x": float(made.max() > 5)}

    found = beside_floor(high, np.zeros((10, 1)), np.full((10, 1), 9.0), repeats=2)
    assert np.isinf(found["x"].sigma)
    assert found["x"].to_dict()["sigma"] is None


def test_one_repeat_is_refused(rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="two repeats"):
        beside_floor(_means, rng.normal(size=(10, 1)), rng.normal(size=(10, 1)), repeats=1)
