"""The words of the menu grammar: which objects and functions there are."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from l1ml.errors import ConfigError, nearest
from l1ml.trigger.menus.requirements import ConditionKind

__all__ = ["FUNCTIONS", "OBJECT_KINDS", "Function", "ObjectText", "function_called", "split_object"]

OBJECT_KINDS: dict[str, ConditionKind] = {
    **dict.fromkeys(("MU", "EG", "TAU", "JET"), "single"),
    **dict.fromkeys(("ETT", "ETTEM", "HTT", "ETM", "HTM", "ETMHF", "HTMHF"), "sum"),
    "TOWERCOUNT": "tower_count",
    **dict.fromkeys(("MBT0HFP", "MBT0HFM", "MBT1HFP", "MBT1HFM"), "min_bias"),
    **dict.fromkeys(("CENT0", "CENT1", "CENT2", "CENT3", "CENT4", "CENT5", "CENT6", "CENT7"), "centrality"),
    **dict.fromkeys(("ASYMET", "ASYMHT", "ASYMETHF", "ASYMHTHF"), "asymmetry"),
    **dict.fromkeys(("MUS0", "MUS1", "MUS2", "MUSOOT0", "MUSOOT1"), "muon_shower"),
    **dict.fromkeys(("ZDCP", "ZDCM"), "zdc"),
    **dict.fromkeys(("AXO", "ADT"), "anomaly"),
    "TOPO": "topology",
    "CICADA": "cicada",
    "EXT": "external",
}
"""Every object type of the grammar, with the kind of the condition that one such object makes."""

_WITHOUT_THRESHOLD: frozenset[ConditionKind] = frozenset(
    {"centrality", "muon_shower", "anomaly", "topology", "cicada", "external"},
)
_EXTERNAL = "EXT_"
_THRESHOLD = re.compile(r"(?:\.(?P<comparison>ge|eq)\.)?(?P<threshold>\d+(?:p\d+)?)")


@dataclass(frozen=True, slots=True)
class Function:
    """A function of the grammar: the kind of its conditions, and how many objects it takes."""

    kind: ConditionKind
    fewest: int
    most: int


FUNCTIONS: dict[str, Function] = {
    "comb": Function("double", 2, 4),
    "dist": Function("correlation", 2, 2),
    "mass": Function("invariant_mass", 2, 2),
    "mass_inv": Function("invariant_mass", 2, 2),
    "mass_inv_3": Function("mass_three", 3, 3),
    "mass_inv_upt": Function("mass_upt", 2, 2),
    "mass_inv_dr": Function("mass_over_dr", 2, 2),
    "mass_trv": Function("transverse_mass", 2, 2),
    "comb_orm": Function("overlap_removal", 2, 5),
    "dist_orm": Function("overlap_removal", 2, 3),
    "mass_inv_orm": Function("overlap_removal", 2, 3),
    "mass_trv_orm": Function("overlap_removal", 2, 3),
}
"""Functions by name; "mass" is what "mass_inv" was called in 2016. The ``_orm`` functions count their reference object."""


@dataclass(frozen=True, slots=True)
class ObjectText:
    """What the name of an object in the grammar says.

    Parameters
    ----------
    object : str
        Type, a key of `OBJECT_KINDS`.
    threshold : str
        Physical threshold as written, "4p5" for 4.5; empty where the type has none.
    comparison : str
        ">=" or "==".
    """

    object: str
    threshold: str = ""
    comparison: Literal[">=", "=="] = ">="

    @property
    def kind(self) -> ConditionKind:
        """Kind of the condition that this object makes alone."""
        return OBJECT_KINDS[self.object]


def function_called(name: str) -> Function:
    """Function of the grammar called `name`.

    Raises
    ------
    ConfigError
        If there is none, naming the nearest one.
    """
    if name not in FUNCTIONS:
        msg = f"unknown function {name!r}; {nearest(name, FUNCTIONS)}"
        raise ConfigError(msg)
    return FUNCTIONS[name]


def split_object(name: str) -> ObjectText:
    """Type, threshold and comparison in the name of an object.

    Raises
    ------
    ConfigError
        If the type is unknown, or a threshold is missing or stands where the type has none.

    Examples
    --------
    >>> split_object("MU4p5")
    ObjectText(object='MU', threshold='4p5', comparison='>=')
    >>> split_object("MBT0HFP1").object, split_object("CENT1").object, split_object("EXT_ZeroBias").object
    ('MBT0HFP', 'CENT1', 'EXT')
    """
    if name.startswith(_EXTERNAL) and len(name) > len(_EXTERNAL):
        return ObjectText("EXT")
    for kind in sorted(OBJECT_KINDS, key=len, reverse=True):
        rest = name.removeprefix(kind)
        if rest == name or kind == "EXT":
            continue
        if not rest and OBJECT_KINDS[kind] in _WITHOUT_THRESHOLD:
            return ObjectText(kind)
        match = _THRESHOLD.fullmatch(rest)
        if match and OBJECT_KINDS[kind] not in _WITHOUT_THRESHOLD:
            return ObjectText(kind, match["threshold"], "==" if match["comparison"] == "eq" else ">=")
    raise ConfigError(_unknown(name))


def _unknown(name: str) -> str:
    """Message for a name that is no object."""
    if name in OBJECT_KINDS:
        what = "the name of a signal, such as EXT_ZeroBias" if name == "EXT" else f"a threshold, such as {name}5"
        return f"object {name!r} needs {what}"
    letters = name.rstrip("0123456789p.")
    return f"unknown object {name!r}; {nearest(letters, OBJECT_KINDS)}"
