from __future__ import annotations

import numpy as np
import pytest

from l1ml.trigger.performance.background import background_estimate
from l1ml.trigger.rates.sample import WeightedSample


def test_independent_scores_close_and_a_signal_raises_the_estimate(rng: np.random.Generator) -> None:
    sample = WeightedSample.from_arrays(np.ones(50_000), np.arange(50_000))
    draws = {"zero_bias": (1000.0, 50_000), "ttbar": (5000.0, 4000), "nothing": (1.0, 4000)}
    words = {
        score: {name: np.floor(rng.exponential(scale, n)).astype(np.int64) for name, (scale, n) in draws.items()}
        for score in ("first", "second")
    }
    found = background_estimate(words, sample)
    assert found["scores"] == ["first", "second"]
    # of the larger of two shares, uniform and independent in zero bias: as that of one score whose shares are squared
    assert found["areas"]["nothing"]["value"] < 0.01
    assert found["areas"]["ttbar"]["value"] == pytest.approx(_area(5.0), abs=5 * found["areas"]["ttbar"]["error"])
    for row in found["rows"]:
        assert row["efficiency"] == pytest.approx(row["asked"], rel=0.25)
        assert abs(row["closure"] - 1) < 4 * row["closure_error"]
        assert row["signals"]["ttbar"]["efficiency"] > 0.2
        assert row["signals"]["ttbar"]["estimate_ratio"] > 1
        # signal that looks like the emptiest background only thins the selection out
        assert row["signals"]["nothing"]["estimate_ratio"] == pytest.approx(1, abs=0.002)


def _area(ratio: float) -> float:
    """Under efficiency against share where both scores are exponential and those of the signal `ratio` times as large.

    Efficiency of a threshold that leaves the share s of one score: s^(1 / ratio); of both, squared, against s^2.
    """
    return 1.0 / (1.0 + 1.0 / ratio)


def test_an_efficiency_that_leaves_a_region_empty_is_unresolved() -> None:
    words = {"zero_bias": np.arange(20), "ttbar": np.arange(5)}
    sample = WeightedSample.from_arrays(np.ones(20), np.arange(20))
    found = background_estimate({"first": words, "second": words}, sample, (0.01, 0.5))
    assert found["rows"] == []
    assert [item["asked"] for item in found["unresolved"]] == [0.01, 0.5]
    assert "region" in found["unresolved"][0]["reason"]
