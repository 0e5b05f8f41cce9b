from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from decisions_toy import write_decisions

from l1ml.errors import ConfigError
from l1ml.trigger.region_counts import region_counts

SEEDS = ["L1_First", "L1_Other", "L1_Second"]


@pytest.fixture
def bits(rng: np.random.Generator) -> np.ndarray:
    return rng.random((5000, 3)) < [0.1, 0.5, 0.2]


def test_regions_are_counted_before_the_prescale(tmp_path: Path, bits: np.ndarray) -> None:
    path = write_decisions(tmp_path / "d.h5", SEEDS, bits, {}, final=np.zeros_like(bits))
    first, second = bits[:, 0], bits[:, 2]
    wanted = [first & second, first & ~second, ~first & second, ~first & ~second]
    assert region_counts(path, "L1_First", "L1_Second") == tuple(int(item.sum()) for item in wanted)


def test_a_seed_without_a_bit_is_refused(tmp_path: Path, bits: np.ndarray) -> None:
    path = write_decisions(tmp_path / "d.h5", SEEDS, bits, {}, unsupported={"L1_Third": "no taus"})
    with pytest.raises(ConfigError, match="L1_First"):
        region_counts(path, "L1_Frist", "L1_Second")
    with pytest.raises(ConfigError, match="no taus"):
        region_counts(path, "L1_First", "L1_Third")
