from __future__ import annotations

import numpy as np
import pytest

from l1ml.conversion.bit_operations import counted_networks, lut_of_bit_operations
from l1ml.errors import ConfigError


def test_every_row_says_who_counted() -> None:
    rows = counted_networks()
    assert len(rows) >= 8
    assert len({row.ebops for row in rows}) == len(rows)
    for row in rows:
        assert (row.tool, row.part) == ("Yosys", "xcvu13p-flga2577-2-e")
        assert row.version
        assert 0.4 < row.estimate_lut / row.lut < 1.3


def test_the_line_goes_through_the_networks() -> None:
    line, rows = lut_of_bit_operations(), counted_networks()
    ratios = np.array([row.lut / line.lut(row.ebops) for row in rows])
    assert (ratios.min(), ratios.max()) == pytest.approx((line.low, line.high))
    assert np.log(ratios).mean() == pytest.approx(0, abs=1e-9)
    assert line.networks == len(rows)


def test_beyond_what_was_counted_it_says_nothing() -> None:
    line = lut_of_bit_operations()
    for ebops in (line.least - 1, line.most + 1):
        with pytest.raises(ConfigError, match=f"outside {line.least} to {line.most}"):
            line.lut(ebops)
