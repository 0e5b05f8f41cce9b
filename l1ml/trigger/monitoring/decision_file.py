"""Reading decision files: the bits and scores that an emulation wrote, with the identity of each crossing."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import text_of
from l1ml.errors import DataError, SchemaError
from l1ml.trigger.monitoring.recorded_bits import FINAL, INITIAL, RecordedBatch

__all__ = ["DecisionFile", "is_decision_file"]

_FORMAT, _VERSION = "l1ml-decisions", 1
_MAGIC = b"\x89HDF\r\n\x1a\n"
_ROWS = 65536
_COLUMNS = {"run": "run", "lumi": "luminosity_block", "event": "event", "orbit": "orbit", "bx": "bx"}
_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""


def is_decision_file(path: Path) -> bool:
    """Whether `path` is an HDF5 file that says it holds decisions; False for anything else."""
    try:
        with path.open("rb") as raw:
            if raw.read(len(_MAGIC)) != _MAGIC:
                return False
        with h5py.File(path, "r") as file:
            return text_of(file.attrs.get("format", "")) == _FORMAT
    except OSError:
        return False


@dataclass(frozen=True, eq=False, slots=True)
class DecisionFile:
    """A complete decision file.

    Parameters
    ----------
    path : Path
        The file.
    menu, menu_digest : str
        What decided.
    names : tuple of str
        Algorithms, in the order of the bits.
    networks : mapping of str to str
        Digest of each network with scores.
    n : int
        Crossings.
    levels, identity, scores : tuple of str
        Levels of bits, columns of the identity and networks that it has.
    """

    path: Path
    menu: str
    menu_digest: str
    names: tuple[str, ...]
    networks: Mapping[str, str]
    n: int
    levels: tuple[str, ...]
    identity: tuple[str, ...]
    scores: tuple[str, ...]

    @classmethod
    def open(cls, path: Path) -> DecisionFile:
        """Read the header and check what is promised.

        Raises
        ------
        DataError
            If the file is missing, damaged or not complete.
        SchemaError
            If it is no decision file of a version that is known.
        """
        if not path.is_file():
            msg = f"{path} is not a file"
            raise DataError(msg)
        with _damage(path), h5py.File(path, "r") as file:
            _check_format(path, file.attrs)
            names = tuple(json.loads(text_of(file.attrs["algorithms"])))
            levels = tuple(level for level in (INITIAL, FINAL) if f"decisions/{level}" in file)
            n = int(file.attrs["n_crossings"])
            expected = {f"decisions/{level}": (n, -(-len(names) // 8)) for level in levels}
            expected |= {name: (n,) for name in _COLUMNS if name in file}
            for name, shape in expected.items():
                if file[name].shape != shape:
                    msg = f"{path} is damaged: {name} has the shape {file[name].shape}, expected {shape}"
                    raise DataError(msg)
            scores = tuple(file["scores"]) if "scores" in file else ()
            menu, digest = (text_of(file.attrs.get(key, "")) for key in ("menu", "menu_digest"))
            networks = json.loads(text_of(file.attrs.get("networks", "{}")))
            identity = tuple(meaning for name, meaning in _COLUMNS.items() if name in file)
        if not n or not levels:
            msg = f"{path} holds {'no crossings' if levels else 'no bits: neither decisions/initial nor decisions/final'}"
            raise DataError(msg)
        return cls(path, menu, digest, names, networks, n, levels, identity, scores)

    @property
    def name(self) -> str:
        """Name of the file."""
        return self.path.name

    def iterate(self) -> Iterator[RecordedBatch]:
        """All crossings in the order of the file."""
        with _damage(self.path), h5py.File(self.path, "r") as file:
            for start in range(0, self.n, _ROWS):
                yield self._batch(file, slice(start, min(start + _ROWS, self.n)))

    def identities(self) -> Iterator[dict[str, NDArray[np.int64]]]:
        """The identities alone, in the order of the file."""
        with _damage(self.path), h5py.File(self.path, "r") as file:
            for start in range(0, self.n, _ROWS):
                yield self._identity(file, slice(start, min(start + _ROWS, self.n)))

    def take(self, rows: NDArray[np.int64]) -> RecordedBatch:
        """The crossings with the numbers `rows`, in that order; reads each block that has one of them once."""
        order = np.argsort(rows, kind="stable")
        wanted = rows[order]
        with _damage(self.path), h5py.File(self.path, "r") as file:
            blocks = [(block, wanted[wanted // _ROWS == block] - block * _ROWS) for block in np.unique(wanted // _ROWS).tolist()]
            blocks = blocks or [(0, wanted)]
            parts = [
                self._batch(file, slice(block * _ROWS, min((block + 1) * _ROWS, self.n))).select(inside)
                for block, inside in blocks
            ]
        back = np.empty_like(order)
        back[order] = np.arange(order.size)
        return RecordedBatch.concatenate(parts).select(back)

    def _batch(self, file: h5py.File, rows: slice) -> RecordedBatch:
        packed = {level: file[f"decisions/{level}"][rows] for level in self.levels}
        bits = {level: np.unpackbits(values, axis=1, count=len(self.names)).astype(np.bool_) for level, values in packed.items()}
        scores = {name: file[f"scores/{name}"][rows] for name in self.scores}
        return RecordedBatch(rows.stop - rows.start, self._identity(file, rows), bits, None, scores)

    @staticmethod
    def _identity(file: h5py.File, rows: slice) -> dict[str, NDArray[np.int64]]:
        return {meaning: file[name][rows].astype(np.int64) for name, meaning in _COLUMNS.items() if name in file}


def _check_format(path: Path, attributes: Mapping[str, Any]) -> None:
    name = text_of(attributes.get("format", ""))
    if name != _FORMAT:
        msg = f"{path} is no decision file: its attribute 'format' is {name!r}, expected {_FORMAT!r}"
        raise SchemaError(msg)
    version = int(attributes["format_version"])
    if version != _VERSION:
        msg = f"{path} has format version {version}, this l1ml reads version {_VERSION}"
        raise SchemaError(msg)
    if not bool(attributes.get("complete", False)):
        msg = f"{path} is not complete: its writer was stopped; finish it before it is compared"
        raise DataError(msg)


@contextmanager
def _damage(path: Path) -> Iterator[None]:
    try:
        yield
    except (DataError, SchemaError):
        raise
    except _DAMAGE as error:
        msg = f"{path} is not a readable decision file (truncated or damaged): {error}"
        raise DataError(msg) from error
