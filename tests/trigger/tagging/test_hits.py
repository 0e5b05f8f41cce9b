from __future__ import annotations

import numpy as np
import pytest

from l1ml.errors import DataError
from l1ml.trigger.tagging import TaggingConfig
from l1ml.trigger.tagging.hits import ScoredHits, hit_filter_performance


def scored(n: int, seed: int) -> ScoredHits:
    """Tracks score 2 to 5 and background 0 to 3, evenly; background has 0 to 3 neighbours, hits of tracks 1 to 4."""
    rng = np.random.default_rng(seed)
    hits, of_track = rng.random((n, 20)) < 0.5, rng.random((n, 20)) < 0.6
    scores = np.where(of_track, rng.integers(2, 6, (n, 20)), rng.integers(0, 4, (n, 20)))
    n_neighbours = rng.integers(0, 4, (n, 20)) + of_track
    return ScoredHits(np.where(hits, scores, 0), hits, hits & of_track, np.where(hits, n_neighbours, 0))


def test_shares_are_those_of_the_hits() -> None:
    found = hit_filter_performance(scored(3000, 1), scored(3000, 2), TaggingConfig((0.7,), ()))
    (point,) = found.filter.points
    assert point.threshold == 3
    assert point.signal.value == pytest.approx(0.75, abs=0.02)
    assert point.background.value == pytest.approx(0.25, abs=0.02)
    assert (found.counting.threshold, found.counting.signal.value) == (1, 1.0)
    assert found.counting.background.value == pytest.approx(0.75, abs=0.02)
    assert (found.instead.threshold, found.instead.signal.value) == (2, 1.0)
    assert found.instead.background.value == pytest.approx(0.5, abs=0.02)
    fewer = hit_filter_performance(scored(3000, 1), scored(3000, 2), TaggingConfig((0.7,), ()), kept=0.7)
    assert fewer.counting.threshold == 2
    assert found.filter.area == pytest.approx((2.5 + 3.5 + 4 + 4) / 16, abs=0.02)  # background below, and half of what is equal
    content = found.to_dict()
    assert list(content["classes"]) == ["track"]
    assert content["counting"]["background"]["n_total"] == found.counting.background.n_total


def test_a_crossing_is_one_draw() -> None:
    one = scored(500, 1)
    copies = ScoredHits(*(np.tile(getattr(one, name), (1, 10)) for name in ("scores", "hits", "of_track", "n_neighbours")))
    wide, narrow = (
        hit_filter_performance(item, item, TaggingConfig((0.7,), ())).filter.points[0].signal for item in (one, copies)
    )
    assert narrow.value == wide.value
    assert narrow.high - narrow.low == pytest.approx(wide.high - wide.low, rel=0.1)


def test_a_sample_of_one_kind_is_refused() -> None:
    one = scored(10, 1)
    with pytest.raises(DataError, match="0 of background: generate more"):
        hit_filter_performance(ScoredHits(one.scores, one.hits, one.hits, one.n_neighbours), one, TaggingConfig((0.7,), ()))
