from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import ConfigError
from offline.calorimeter.judging.manifold import manifold


def test_counts_of_few_points_on_a_line() -> None:
    truth, generated = np.array([[0.0], [1.0], [2.0], [10.0]]), np.array([[0.5], [1.5], [30.0]])
    found = manifold(truth, generated, k=1)
    # balls of the truth: 0, 1 and 2 reach 1 far, 10 reaches 8; of the generated: 0.5 and 1.5 reach 1, 30 reaches 28.5
    assert found.precision == 2 / 3
    assert found.recall == 1.0
    assert found.density == 4 / 3
    assert found.coverage == 3 / 4


def test_equal_samples_have_the_expectation_of_the_paper(rng: np.random.Generator) -> None:
    found = manifold(rng.normal(size=(1500, 4)), rng.normal(size=(1500, 4)))
    assert found.density == pytest.approx(1.0, abs=0.05)
    assert found.coverage == pytest.approx(1 - 2.0**-5, abs=0.02)
    assert abs(found.precision - found.recall) < 0.05


def test_a_forgotten_half_costs_recall_and_coverage_an_invented_one_precision_and_density(rng: np.random.Generator) -> None:
    both = np.concatenate([rng.normal(size=(600, 3)), rng.normal(size=(600, 3)) + 20])
    half = rng.normal(size=(600, 3))
    forgotten, invented = manifold(both, half), manifold(half, both)
    assert max(forgotten.recall, forgotten.coverage, invented.precision) < 0.55
    assert invented.density < 0.65
    assert min(forgotten.precision, invented.recall) > 0.8


def test_showers_that_are_equal_are_no_neighbours_of_themselves() -> None:
    found = manifold(np.zeros((40, 2)), np.zeros((40, 2)), k=3)
    assert found.to_dict() == {"precision": 0.0, "recall": 0.0, "density": 0.0, "coverage": 0.0}


def test_a_neighbour_that_is_not_there_is_refused() -> None:
    with pytest.raises(ConfigError, match="neighbour 5 does not exist among 5 and 9"):
        manifold(np.zeros((5, 1)), np.zeros((9, 1)))
