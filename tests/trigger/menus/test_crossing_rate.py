from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger import CrossingRate


def test_crossing_rate():
    assert CrossingRate().khz == 2760 * 11.2456


@pytest.mark.parametrize("values", [(0, 11245.6), (3565, 11245.6), (2760, 0.0)])
def test_impossible_rates(values):
    with pytest.raises(ConfigError, match="n_bunches"):
        CrossingRate(*values)
