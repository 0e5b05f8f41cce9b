"""One job of a sample of jets: collisions from Pythia, measured batch by batch, until there are enough rows."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from l1ml.data.event_writer import EventWriter
from l1ml.data.events import Events
from l1ml.data.generation.pythia import batches
from l1ml.data.jobs.part_files import attempt
from l1ml.data.jobs.sample_files import is_part, random_streams, versions
from l1ml.data.schema import EventSchema
from l1ml.storage import digest_of

__all__ = ["JetJob", "JetSource"]


class JetSource(Protocol):
    """What the rows of a job are, and how they are made; can be sent to a worker."""

    @property
    def label(self) -> str:
        """Beginning of the name of the file of a job."""

    @property
    def key(self) -> list[Any]:
        """All that decides a row of given number, as JSON."""

    @property
    def schema(self) -> EventSchema:
        """Of the rows."""

    @property
    def processes(self) -> tuple[str, ...]:
        """Names of the processes in the file."""

    @property
    def stream(self) -> tuple[int, ...]:
        """Seed of the user, and the numbers that tell these random streams from all others."""

    @property
    def batch(self) -> int:
        """Collisions between two looks at whether to stop."""

    def start(self, seed: int) -> Any:
        """Pythia, ready to generate."""

    def measured(self, batch: Any, pythia: Any, rng: np.random.Generator, /) -> Events:
        """The rows that a batch gives; their `group` is the number of the collision in the batch."""

    def numbered(self, events: Events, index: int) -> Events:
        """The rows of job `index` with weights, and with identities that no other row has; `group` counts its collisions."""


@dataclass(frozen=True)
class JetJob:
    """`n` rows, from as many collisions as they take.

    Parameters
    ----------
    source : JetSource
        What to make.
    index, n : int
        Number of the job, and its rows.
    folder : Path
        Where its file goes.
    """

    source: JetSource
    index: int
    n: int
    folder: Path

    @cached_property
    def path(self) -> Path:
        """File of the job."""
        key = digest_of([*self.source.key, self.n, versions()])
        return self.folder / f"{self.source.label}-{self.index:05d}-{key[:8]}.h5"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return self.n

    def is_done(self) -> bool:
        """Whether the file is there and whole."""
        return is_part(self.path)

    def run(self, check: Callable[[], None]) -> None:
        """Generate, measure and write."""
        began = time.perf_counter()
        source = self.source
        seed, rng = random_streams(*source.stream, self.index)
        pythia = source.start(seed)
        parts, kept, generated = [], 0, 0
        for batch in _endless(pythia, source.batch):
            check()
            part = source.measured(batch, pythia, rng)
            parts.append(replace(part, group=part.group + np.uint64(generated)))
            kept, generated = kept + len(part), generated + len(batch)
            if kept >= self.n:
                break
        events = source.numbered(Events.concatenate(parts).select(slice(0, self.n)), self.index)
        header = {"generated": generated, "seconds": time.perf_counter() - began}
        with (
            attempt(self.path) as own,
            EventWriter(own, source.schema, process=source.processes, provenance=header) as writer,
        ):
            writer.append(events)


def _endless(pythia: Any, size: int) -> Iterator[Any]:
    """Batches without end."""
    while True:
        yield from batches(pythia, size)
