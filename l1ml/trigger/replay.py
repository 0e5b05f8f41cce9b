"""A menu's decisions against the algorithm bits of a vector file, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from l1ml.data.ugt_crossings import Crossings
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.description import deciding_objects
from l1ml.trigger.evaluation import Evaluator, Unsupported
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.object_types import OBJECT_KINDS
from l1ml.trigger.mismatch import Evidence, Mismatch, evidence, limit_ceiling, neighbours, signals
from l1ml.trigger.networks import BoundNetwork, scores_of

__all__ = ["ReplayReport", "replay"]


@dataclass(frozen=True, slots=True)
class ReplayReport:
    """Result of a replay.

    Parameters
    ----------
    menu, vectors : str
        What was compared.
    crossings, algorithms : int
        How many.
    unsupported : dict of str to str
        Reason for each algorithm without decision.
    mismatches : tuple of Mismatch
        Algorithms that disagree in one crossing or more.
    notes : tuple of str
        What else a reader of the result should know.
    networks : mapping of str to str
        Digest of each network that was bound, by its name in the menu.
    """

    menu: str
    vectors: str
    crossings: int
    algorithms: int
    unsupported: dict[str, str]
    mismatches: tuple[Mismatch, ...]
    notes: tuple[str, ...] = ()
    networks: Mapping[str, str] = field(default_factory=dict)

    @property
    def supported(self) -> int:
        """Algorithms with a decision."""
        return self.algorithms - len(self.unsupported)

    @property
    def exact(self) -> int:
        """Algorithms that agree in every crossing."""
        return self.supported - len(self.mismatches)

    @property
    def mismatched_bits(self) -> int:
        """Disagreements over all supported algorithms and crossings."""
        return sum(item.bits for item in self.mismatches)

    def to_json(self) -> dict[str, Any]:
        """For files and the command line."""
        keys = ("menu", "vectors", "crossings", "algorithms", "supported", "exact", "mismatched_bits")
        return {
            **{key: getattr(self, key) for key in keys},
            "unsupported": [{"name": name, "reason": reason} for name, reason in self.unsupported.items()],
            "mismatches": [item.to_json() for item in self.mismatches],
            "notes": list(self.notes),
            "networks": dict(self.networks),
        }


@dataclass(slots=True)
class _Tally:
    """What is kept from one batch to the next."""

    crossings: int = 0
    unsupported: dict[str, str] = field(default_factory=dict)
    evidence: dict[str, Evidence] = field(default_factory=dict)
    first: dict[str, tuple[int, tuple[str, ...]]] = field(default_factory=dict)
    era: str = ""
    unused_bits: int = 0
    unclaimed: set[int] = field(default_factory=set)
    no_zdc: bool = False


def replay(
    menu: Menu, batches: Iterable[Crossings], vectors: str = "", networks: Mapping[str, BoundNetwork] | None = None
) -> ReplayReport:
    """Decide every crossing and compare with the algorithm bits that it carries.

    Parameters
    ----------
    menu : Menu
        The menu that the vectors were made for.
    batches : iterable of Crossings
        Whole orbits at best: a condition on a neighbouring crossing sees no further than its batch.
    vectors : str
        Name of the vectors in the report.
    networks : mapping of str to BoundNetwork, optional
        Networks behind the score cuts, by the name that the menu calls them; an algorithm on any other is unsupported.

    Returns
    -------
    ReplayReport
        Memory does not grow with the number of batches.
    """
    tally = _Tally()
    for crossings in batches:
        _add(tally, menu, crossings, networks or {})
    mismatches = tuple(_mismatch(tally, menu, name) for name in menu.names if name in tally.first)
    digests = {name: item.digest for name, item in (networks or {}).items() if name in menu.networks_cut_on}
    n_algorithms, notes = len(menu.algorithms), _notes(tally, menu)
    return ReplayReport(menu.name, vectors, tally.crossings, n_algorithms, tally.unsupported, mismatches, notes, digests)


def _add(tally: _Tally, menu: Menu, crossings: Crossings, networks: Mapping[str, BoundNetwork]) -> None:
    """Add one batch."""
    columns = Columns.of_crossings(crossings)
    evaluator = Evaluator(menu, columns, scores_of(menu, columns, networks))
    claimed = [algorithm.index for algorithm in menu.algorithms]
    fired = np.flatnonzero(crossings.algorithms.any(axis=0))
    tally.unclaimed |= {int(index) for index in np.setdiff1d(fired, claimed)}
    tally.era = crossings.era
    tally.crossings += len(crossings.bx)
    tally.unused_bits += sum(sum(bits.values()) for bits in crossings.unused_bits().values())
    tally.no_zdc |= any(item.kind == "zdc" for item in menu.conditions.values()) and "zdcp" not in crossings.objects
    for algorithm in menu.algorithms:
        decision = evaluator.decide(algorithm.tree)
        if isinstance(decision, Unsupported):
            tally.unsupported[algorithm.name] = decision.reason
            continue
        wanted = crossings.algorithms[:, algorithm.index]
        wrong = np.flatnonzero(decision != wanted)
        known = tally.evidence.get(algorithm.name, Evidence())
        tally.evidence[algorithm.name] = known + evidence(evaluator, algorithm, decision, wanted, limit_ceiling(crossings.era))
        if len(wrong) and algorithm.name not in tally.first:
            row = int(wrong[0])
            tally.first[algorithm.name] = (int(crossings.bx[row]), deciding_objects(evaluator, algorithm, row))


def _mismatch(tally: _Tally, menu: Menu, name: str) -> Mismatch:
    beside, single = (tuple(dict.fromkeys(item.name for item in of(menu, menu[name]))) for of in (neighbours, signals))
    return Mismatch(name, *tally.first[name], tally.evidence[name], beside, single, limit_ceiling(tally.era))


def _notes(tally: _Tally, menu: Menu) -> tuple[str, ...]:
    notes = []
    if tally.unclaimed:
        bits = ", ".join(map(str, sorted(tally.unclaimed)))
        notes.append(f"bits {bits} fire in the vectors and belong to no algorithm of {menu.name}: another menu's vectors?")
    if tally.unused_bits:
        notes.append(f"{tally.unused_bits} bits are set where the layout has no field")
    if tally.no_zdc:
        notes.append("the vectors have no column for the zero-degree calorimeter: its energies are read as 0")
    notes += _shared(tally, menu)
    return tuple(notes)


def _shared(tally: _Tally, menu: Menu) -> list[str]:
    """Bits of all algorithms that ask for the same kind of input, where any of them disagrees."""
    groups: dict[str, list[Evidence]] = {}
    for algorithm in (item for item in menu.algorithms if item.name in tally.evidence):
        kinds = {OBJECT_KINDS[item.object].replace("_", " ") for item in signals(menu, algorithm)}
        if neighbours(menu, algorithm):
            kinds.add("objects of a neighbouring crossing")
        for kind in kinds:
            groups.setdefault(kind, []).append(tally.evidence[algorithm.name])
    return [_counted(kind, sum(items, Evidence()), len(items)) for kind, items in groups.items() if any(i.bits for i in items)]


def _counted(kind: str, total: Evidence, n: int) -> str:
    both = total.fires - total.only_here
    return f"algorithms that ask for {kind} ({n}): {total.fires} bits here, {total.set_bits} in the vectors, {both} in both"
