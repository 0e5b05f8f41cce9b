from __future__ import annotations

import numpy as np
import pytest

from l1ml.data import split_of
from l1ml.errors import ConfigError


def test_a_split_is_a_function_of_the_identity(rng: np.random.Generator) -> None:
    group = np.arange(10000, dtype=np.uint64)
    order = rng.permutation(10000)
    np.testing.assert_array_equal(split_of(group, (0.4, 0.1, 0.5))[order], split_of(group[order], (0.4, 0.1, 0.5)))


def test_the_shares_are_right() -> None:
    part = split_of(np.arange(100000, dtype=np.uint64), (0.4, 0.1, 0.5))
    np.testing.assert_allclose(np.bincount(part) / part.size, (0.4, 0.1, 0.5), atol=0.01)


@pytest.mark.parametrize("fractions", [(0.5, 0.4), (1.5, -0.5)])
def test_impossible_fractions_are_refused(fractions: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="add up to 1"):
        split_of(np.arange(3, dtype=np.uint64), fractions)


def test_splits_with_different_salts_are_independent() -> None:
    group = np.arange(100000, dtype=np.uint64)
    first, second = split_of(group, (0.5, 0.5)), split_of(group, (0.8, 0.2), salt="validation")
    shares = [np.bincount(second[first == part]) / (first == part).sum() for part in (0, 1)]
    np.testing.assert_allclose(shares, [(0.8, 0.2), (0.8, 0.2)], atol=0.01)
