from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.ugt.definitions import Definitions
from l1ml.trigger.ugt.grammar import GrammarError
from l1ml.trigger.ugt.menu_document import AlgorithmEntry, UgtMenu

DEFINITIONS = Definitions({"MU5": 11, "EG5": 10})


def menu(*entries: AlgorithmEntry) -> UgtMenu:
    return UgtMenu.from_entries("toy", entries, DEFINITIONS)


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
        ((AlgorithmEntry(512, "L1_A", "MU5"),), "has the index 512, allowed are 0 to 511"),
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
