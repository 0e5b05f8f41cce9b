from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.menus.algorithm import Algorithm, AlgorithmEntry
from l1ml.trigger.menus.grammar import parse_expression

TREE = parse_expression("MU5")


def test_alternatives():
    a, b = (Algorithm(AlgorithmEntry(index, f"L1_{index}", "MU5", alternatives="AXO"), TREE) for index in (1, 2))
    c, d = (Algorithm(AlgorithmEntry(index, f"L1_{index}", "MU5"), TREE) for index in (3, 4))
    assert a.is_alternative_of(b)
    assert c.is_alternative_of(c)
    assert not c.is_alternative_of(d)
    assert not a.is_alternative_of(c)


@pytest.mark.parametrize(
    ("index", "name", "message"),
    [(512, "L1_A", "L1_A has the index 512, allowed are 0 to 511"), (-1, "L1_A", "index -1"), (0, "L1 bad", "letters, digits")],
)
def test_bad_values(index, name, message):
    with pytest.raises(ConfigError, match=message):
        AlgorithmEntry(index, name, "MU5")
