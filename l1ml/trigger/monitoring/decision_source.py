"""Decision files as bits of crossings: the emulation that a run is compared with, or what a run was recorded as."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import text_of
from l1ml.errors import DataError, SchemaError
from l1ml.trigger.decision_file import FORMAT, DecisionBatch, DecisionFile
from l1ml.trigger.monitoring.recorded_bits import FINAL, INITIAL, RecordedBatch

__all__ = ["DecisionSource", "is_decision_file"]

_MAGIC = b"\x89HDF\r\n\x1a\n"
_ROWS = 65536
_NAMES: Mapping[str, str] = {"lumi": "luminosity_block"}
"""Columns of the identity that have another name in events."""


def is_decision_file(path: Path) -> bool:
    """Whether `path` is an HDF5 file that says it holds decisions; False for anything else."""
    try:
        with path.open("rb") as raw:
            if raw.read(len(_MAGIC)) != _MAGIC:
                return False
        with h5py.File(path, "r") as file:
            return text_of(file.attrs.get("format", "")) == FORMAT
    except OSError:
        return False


@dataclass(frozen=True, eq=False, slots=True)
class DecisionSource:
    """A decision file with bits.

    Parameters
    ----------
    path : Path
        The file.
    menu, menu_digest : str
        Name and digest of the menu that decided.
    names : tuple of str
        Algorithms, in the order of the bits.
    unsupported : mapping of str to str
        Why others have no bit.
    networks : mapping of str to str
        Digest of each network with scores.
    n : int
        Crossings.
    identity : tuple of str
        What is known of where they come from.
    """

    path: Path
    menu: str
    menu_digest: str
    names: tuple[str, ...]
    unsupported: Mapping[str, str]
    networks: Mapping[str, str]
    n: int
    identity: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> DecisionSource:
        """Read the header.

        Raises
        ------
        DataError
            If the file is missing, unfinished or damaged, or holds no crossings.
        SchemaError
            If it is no decision file of a known version, or holds scores and no bits.
        """
        with DecisionFile(path) as file:
            first = file.read(slice(0, 1))
            header, n = file.header, len(file)
        if not n:
            msg = f"{path} holds no crossings"
            raise DataError(msg)
        if first.initial is None:
            msg = f"{path} holds scores and no bits: emulate it with a menu"
            raise SchemaError(msg)
        identity = tuple(_identity(first.identity))
        decided = header.menu, header.menu_digest, header.algorithms, header.unsupported, header.networks
        return cls(path, *decided, n, identity)

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.path.name

    @property
    def levels(self) -> tuple[str, ...]:
        """Bits before masks and prescales, and after."""
        return INITIAL, FINAL

    def iterate(self) -> Iterator[RecordedBatch]:
        """All crossings in the order of the file."""
        with DecisionFile(self.path) as file:
            for batch in file.iterate(_ROWS):
                yield _recorded(batch)

    def identities(self) -> Iterator[dict[str, NDArray[np.int64]]]:
        """The identities alone, in the order of the file."""
        with DecisionFile(self.path) as file:
            for start in range(0, self.n, _ROWS):
                yield _identity(file.identity(slice(start, start + _ROWS)))

    def take(self, rows: NDArray[np.int64]) -> RecordedBatch:
        """The crossings with the numbers `rows`, in that order; reads each block that has one of them once."""
        order = np.argsort(rows, kind="stable")
        wanted = rows[order]
        blocks = np.unique(wanted // _ROWS).tolist() or [0]
        parts = []
        with DecisionFile(self.path) as file:
            for block in blocks:
                inside = wanted[wanted // _ROWS == block] - block * _ROWS
                parts.append(_recorded(file.read(slice(block * _ROWS, (block + 1) * _ROWS))).select(inside))
        back = np.empty_like(order)
        back[order] = np.arange(order.size)
        return RecordedBatch.concatenate(parts).select(back)


def _recorded(batch: DecisionBatch) -> RecordedBatch:
    if batch.initial is None or batch.final is None:
        msg = "a decision file has bits in some of its crossings only"
        raise DataError(msg)
    bits = {INITIAL: batch.initial, FINAL: batch.final}
    return RecordedBatch(len(batch.initial), _identity(batch.identity), bits, None, batch.scores)


def _identity(columns: Mapping[str, NDArray[Any]]) -> dict[str, NDArray[np.int64]]:
    return {_NAMES.get(name, name): values.astype(np.int64) for name, values in columns.items()}
