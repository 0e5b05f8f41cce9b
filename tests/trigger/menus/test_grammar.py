from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from l1ml.errors import ConfigError
from l1ml.trigger.menus.expression import And, ConditionTerm, Expression, Not, ObjectTerm, Or, Reference, Xor
from l1ml.trigger.menus.grammar import GrammarError, parse_expression

_CUTS = st.lists(st.sampled_from(["MU-QLTY_SNGL", "JET-ETA_2p52", "MASS_7to18", "ORMDR_0p5"]), max_size=3).map(tuple)
_NAMES = st.sampled_from(["MU4p5", "MU.eq.7", "ETMHF100", "MUS0", "AXO", "EXT_ZeroBias_BPTX_AND_VME", "EXT_BPTX_plus.v0"])
_OBJECTS = st.builds(ObjectTerm, _NAMES, st.integers(-2, 2), _CUTS)
_SINGLE = _OBJECTS.map(lambda item: ConditionTerm("", (item,)))
_COMBINED = st.builds(ConditionTerm, st.just("comb"), st.lists(_OBJECTS, min_size=2, max_size=4).map(tuple), _CUTS)
_LEAVES = st.one_of(_SINGLE, _COMBINED).map(Reference)


def _branches(children: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    several = st.lists(children, min_size=2, max_size=3).map(tuple)
    return st.one_of(children.map(Not), several.map(And), several.map(Or), several.map(Xor))


@given(st.recursive(_LEAVES, _branches, max_leaves=8))
def test_text_and_back_is_the_identity(tree):
    assert parse_expression(str(tree)) == tree


@given(st.text(alphabet="MUEGJET35p[]{}(),+- ANDORNOTX_combdist\n", max_size=40))
def test_any_text_parses_or_names_a_character(text):
    position = 0
    try:
        parse_expression(text)
    except GrammarError as error:
        position = error.position
    assert 0 <= position <= len(text)


def test_not_binds_tightest_and_parentheses_group():
    a, b, c = (Reference(ConditionTerm("", (ObjectTerm(name),))) for name in ("EG1", "EG2", "EG3"))
    assert parse_expression("EG1 OR (EG2 AND EG3)") == Or((a, And((b, c))))
    assert parse_expression("((EG1 XOR EG2)) AND EG3") == And((Xor((a, b)), c))
    assert parse_expression("NOT EG1 AND EG2") == And((Not(a), b))
    assert parse_expression("NOT (EG1 OR EG2)") == Not(Or((a, b)))


def test_white_space_and_positions():
    tree = parse_expression("  comb{ MU5 ,\n MU3+1 [ MU-QLTY_SNGL ] } AND NOT EXT_A")
    assert isinstance(tree, And)
    assert str(tree) == "comb{MU5,MU3+1[MU-QLTY_SNGL]} AND (NOT EXT_A)"
    term = tree.operands[0].term
    assert (term.position, [item.position for item in term.objects], term.objects[1].bx_offset) == (2, [8, 15], 1)


@pytest.mark.parametrize(
    ("text", "position", "message"),
    [
        ("", 0, "found the end where the grammar wants"),
        ("MU5[MU-QLTY_SNGL", 16, "wants ',' or ']'"),
        ("MU5[]", 4, r"found '\]' where the grammar wants the name of a cut"),
        ("mass_inv{MU4p5[MU-QLTY_SNGL, ], MU3}", 29, r"found '\]' where the grammar wants the name of a cut"),
        ("MU3 ADN EG5", 4, "found 'ADN' where the grammar wants .*AND"),
        ("MU3 AND (EG5 OR EG6", 19, r"found the end where the grammar wants .*'\)'"),
        ("MU3 & EG5", 4, "found '&'"),
        ("comb{MU3, MX4}", 10, "unknown object 'MX4'"),
        ("MU3 AND mas_inv{MU3, MU4}", 8, "unknown function 'mas_inv'; did you mean 'mass_inv'"),
        ("comb{MU3}", 0, "comb takes 2 to 4 objects, received 1"),
        ("mass_inv_3{MU3, MU4}", 0, "mass_inv_3 takes 3 objects, received 2"),
        ("MU+1", 0, "needs a threshold"),
        ("EG1 OR EG2 AND EG3", 7, "put parentheses around operators of one kind"),
        ("EG1 AND EG2 OR EG3", 0, "put parentheses around operators of one kind"),
        ("EG1 XOR NOT EG2 AND EG3", 12, "put parentheses around operators of one kind"),
    ],
)
def test_errors_point_at_the_character(text, position, message):
    with pytest.raises(GrammarError, match=message) as caught:
        parse_expression(text)
    assert caught.value.position == position
    assert caught.value.caret.splitlines()[-1] == " " * position + "^"
    assert isinstance(caught.value, ConfigError)
    assert f"column {position + 1}: " in str(caught.value)


def test_error_within_an_algorithm():
    with pytest.raises(GrammarError) as caught:
        parse_expression("MU3 AND")
    assert str(caught.value.within("L1_A")).startswith("L1_A, column 8: ")
