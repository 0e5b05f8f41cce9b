from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.partitions.replay_cost import ReplayCost


def test_core_hours_and_hours() -> None:
    cost = ReplayCost(7200, 2.0)
    assert cost.per_core_second == 3600.0
    assert cost.core_hours(3600 * 3600) == 1.0
    assert cost.hours(3600 * 3600, cores=4) == 0.25


@pytest.mark.parametrize("cost", [ReplayCost(0, 1.0), ReplayCost(5, 0.0)])
def test_nothing_measured(cost: ReplayCost) -> None:
    with pytest.raises(ConfigError, match="measure nothing"):
        cost.core_hours()


def test_no_cores() -> None:
    with pytest.raises(ConfigError, match="received 0"):
        ReplayCost(1, 1.0).hours(cores=0)
