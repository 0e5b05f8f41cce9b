"""Crossings for a menu, from files of any format, as a stream of decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from numpy.typing import NDArray

from l1ml.data.event_file import read_events
from l1ml.data.readers import reader_of
from l1ml.data.ugt_vectors import N_CROSSINGS, iterate_vectors
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import Decisions, FinalDecisionLogic
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.networks import BoundNetwork, scores_of

__all__ = ["DecidedBatch", "decided_batches"]

_ORBITS_AT_ONCE = 2
_CHUNK = 65536
_VECTORS, _OURS = "ugt", "l1ml"


@dataclass(frozen=True, eq=False, slots=True)
class DecidedBatch:
    """Decisions on a batch of crossings, and their weights and draws where they have any.

    Parameters
    ----------
    decisions : Decisions
        Of every algorithm that has one.
    weight : ndarray of float64, shape (n,), optional
        Weights of events; crossings of vectors count one each.
    draw : ndarray, shape (n,), optional
        Generated collision of each event.
    """

    decisions: Decisions
    weight: NDArray[Any] | None = None
    draw: NDArray[Any] | None = None


def decided_batches(
    menu: Menu, files: Sequence[Path], networks: Mapping[str, BoundNetwork] | None = None, era: str | None = None
) -> Iterator[DecidedBatch]:
    """Decisions of `menu` on the crossings of `files`, one after the other; prescale counters go on from file to file.

    Parameters
    ----------
    menu : Menu
        The menu, with prescales and masks.
    files : sequence of Path
        Files of any format of `l1ml.data.readers`: vectors are streamed in whole orbits; event files of l1ml are each read as
        one batch because copies of a collision must stay together; of any other format an event is a crossing of its own.
    networks : mapping of str to BoundNetwork, optional
        Networks behind the score cuts.
    era : str, optional
        Year of the word layout of the vectors; by default what the names of the files say.

    Raises
    ------
    DataError, SchemaError
        If a file is missing, damaged, of no known format or of another layout.
    ConfigError
        If a network has another digest than the menu states.
    """
    logic = FinalDecisionLogic(menu)
    for path in files:
        for columns, weight, draw in _columns(path, era):
            yield DecidedBatch(logic.decide(columns, scores_of(menu, columns, networks or {})), weight, draw)


def _columns(path: Path, era: str | None) -> Iterator[tuple[Columns, NDArray[Any] | None, NDArray[Any] | None]]:
    reader = reader_of(path)
    if reader.name == _VECTORS:
        for crossings in iterate_vectors(path, _ORBITS_AT_ONCE * N_CROSSINGS, era=era):
            yield Columns.of_crossings(crossings), None, None
        return
    batches = iter([read_events(path)]) if reader.name == _OURS else reader.iterate(path, chunk=_CHUNK)
    for events in batches:
        yield Columns.of_events(events), events.weight, events.group
