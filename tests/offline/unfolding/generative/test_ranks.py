from __future__ import annotations

import numpy as np
import pytest

from offline.unfolding.generative.ranks import rank_histogram


@pytest.mark.parametrize(("width", "shift", "calibrated"), [(1.0, 0.0, True), (0.8, 0.0, False), (1.0, 0.2, False)])
def test_only_the_right_density_has_uniform_ranks(width: float, shift: float, calibrated: bool, rng: np.random.Generator) -> None:
    truth, draws = rng.normal(size=4000), rng.normal(shift, width, (4000, 31))
    histogram = rank_histogram(truth, draws, np.ones(4000))
    assert histogram.counts.sum() == 4000
    assert (histogram.chi2_per_bin < 2) == calibrated


def test_bins_must_share_the_ranks_evenly() -> None:
    with pytest.raises(ValueError, match="31 ranks"):
        rank_histogram(np.zeros(3), np.zeros((3, 30)), np.ones(3))
