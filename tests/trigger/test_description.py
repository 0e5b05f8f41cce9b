from __future__ import annotations

from ugt_toy import crossing_of, toy_menu

from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.description import deciding_objects, describe_condition
from l1ml.trigger.evaluation import Evaluator


def words(expression: str) -> tuple[str, ...]:
    menu = toy_menu(expression)
    (condition,) = menu.conditions.values()
    return describe_condition(condition)


def test_in_words() -> None:
    assert words("MU5-2[MU-PHI_WRAP, MU-POS]") == (
        "MU5: word >= 11, phi 500 to 50 through 0, charge positive, 2 crossings earlier",
    )
    assert words("mass_inv_orm{JET30, JET30, TAU20}[MASS_MIN_40, ORMDR_0p5]")[3:] == (
        "mass^2/2 800.0 to 100000000.0 (MASS_MIN_40)",
        "dR^2 to the reference outside of 0.000 to 0.250 (ORMDR_0p5)",
    )
    assert words("EXT_BPTX_OR_VME") == ("EXT_BPTX_OR_VME: set",)
    assert words("CICADA[CICADA-CSCORE_5]") == ("CICADA: cicada score 1280 or more",)


def test_deciding_objects() -> None:
    menu = toy_menu("comb{JET50, JET30} AND MU5 AND AXO[AXO-MODEL_v4]")
    crossings = crossing_of({"jet": [{"pt": 120, "eta": -3, "phi": 7}, {"pt": 59}]})
    lines = deciding_objects(Evaluator(menu, Columns.of_crossings(crossings)), menu["A0"], 0)
    assert (
        lines[0]
        == "comb{JET50,JET30} is false (JET50: jet 0 pt 120 eta -3 phi 7 quality 0; JET30: jet 0 pt 120 eta -3 phi 7 quality 0)"
    )
    assert lines[1] == "MU5 is false (MU5: none)"
    assert "network" in lines[2]
