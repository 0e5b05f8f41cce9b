"""Training batches from event files that are larger than memory: shuffled, split by identity, the same for the same seed."""

from __future__ import annotations

import os
from collections import OrderedDict
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.data.event_file import EventFile, Objects
from l1ml.data.event_layout import BLOCK_ROWS
from l1ml.data.events import Events
from l1ml.data.splits import split_of
from l1ml.errors import ConfigError, DataError, SchemaError

__all__ = ["BatchSource"]

Batch = tuple[NDArray[Any], NDArray[Any], NDArray[np.float32]]

_MIXES_KEPT = 2
"""A batch may lie across two mixes; more are read again if several threads are far apart."""


class BatchSource:
    """Batches of (inputs, labels, weights) over one or several event files.

    The blocks of all files (8192 rows each) are put in a random order; `mixed_blocks` consecutive ones are read together and
    their rows shuffled. Batch `i` of an epoch is a function of seed, epoch and `i` alone, so any number of threads or processes
    may ask in any order. Memory: about ``2 * mixed_blocks * 8192`` rows of inputs.

    Parameters
    ----------
    paths : sequence of Path
        Event files with one schema.
    batch_size : int
        Rows of a batch; the last one of an epoch has what is left.
    seed : int
        Fixes every order.
    shuffle : bool
        False keeps the order of the files, as for validation.
    fractions : sequence of float, optional
        Shares of a split by group, as for `split_of`; only crossings of `part` are used.
    part : int
        Which part.
    inputs : callable, optional
        From `Events` to an array with one row a crossing; by default ``events.features()`` as float32.
    labels : callable, optional
        Likewise; by default the number of the process in `processes` (int64).
    objects : sequence of str or mapping, optional
        Read only these collections or columns.
    mixed_blocks : int
        Blocks that are shuffled together.

    Raises
    ------
    ConfigError
        If a number is out of range.
    DataError
        If a file is missing or damaged, or no crossing is in the part.
    SchemaError
        If the files have different schemas.

    Examples
    --------
    ::

        with BatchSource(paths, batch_size=1024, fractions=(0.8, 0.2)) as source:
            model.fit(source.as_keras(workers=2), epochs=10)
    """

    def __init__(
        self,
        paths: Sequence[Path],
        *,
        batch_size: int,
        seed: int = 0,
        shuffle: bool = True,
        fractions: Sequence[float] = (1.0,),
        part: int = 0,
        inputs: Callable[[Events], NDArray[Any]] | None = None,
        labels: Callable[[Events], NDArray[Any]] | None = None,
        objects: Objects = None,
        mixed_blocks: int = 16,
    ) -> None:
        if batch_size < 1 or mixed_blocks < 1 or not 0 <= part < len(fractions):
            msg = f"batch_size {batch_size}, mixed_blocks {mixed_blocks} and part {part} of {len(fractions)}: out of range"
            raise ConfigError(msg)
        self.paths, self.batch_size, self.epoch = tuple(paths), batch_size, 0
        self._seed, self._shuffle, self._mixed_blocks = seed, shuffle, mixed_blocks
        self._fractions, self._part, self._objects = tuple(fractions), part, objects
        self._inputs, self._labels = inputs or _features, labels
        self._open_files: list[EventFile] = []
        self._owner, self._lock, self._mixes = 0, Lock(), OrderedDict[tuple[int, int], Batch]()
        self.processes = self._check_files()
        self._blocks, self._counts = self._count()
        self._order()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self.close()

    def __getstate__(self) -> dict[str, Any]:
        """Everything but open files and what was read: those belong to one process."""
        fresh = {"_open_files": [], "_owner": 0, "_lock": None, "_mixes": OrderedDict()}
        return {**self.__dict__, **fresh}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__dict__.update(state)
        self._lock = Lock()

    def close(self) -> None:
        """Close the files; they open again when a batch is asked for."""
        for file in self._open_files:
            file.close()
        self._open_files, self._owner = [], 0

    @property
    def n_events(self) -> int:
        """Crossings of an epoch."""
        return int(self._counts.sum())

    def __len__(self) -> int:
        return (self.n_events + self.batch_size - 1) // self.batch_size

    def __getitem__(self, index: int) -> Batch:
        if not 0 <= index < len(self):
            msg = f"there are the batches 0 to {len(self) - 1}, asked for {index}"
            raise IndexError(msg)
        start, stop = index * self.batch_size, min((index + 1) * self.batch_size, self.n_events)
        mix = int(np.searchsorted(self._ends, start, side="right"))
        pieces: list[Batch] = []
        while start < stop:
            first = int(self._ends[mix - 1]) if mix else 0
            end = min(stop, int(self._ends[mix]))
            inputs, labels, weights = self._mix(mix)
            rows = slice(start - first, end - first)
            pieces.append((inputs[rows], labels[rows], weights[rows]))
            start, mix = end, mix + 1
        if len(pieces) == 1:
            return pieces[0]
        return tuple(np.concatenate(column) for column in zip(*pieces, strict=True))  # type: ignore[return-value]

    def on_epoch_end(self) -> None:
        """Go on to the order of the next epoch."""
        self.epoch += 1
        self._order()

    def as_keras(self, **options: Any) -> Any:
        """The same batches as a ``keras.utils.PyDataset``; `options` are its own: workers, max_queue_size and so on.

        Unless ``fit`` has ``shuffle=False``, Keras asks in a random order of its own, which would read a mix for each batch: so
        the first index that it asks for in an epoch gets batch 0, the next one batch 1, and so on. Processes (in place of
        threads) cannot agree on that: with ``use_multiprocessing=True`` an index is the number of the batch, and ``fit`` needs
        ``shuffle=False``.
        """
        turns = _Turns()
        by_turn = not options.get("use_multiprocessing", False)

        def end_epoch(_: object) -> None:
            turns.clear()
            self.on_epoch_end()

        methods = {
            "__len__": lambda _: len(self),
            "__getitem__": lambda _, index: self[turns.of(index) if by_turn else index],
            "on_epoch_end": end_epoch,
        }
        return type("EventBatches", (require("keras").utils.PyDataset,), methods)(**options)

    def _check_files(self) -> tuple[str, ...]:
        """Names of the processes of all files, which must have one schema."""
        files = self._files()
        for file in files[1:]:
            if file.schema.digest != files[0].schema.digest:
                msg = f"{file.path} holds schema {file.schema.name!r}, {files[0].path} {files[0].schema.name!r}: they do not mix"
                raise SchemaError(msg)
        return tuple(dict.fromkeys(name for file in files for name in file.processes))

    def _files(self) -> list[EventFile]:
        """The files, opened by this very process: a forked one must not share them."""
        if self._owner != os.getpid():
            self._open_files = [EventFile(path) for path in self.paths]
            self._owner = os.getpid()
        return self._open_files

    def _count(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """File and first row of each block, shape (n_blocks, 2), and how many of its crossings are in the part."""
        blocks, counts = [], []
        for number, file in enumerate(self._files()):
            for start in range(0, len(file), BLOCK_ROWS):
                blocks.append((number, start))
                counts.append(int(np.count_nonzero(self._chosen(file.column("group", slice(start, start + BLOCK_ROWS))))))
        if not sum(counts):
            msg = f"no crossing of {', '.join(path.name for path in self.paths)} is in part {self._part} of {self._fractions}"
            raise DataError(msg)
        return np.array(blocks, np.int64), np.array(counts, np.int64)

    def _chosen(self, group: NDArray[np.uint64]) -> NDArray[np.bool_]:
        """Which crossings are in the part."""
        return np.asarray(split_of(group, self._fractions) == self._part)

    def _order(self) -> None:
        """Order of the blocks in this epoch, and after how many crossings each mix ends."""
        n = len(self._counts)
        order = self._rng(0).permutation(n) if self._shuffle else np.arange(n)
        mixes = [order[start : start + self._mixed_blocks] for start in range(0, n, self._mixed_blocks)]
        self._mix_blocks = [mix for mix in mixes if self._counts[mix].any()]
        self._ends = np.cumsum([self._counts[mix].sum() for mix in self._mix_blocks])

    def _rng(self, stream: int) -> np.random.Generator:
        """Random numbers of this epoch: stream 0 for the blocks, 1 + i for the rows of mix i."""
        return np.random.default_rng(np.random.SeedSequence(self._seed, spawn_key=(self.epoch, stream)))

    def _mix(self, number: int) -> Batch:
        """All chosen rows of one mix, in their order."""
        key = self.epoch, number
        with self._lock:
            if key not in self._mixes:
                self._mixes[key] = self._read_mix(number)
                while len(self._mixes) > _MIXES_KEPT:
                    self._mixes.popitem(last=False)
            return self._mixes[key]

    def _read_mix(self, number: int) -> Batch:
        """Read and shuffle one mix."""
        pieces = [self._read_block(*self._blocks[block]) for block in self._mix_blocks[number] if self._counts[block]]
        inputs, labels, weights = (np.concatenate(column) for column in zip(*pieces, strict=True))
        if self._shuffle:
            order = self._rng(1 + number).permutation(len(weights))
            inputs, labels, weights = inputs[order], labels[order], weights[order]
        return inputs, labels, weights

    def _read_block(self, number: int, start: int) -> Batch:
        """The chosen crossings of one block."""
        file = self._files()[number]
        events = file.read(slice(start, start + BLOCK_ROWS), self._objects)
        rows = self._chosen(events.group)
        labels = self._numbers(events) if self._labels is None else self._labels(events)
        return self._inputs(events)[rows], labels[rows], events.weight[rows].astype(np.float32)

    def _numbers(self, events: Events) -> NDArray[np.int64]:
        """Number of the process of each crossing, counted through all files."""
        index = np.array([self.processes.index(name) for name in events.processes], np.int64)
        if "process" in events.crossing:
            return np.asarray(index[events.crossing["process"]], np.int64)
        return np.full(len(events), index[0] if index.size == 1 else -1, np.int64)


class _Turns:
    """Numbers in the order of first asking: each index gets the next one, and keeps it."""

    def __init__(self) -> None:
        self._turns: dict[int, int] = {}
        self._lock = Lock()

    def of(self, index: int) -> int:
        """Turn of `index`."""
        with self._lock:
            return self._turns.setdefault(index, len(self._turns))

    def clear(self) -> None:
        """Begin again."""
        with self._lock:
            self._turns.clear()


def _features(events: Events) -> NDArray[np.float32]:
    """All words as a network reads them."""
    return events.features().astype(np.float32)
