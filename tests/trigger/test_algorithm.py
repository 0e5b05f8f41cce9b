from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger import Algorithm, ObjectCondition, ScoreCondition, ScoreTarget

MUON = ObjectCondition("muon", (22.0,))


def test_facts():
    classical, target = Algorithm("L1_A", MUON), Algorithm("L1_B", ScoreTarget("axo", 1.0))
    resolved = target.with_condition(ScoreCondition("axo", 9, "d"))
    assert (classical.is_classical, target.is_classical) == (True, False)
    assert (classical.thresholds, target.thresholds, resolved.thresholds) == ((45,), (), (9,))
    assert (target.is_resolved, resolved.is_resolved) == (False, True)
    assert not Algorithm("L1_A", MUON, prescale=2).is_unprescaled


def test_alternatives():
    a, b = Algorithm("A", MUON, alternatives="AXO"), Algorithm("B", MUON, alternatives="AXO")
    c, d = Algorithm("C", MUON), Algorithm("D", MUON)
    assert a.is_alternative_of(b)
    assert c.is_alternative_of(c)
    assert not c.is_alternative_of(d)
    assert not a.is_alternative_of(c)


@pytest.mark.parametrize(
    ("options", "message"), [({"name": "L1 bad"}, "letters, digits"), ({"prescale": -1}, "prescale must be")]
)
def test_bad_values(options, message):
    with pytest.raises(ConfigError, match=message):
        Algorithm(**{"name": "L1_A", "condition": MUON, **options})
