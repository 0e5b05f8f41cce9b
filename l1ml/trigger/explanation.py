"""Why an algorithm fired or not in one crossing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from l1ml.data.ugt_crossings import Crossings
from l1ml.errors import DataError
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.description import deciding_objects
from l1ml.trigger.evaluation import Evaluator, Unsupported
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.networks import BoundNetwork, scores_of

__all__ = ["Explanation", "explain"]


@dataclass(frozen=True, slots=True)
class Explanation:
    """One decision and what it rests on.

    Parameters
    ----------
    name : str
        The algorithm.
    bx : int
        The crossing.
    verdict : str
        "fires", "does not fire" or why there is no decision.
    in_vectors : bool
        The algorithm bit that the crossing carries.
    deciding : tuple of str
        What each condition says, and the objects that pass.
    """

    name: str
    bx: int
    verdict: str
    in_vectors: bool
    deciding: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """For the command line."""
        keys = ("name", "bx", "verdict", "in_vectors")
        return {**{key: getattr(self, key) for key in keys}, "deciding": list(self.deciding)}


def explain(
    menu: Menu, crossings: Crossings, name: str, bx: int, networks: Mapping[str, BoundNetwork] | None = None
) -> Explanation:
    """Why the algorithm called `name` fired or not in the first crossing numbered `bx`.

    Raises
    ------
    ConfigError
        If the menu has no such algorithm.
    DataError
        If there is no such crossing.
    """
    algorithm = menu[name]
    rows = np.flatnonzero(crossings.bx == bx)
    if not len(rows):
        msg = f"no crossing {bx} here; the crossings are {crossings.bx.min()} to {crossings.bx.max()}"
        raise DataError(msg)
    row = int(rows[0])
    columns = Columns.of_crossings(crossings)
    evaluator = Evaluator(menu, columns, scores_of(menu, columns, networks or {}))
    decision = evaluator.decide(algorithm.tree)
    verdict = decision.reason if isinstance(decision, Unsupported) else ("fires" if decision[row] else "does not fire")
    in_vectors = bool(crossings.algorithms[row, algorithm.index])
    return Explanation(name, bx, verdict, in_vectors, deciding_objects(evaluator, algorithm, row))
