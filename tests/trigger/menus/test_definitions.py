from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.menus.definitions import Definitions, condition_of
from l1ml.trigger.menus.expression import Reference
from l1ml.trigger.menus.grammar import parse_expression
from l1ml.trigger.menus.requirements import CorrelationCut, Cut, ObjectRequirement, Window

ETA = Cut("eta", "MU-ETA_2p0", Window(-184, 184))
MASS = CorrelationCut("mass", "MASS_7to18", 245, 1620, 1)
DEFINITIONS = Definitions(
    {"MU5": 11, "MU.eq.7": 15, "ETT5": 10, "JET30": 60}, {"MU-ETA_2p0": ETA}, {"MASS_7to18": MASS}, {"ZeroBias": 4}
)


def condition(text: str, definitions: Definitions = DEFINITIONS):
    tree = parse_expression(text)
    assert isinstance(tree, Reference)
    return condition_of(tree.term, definitions)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("MU5", "single"),
        ("ETT5", "sum"),
        ("CENT1", "centrality"),
        ("MUS1", "muon_shower"),
        ("comb{MU5,MU5}", "double"),
        ("comb{MU5,MU5,MU5}", "triple"),
        ("comb{MU5,MU5,MU5,MU5}", "quad"),
        ("dist{MU5,JET30}", "correlation"),
        ("mass_inv_3{MU5,MU5,MU5}[MASS_7to18]", "mass_three"),
        ("mass_inv_orm{JET30,JET30,MU5}[MASS_7to18]", "overlap_removal"),
    ],
)
def test_kinds(text, kind):
    assert condition(text).kind == kind
    assert condition(text).name == text


def test_objects_and_cuts():
    made = condition("mass_inv{MU5-1[MU-ETA_2p0], MU.eq.7}[MASS_7to18]")
    assert made.objects == (
        ObjectRequirement("MU", 11, ">=", -1, (ETA,), "MU5"),
        ObjectRequirement("MU", 15, "==", 0, (), "MU.eq.7"),
    )
    assert made.cuts == (MASS,)
    assert made.function == "mass_inv"


def test_external_channel_where_the_menu_states_it():
    assert condition("EXT_ZeroBias+2").objects == (ObjectRequirement("EXT", 0, ">=", 2, (), "EXT_ZeroBias", 4),)
    assert condition("EXT_ZeroBias", Definitions()).objects[0].channel is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("MU6", "unknown object 'MU6'; did you mean 'MU5'"),
        ("MU5[MU-ETA_2p1]", "unknown cut on an object 'MU-ETA_2p1'; did you mean 'MU-ETA_2p0'"),
        ("mass_inv{MU5,MU5}[MASS_7to19]", "unknown cut between objects 'MASS_7to19'; did you mean 'MASS_7to18'"),
        ("EXT_ZeroBia", "unknown external signal 'ZeroBia'; did you mean 'ZeroBias'"),
        ("JET30[MU-ETA_2p0]", "cut 'MU-ETA_2p0' does not belong on JET; its cuts are none"),
    ],
)
def test_unknown_names(text, message):
    with pytest.raises(ConfigError, match=message):
        condition(text)
