from __future__ import annotations

from dataclasses import replace

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.grammar import GrammarError
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.requirements import Cut, Window

DEFINITIONS = Definitions({"MU5": 11, "EG5": 10})


def menu(*entries: AlgorithmEntry) -> Menu:
    return Menu.from_entries("toy", entries, DEFINITIONS)


def test_algorithms_are_ordered_and_conditions_shared():
    made = menu(AlgorithmEntry(9, "L1_B", "MU5 AND EG5 AND MU5"), AlgorithmEntry(2, "L1_A", "MU5"))
    assert made.names == ("L1_A", "L1_B")
    assert made["L1_B"].conditions == ("MU5", "EG5")
    assert (made["L1_B"].index, made["L1_B"].expression) == (9, "MU5 AND EG5 AND MU5")
    assert set(made.conditions) == {"MU5", "EG5"}


def test_unknown_algorithm():
    with pytest.raises(ConfigError, match="has no algorithm 'L1_C'; did you mean"):
        menu(AlgorithmEntry(2, "L1_A", "MU5"))["L1_C"]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ((), "has no algorithm"),
        ((AlgorithmEntry(1, "L1_A", "MU5"), AlgorithmEntry(1, "L1_B", "MU5")), r"L1_B at index 1 stands twice \(L1_A\)"),
        ((AlgorithmEntry(1, "L1_A", "MU5"), AlgorithmEntry(2, "L1_A", "MU5")), "L1_A at index 2 stands twice"),
        ((AlgorithmEntry(1, "L1_A", "EG5 AND MU6"),), "L1_A, column 9: unknown object 'MU6'"),
    ],
)
def test_impossible_menus(entries, message):
    with pytest.raises(ConfigError, match=message):
        menu(*entries)


def test_grammar_error_names_the_algorithm():
    with pytest.raises(GrammarError, match="L1_A, column 5: "):
        menu(AlgorithmEntry(1, "L1_A", "MU5 &"))


def test_networks_of_a_menu():
    cuts = {
        "AXO-MODEL_a": Cut("model", "AXO-MODEL_a", text="a"),
        "AXO-SCORE_1": Cut("score", "AXO-SCORE_1", Window(1)),
        "AXO-SCORE_t": Cut("score", "AXO-SCORE_t", rate_khz=5.0),
    }
    expressions = ("MU5", "AXO[AXO-MODEL_a, AXO-SCORE_1]", "MU5 OR AXO[AXO-MODEL_a, AXO-SCORE_t]")
    entries = [AlgorithmEntry(index, f"L1_{index}", text) for index, text in enumerate(expressions)]
    made = Menu.from_entries("toy", entries, Definitions({"MU5": 11}, cuts), networks={"a": "ab" * 32})
    assert made.scores == ("a",)
    assert [made.is_classical(item) for item in made.algorithms] == [True, False, False]
    assert [made.kind_of(item) for item in made.algorithms] == ["classical", "crossing_score", "crossing_score"]
    assert made.unresolved == ("L1_2",)
    made.check_networks({"a": "ab" * 32, "b": "whatever"})
    with pytest.raises(ConfigError, match="thresholds on 'a' belong to model abababababab, but the score comes"):
        made.check_networks({"a": "cd" * 32})


def test_entries_change_and_trees_stay():
    made = menu(AlgorithmEntry(9, "L1_B", "MU5"), AlgorithmEntry(2, "L1_A", "EG5"))
    other = made.with_entries(lambda entry: replace(entry, prescale=Prescale(250)))
    assert [item.prescale for item in other.algorithms] == [Prescale(250)] * 2
    assert [item.tree for item in other.algorithms] == [item.tree for item in made.algorithms]
