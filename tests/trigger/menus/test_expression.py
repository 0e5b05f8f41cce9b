from __future__ import annotations

from l1ml.trigger.menus.expression import And, ConditionTerm, Not, ObjectTerm, Or, Reference, Xor, references

MUON = ObjectTerm("MU5", 0, ("MU-QLTY_SNGL", "MU-ETA_2p0"))
JET = ObjectTerm("JET30", -1)


def test_text_of_a_condition_is_its_name():
    term = ConditionTerm("dist", (MUON, JET), ("DR_0p4",))
    assert Reference(term).name == "dist{MU5[MU-QLTY_SNGL,MU-ETA_2p0],JET30-1}[DR_0p4]"


def test_text_of_operators():
    one, other = Reference(ConditionTerm("", (JET,))), Reference(ConditionTerm("", (ObjectTerm("EG5", 2),)))
    assert str(And((one, Not(other)))) == "JET30-1 AND (NOT EG5+2)"
    assert str(Or((one, Xor((one, other))))) == "JET30-1 OR (JET30-1 XOR EG5+2)"


def test_references_in_order_and_repeated():
    one, other = Reference(ConditionTerm("", (JET,))), Reference(ConditionTerm("", (MUON,)))
    assert list(references(Or((And((one, Not(other))), Xor((one, other)))))) == [one, other, one, other]


def test_position_is_not_part_of_equality():
    assert ObjectTerm("MU5", position=3) == ObjectTerm("MU5", position=9)
