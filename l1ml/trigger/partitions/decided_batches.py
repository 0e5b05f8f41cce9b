"""Crossings of a partition, from a file of any format, as a stream of decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

from numpy.typing import NDArray

from l1ml.data.event_file import EventFile
from l1ml.data.events import Events
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.decisions import Decisions, decide
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.networks import BoundNetwork, scores_of
from l1ml.trigger.partitions.draw_bounds import draw_bounds
from l1ml.trigger.partitions.partition import EVENTS, Partition

__all__ = ["DecidedBatch", "decided_batches"]

_EVENTS_AT_ONCE = 1 << 14


@dataclass(frozen=True, eq=False, slots=True)
class DecidedBatch:
    """Decisions on a batch of crossings, and their weights and draws where they have any.

    Parameters
    ----------
    decisions : Decisions
        Of every algorithm that has one; prescale counters start at zero in every batch.
    weight : ndarray of float64, shape (n,), optional
        Weights of events; crossings of vectors count one each.
    draw : ndarray, shape (n,), optional
        Generated collision of each event; no collision has copies in two batches of an event file.
    """

    decisions: Decisions
    weight: NDArray[Any] | None = None
    draw: NDArray[Any] | None = None


def decided_batches(
    menu: Menu, partition: Partition, networks: Mapping[str, BoundNetwork] | None = None, era: str | None = None
) -> Iterator[DecidedBatch]:
    """Decisions of `menu` on the crossings of `partition`.

    Parameters
    ----------
    menu : Menu
        The menu, with masks.
    partition : Partition
        Of a file of any format of `l1ml.data.readers`; in those of others an event is a crossing of its own.
    networks : mapping of str to BoundNetwork, optional
        Networks behind the score cuts.
    era : str, optional
        Year of the word layout of the vectors; by default what the names of the files say.

    Raises
    ------
    DataError, SchemaError
        If the file has changed, is damaged or of another layout.
    ConfigError
        If a network has another digest than the menu states.
    """
    for columns, weight, draw in _columns(partition, era):
        yield DecidedBatch(decide(menu, columns, scores_of(menu, columns, networks or {})), weight, draw)


def _columns(partition: Partition, era: str | None) -> Iterator[tuple[Columns, NDArray[Any] | None, NDArray[Any] | None]]:
    source = partition.source(era)
    if partition.form != EVENTS:
        for batch in source.batches():
            words = batch.content
            yield batch.columns, *((words.weight, words.group) if isinstance(words, Events) else (None, None))
        return
    with EventFile(partition.path) as file:
        for first, last in pairwise(draw_bounds(file.column("group", slice(partition.start, partition.stop)), _EVENTS_AT_ONCE)):
            events = file[partition.start + first : partition.start + last]
            yield Columns.of_events(events), events.weight, events.group
