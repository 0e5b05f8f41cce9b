from __future__ import annotations

from l1ml.trigger.menus.requirements import ConditionRequirement, CorrelationCut, Cut, ObjectRequirement, Window


def test_cuts_of_a_kind_are_alternatives():
    cuts = (
        Cut("eta", "MU-ETA_POS", Window(10, 20)),
        Cut("quality", "MU-QLTY_A", table=0b0001),
        Cut("eta", "MU-ETA_NEG", Window(-20, -10)),
        Cut("quality", "MU-QLTY_B", table=0b1000),
    )
    required = ObjectRequirement("MU", 7, cuts=cuts)
    assert required.windows("eta") == (Window(10, 20), Window(-20, -10))
    assert required.table("quality") == 0b1001
    assert required.windows("phi") == ()
    assert required.table("isolation") is None


def test_a_table_that_accepts_nothing_is_a_cut():
    assert ObjectRequirement("MU", 7, cuts=(Cut("quality", "MU-QLTY_NONE", table=0),)).table("quality") == 0


def test_wrapping_window():
    assert Window(560, 20).wraps
    assert not Window(20, 560).wraps
    assert not Window(20).wraps


def test_correlation_cuts_of_a_kind():
    cuts = (CorrelationCut("mass", "MASS_1", 10, 20, 1), CorrelationCut("charge", "CHGCOR_OS", text="os"))
    condition = ConditionRequirement("x", "invariant_mass", (), cuts, "mass_inv")
    assert [cut.name for cut in condition.of_kind("charge")] == ["CHGCOR_OS"]
