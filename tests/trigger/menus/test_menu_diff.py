from __future__ import annotations

from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.menu_diff import AlgorithmChange, menu_diff


def menu(threshold: int, externals: dict[str, int], **algorithms: tuple[int, str]) -> Menu:
    entries = [AlgorithmEntry(index, name, expression) for name, (index, expression) in algorithms.items()]
    return Menu.from_entries("toy", entries, Definitions({"MU5": threshold, "EG5": 10}, externals=externals))


def test_the_same_menu():
    before = menu(11, {}, L1_A=(1, "MU5 AND EG5"), L1_B=(2, "EXT_X"))
    after = menu(11, {"X": 3}, L1_A=(1, "MU5  AND EG5"), L1_B=(2, "EXT_X"))
    assert menu_diff(before, after).is_empty


def test_every_difference():
    before = menu(11, {"X": 3}, L1_A=(1, "MU5"), L1_B=(2, "EG5"), L1_C=(3, "EG5"), L1_D=(4, "EXT_X"))
    after = menu(13, {"X": 4}, L1_A=(1, "MU5"), L1_B=(7, "EG5+1"), L1_E=(3, "EG5"), L1_D=(4, "EXT_X"))
    diff = menu_diff(before, after)
    assert (diff.removed, diff.added, diff.moved) == (("L1_C",), ("L1_E",), (("L1_B", 2, 7),))
    assert diff.changed == (
        AlgorithmChange("L1_A", "MU5", "MU5", ("MU5",)),
        AlgorithmChange("L1_B", "EG5", "EG5+1"),
        AlgorithmChange("L1_D", "EXT_X", "EXT_X", ("EXT_X",)),
    )
    assert diff.to_json()["changed"][0]["conditions"] == ("MU5",)
    assert not diff.is_empty
