"""What differs between two menus: algorithms by name, and conditions by their hardware values."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from l1ml.trigger.menus.algorithm import Algorithm
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.requirements import ConditionRequirement

__all__ = ["AlgorithmChange", "MenuDiff", "menu_diff"]


@dataclass(frozen=True, slots=True)
class AlgorithmChange:
    """An algorithm that stands in both menus with another meaning.

    Parameters
    ----------
    name : str
        Name of the algorithm.
    before, after : str
        Its expressions.
    conditions : tuple of str
        Conditions that stand in both expressions with other hardware values; empty where only the expression differs.
    """

    name: str
    before: str
    after: str
    conditions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class MenuDiff:
    """What differs between two menus.

    Parameters
    ----------
    before, after : str
        Names of the menus.
    removed, added : tuple of str
        Algorithms that only the first (second) menu has, in the order of their index.
    moved : tuple of (str, int, int)
        Algorithms of both menus with another index: name, index before and after.
    changed : tuple of AlgorithmChange
        Algorithms of both menus with another meaning.
    """

    before: str
    after: str
    removed: tuple[str, ...]
    added: tuple[str, ...]
    moved: tuple[tuple[str, int, int], ...]
    changed: tuple[AlgorithmChange, ...]

    @property
    def is_empty(self) -> bool:
        """Whether both menus have the same algorithms at the same indices with the same meaning."""
        return not (self.removed or self.added or self.moved or self.changed)

    def to_json(self) -> dict[str, Any]:
        """The same as a mapping for JSON."""
        return asdict(self)


def menu_diff(before: Menu, after: Menu) -> MenuDiff:
    """What differs from `before` to `after`.

    Notes
    -----
    Meaning is the tree with the hardware values of its conditions: another comment, label, spacing or order of definitions is
    none. The order of operands and cuts counts. The bits of external signals count only where both menus state them.
    """
    old, new = {item.name: item for item in before.algorithms}, {item.name: item for item in after.algorithms}
    common = [name for name in old if name in new]
    changes = (_change(before, old[name], after, new[name]) for name in common)
    return MenuDiff(
        before.name,
        after.name,
        _only(old, new),
        _only(new, old),
        tuple((name, old[name].index, new[name].index) for name in common if old[name].index != new[name].index),
        tuple(change for change in changes if change is not None),
    )


def _only(names: Iterable[str], others: Iterable[str]) -> tuple[str, ...]:
    known = set(others)
    return tuple(name for name in names if name not in known)


def _change(before: Menu, old: Algorithm, after: Menu, new: Algorithm) -> AlgorithmChange | None:
    shared = [name for name in old.conditions if name in new.conditions]
    conditions = tuple(name for name in shared if _differ(before.conditions[name], after.conditions[name]))
    if old.tree == new.tree and not conditions:
        return None
    return AlgorithmChange(old.name, old.expression, new.expression, conditions)


def _differ(old: ConditionRequirement, new: ConditionRequirement) -> bool:
    stated = all(item.channel is not None for item in (*old.objects, *new.objects) if item.object == "EXT")
    if old.kind == "external" and not stated:
        return False
    return old != new
