"""A menu's decisions against the algorithm bits of a vector file, bit for bit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.data.ugt_vectors import Crossings
from l1ml.trigger.ugt.columns import COLLECTIONS, Columns
from l1ml.trigger.ugt.description import deciding_objects
from l1ml.trigger.ugt.evaluation import Evaluator, Unsupported
from l1ml.trigger.ugt.expression import Reference
from l1ml.trigger.ugt.menu_document import UgtAlgorithm, UgtMenu
from l1ml.trigger.ugt.requirements import ObjectRequirement

__all__ = ["Mismatch", "ReplayReport", "replay"]

Mask = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Mismatch:
    """Where decisions and vectors disagree on one algorithm.

    Parameters
    ----------
    name : str
        The algorithm.
    bits : int
        Crossings that disagree.
    first_bx : int
        Crossing number of the first.
    only_here : int
        Those of them that fire here and not in the vectors.
    deciding : tuple of str
        What each condition says at the first, and the objects that pass.
    unseen_neighbours : int
        Crossings that fire in the vectors although the neighbouring line holds no object that could: evidence that the lines
        are not consecutive crossings.
    uses_neighbours : bool
        Whether the algorithm asks for objects of neighbouring crossings at all.
    """

    name: str
    bits: int
    first_bx: int
    only_here: int
    deciding: tuple[str, ...]
    unseen_neighbours: int
    uses_neighbours: bool

    @property
    def cause(self) -> str:
        """What the vectors themselves say about the cause; "open" where they say nothing."""
        if self.unseen_neighbours:
            return (
                f"the lines of the file are not consecutive crossings: {self.unseen_neighbours} bits are set "
                "while no object in the neighbouring line passes"
            )
        if self.uses_neighbours:
            return "open; it asks for objects of a neighbouring crossing, and the lines of such files are often separate events"
        return "open"

    def to_json(self) -> dict[str, Any]:
        """For the report."""
        keys = ("name", "bits", "first_bx", "only_here", "cause")
        return {**{key: getattr(self, key) for key in keys}, "deciding": list(self.deciding)}


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
    """

    menu: str
    vectors: str
    crossings: int
    algorithms: int
    unsupported: dict[str, str]
    mismatches: tuple[Mismatch, ...]
    notes: tuple[str, ...] = ()

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
        }


@dataclass(slots=True)
class _Tally:
    """What is kept from one batch to the next."""

    crossings: int = 0
    unsupported: dict[str, str] = field(default_factory=dict)
    mismatches: dict[str, Mismatch] = field(default_factory=dict)
    unused_bits: int = 0
    unclaimed: set[int] = field(default_factory=set)
    no_zdc: bool = False


def replay(menu: UgtMenu, batches: Iterable[Crossings], vectors: str = "") -> ReplayReport:
    """Decide every crossing and compare with the algorithm bits that it carries.

    Parameters
    ----------
    menu : UgtMenu
        The menu that the vectors were made for.
    batches : iterable of Crossings
        Whole orbits at best: a condition on a neighbouring crossing sees no further than its batch.
    vectors : str
        Name of the vectors in the report.

    Returns
    -------
    ReplayReport
        Memory does not grow with the number of batches.
    """
    tally = _Tally()
    for crossings in batches:
        _add(tally, menu, crossings)
    mismatches = tuple(tally.mismatches[name] for name in menu.names if name in tally.mismatches)
    return ReplayReport(
        menu.name, vectors, tally.crossings, len(menu.algorithms), tally.unsupported, mismatches, _notes(tally, menu)
    )


def _add(tally: _Tally, menu: UgtMenu, crossings: Crossings) -> None:
    """Add one batch."""
    evaluator = Evaluator(menu, Columns(crossings))
    claimed = [algorithm.index for algorithm in menu.algorithms]
    fired = np.flatnonzero(crossings.algorithms.any(axis=0))
    tally.unclaimed |= {int(index) for index in np.setdiff1d(fired, claimed)}
    tally.crossings += len(crossings.bx)
    tally.unused_bits += sum(sum(bits.values()) for bits in crossings.unused_bits().values())
    tally.no_zdc |= any(item.kind == "zdc" for item in menu.conditions.values()) and "zdcp" not in crossings.objects
    for algorithm in menu.algorithms:
        decision = evaluator.decide(algorithm.tree)
        if isinstance(decision, Unsupported):
            tally.unsupported[algorithm.name] = decision.reason
            continue
        wrong = decision != crossings.algorithms[:, algorithm.index]
        if wrong.any():
            new = _mismatch(evaluator, algorithm, decision, wrong)
            known = tally.mismatches.get(algorithm.name)
            tally.mismatches[algorithm.name] = new if known is None else _joined(known, new)


def _mismatch(evaluator: Evaluator, algorithm: UgtAlgorithm, decision: Mask, wrong: Mask) -> Mismatch:
    row = int(np.flatnonzero(wrong)[0])
    return Mismatch(
        algorithm.name,
        int(wrong.sum()),
        int(evaluator.columns.crossings.bx[row]),
        int((wrong & decision).sum()),
        deciding_objects(evaluator, algorithm, row),
        _unseen_neighbours(evaluator, algorithm, wrong & ~decision),
        bool(_neighbours(evaluator, algorithm)),
    )


def _neighbours(evaluator: Evaluator, algorithm: UgtAlgorithm) -> list[ObjectRequirement]:
    """Objects of other crossings that the algorithm asks for; signals aside."""
    objects = [item for name in algorithm.conditions for item in evaluator.menu.conditions[name].objects]
    return [item for item in objects if item.bx_offset and item.object in COLLECTIONS]


def _unseen_neighbours(evaluator: Evaluator, algorithm: UgtAlgorithm, missed: Mask) -> int:
    """Crossings among `missed` where a single condition lacks every object of a neighbouring crossing that it needs."""
    if not isinstance(algorithm.tree, Reference):
        return 0
    lacking = np.zeros(missed.shape, dtype=np.bool_)
    for item in _neighbours(evaluator, algorithm):
        lacking |= ~evaluator.objects(item).any(axis=0)
    return int((lacking & missed).sum())


def _joined(known: Mismatch, new: Mismatch) -> Mismatch:
    """Both batches together; the first disagreement stays."""
    return replace(
        known,
        bits=known.bits + new.bits,
        only_here=known.only_here + new.only_here,
        unseen_neighbours=known.unseen_neighbours + new.unseen_neighbours,
    )


def _notes(tally: _Tally, menu: UgtMenu) -> tuple[str, ...]:
    notes = []
    if tally.unclaimed:
        bits = ", ".join(map(str, sorted(tally.unclaimed)))
        notes.append(f"bits {bits} fire in the vectors and belong to no algorithm of {menu.name}: another menu's vectors?")
    if tally.unused_bits:
        notes.append(f"{tally.unused_bits} bits are set where the layout has no field")
    if tally.no_zdc:
        notes.append("the vectors have no column for the zero-degree calorimeter: its energies are read as 0")
    return tuple(notes)
