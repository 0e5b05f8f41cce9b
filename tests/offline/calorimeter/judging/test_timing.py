from __future__ import annotations

import time

import numpy as np
import pytest

from l1ml.errors import ConfigError
from offline.calorimeter.judging.timing import machine, time_sampler


def test_time_is_for_one_shower_and_the_first_call_apart() -> None:
    asked: list[int] = []

    def sampler(energies: np.ndarray) -> None:
        time.sleep(0.05 if not asked else 0.002)
        asked.append(len(energies))

    one, ten = time_sampler(sampler, np.array([1000.0, 2000.0]), batches=(1, 10), calls=3)
    assert asked == [1] * 4 + [10] * 4
    assert one.first_ms >= 50
    assert 2 <= one.fastest_ms <= one.median_ms <= one.slowest_ms
    assert ten.fastest_ms >= 0.2
    assert ten.cpu_ms < ten.median_ms
    assert set(one.to_dict()) == {"batch", "median_ms", "fastest_ms", "slowest_ms", "cpu_ms", "first_ms", "calls"}


def test_the_machine_is_named() -> None:
    assert machine()["processor"]
    assert machine()["cores"] >= 1


def test_no_call_is_refused() -> None:
    with pytest.raises(ConfigError, match="must be positive"):
        time_sampler(len, np.ones(3), calls=0)
