from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.menus.object_types import FUNCTIONS, OBJECT_KINDS, function_called, split_object


@pytest.mark.parametrize(
    ("name", "kind", "threshold", "comparison"),
    [
        ("MU4p5", "MU", "4p5", ">="),
        ("MU.eq.7", "MU", "7", "=="),
        ("MUS0", "MUS0", "", ">="),
        ("MUSOOT1", "MUSOOT1", "", ">="),
        ("ETMHF100", "ETMHF", "100", ">="),
        ("ETT25", "ETT", "25", ">="),
        ("HTMHF30", "HTMHF", "30", ">="),
        ("MBT0HFP1", "MBT0HFP", "1", ">="),
        ("CENT7", "CENT7", "", ">="),
        ("TOWERCOUNT1", "TOWERCOUNT", "1", ">="),
        ("EXT_BPTX_plus_AND_minus.v0", "EXT", "", ">="),
        ("AXO", "AXO", "", ">="),
    ],
)
def test_names(name, kind, threshold, comparison):
    text = split_object(name)
    assert (text.object, text.threshold, text.comparison) == (kind, threshold, comparison)
    assert text.kind == OBJECT_KINDS[kind]


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("MUX5", "unknown object 'MUX5'"),
        ("JTE30", "did you mean 'JET'"),
        ("MU", "needs a threshold, such as MU5"),
        ("EXT", "needs the name of a signal"),
        ("MU.ne.5", "unknown object"),
        ("CENT9", "unknown object"),
    ],
)
def test_unknown(name, message):
    with pytest.raises(ConfigError, match=message):
        split_object(name)


def test_functions():
    assert function_called("mass_inv").kind == "invariant_mass"
    assert all(2 <= function.fewest <= function.most for function in FUNCTIONS.values())
    with pytest.raises(ConfigError, match="did you mean 'mass_inv'"):
        function_called("mas_inv")
