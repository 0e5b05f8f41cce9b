"""Emulation of recorded crossings from their own objects, where no decision file is there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

import numpy as np

from l1ml.errors import SchemaError
from l1ml.trigger.evaluation import Unsupported, evaluate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.monitoring.pairing import PairedBatch
from l1ml.trigger.monitoring.recorded_bits import INITIAL, BitSource, RecordedBatch
from l1ml.trigger.networks import BoundNetwork, scores_of

__all__ = ["OwnEmulation"]


@dataclass(slots=True)
class OwnEmulation:
    """Pairs of recorded crossings and what a menu decides on their objects; every crossing has a partner.

    Parameters
    ----------
    recorded : BitSource
        The crossings, with objects.
    menu : Menu
        What decides: conditions only, before masks and prescales.
    networks : mapping of str to BoundNetwork
        Networks behind its score cuts.

    Raises
    ------
    SchemaError
        If the crossings have no objects.
    """

    recorded: BitSource
    menu: Menu
    networks: Mapping[str, BoundNetwork] = field(default_factory=dict)
    unsupported: dict[str, str] = field(default_factory=dict)
    n_recorded: int = 0

    @property
    def names(self) -> tuple[str, ...]:
        """Algorithms, in the order of the columns."""
        return self.menu.names

    def __iter__(self) -> Iterator[PairedBatch]:
        for batch in self.recorded.iterate():
            if batch.columns is None:
                msg = f"{self.recorded.name} holds no objects to emulate: give the decision file of its emulation"
                raise SchemaError(msg)
            scores = scores_of(self.menu, batch.columns, self.networks)
            decisions = evaluate(self.menu, batch.columns, scores)
            bits = np.zeros((batch.n, len(decisions)), np.bool_)
            for column, (name, decision) in enumerate(decisions.items()):
                if isinstance(decision, Unsupported):
                    self.unsupported[name] = decision.reason
                else:
                    bits[:, column] = decision
            self.n_recorded += batch.n
            emulated = RecordedBatch(batch.n, batch.identity, {INITIAL: bits}, None, scores)
            yield PairedBatch(batch, np.arange(batch.n), emulated)
