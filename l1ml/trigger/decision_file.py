"""The decision file: scores and algorithm bits of crossings, and which crossings they are. This text is the specification.

Layout, version 1::

    /                   attributes, UTF-8 text of fixed length unless stated:
        format          "l1ml-decisions"
        format_version  1 (integer)
        menu            name of the menu, empty if there is none
        menu_digest     SHA-256 of the menu as TOML (`toml_of_menu`), empty if there is none
        algorithms      JSON list of names, in the order of the bits
        unsupported     JSON object, name of an algorithm -> why it has no bit
        networks        JSON object, name of a network -> its digest
        sources         JSON list of {"file": name, "digest": SHA-256} in the order of the crossings
        n_crossings     integer
        resume          JSON object: number of the source and of the crossing in it where a second run goes on, prescale counters,
                        and how the networks were bound
        complete        boolean; false while it is being written
    /bx                 uint16, shape (n,): 0 to 3563
    /orbit              uint32, shape (n,); of a vector file counted from 0 at its first line
    /run, /lumi         uint32, shape (n,)
    /event              uint64, shape (n,)
    /decisions/initial  uint8, shape (n, ceil(n_algorithms / 8)): what the conditions say, before bunch masks and prescales;
                        bits packed in the order of the algorithms, the first one highest (``numpy.packbits``)
    /decisions/final    the same after masks and prescales
    /final_or           bool, shape (n,): whether the crossing is kept
    /scores/<network>   int32, or int64 where the output has more than 32 bits: score words, shape (n,), or (n, k) of k outputs;
                        of a network that runs for each object (n, slots) or (n, slots, k), 0 where a slot is empty

Of bx, orbit, run, lumi and event those are there that the sources have; decisions and final_or if there is a menu. All columns
are chunked by crossings, with the filters shuffle, lzf and fletcher32. The file is written as ``<name>.part`` through a journal
(`l1ml.data.journalled_file`): what a killed run leaves holds every batch that was finished, and a second run goes on.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import h5py
import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import as_text, text_of
from l1ml.errors import DataError, SchemaError

__all__ = [
    "FORMAT",
    "IDENTITY",
    "DecisionBatch",
    "DecisionFile",
    "DecisionHeader",
    "PackedFile",
    "StoredBatch",
    "iterate_decisions",
    "read_decisions",
]

FORMAT = "l1ml-decisions"
FORMAT_VERSION = 1
IDENTITY: Mapping[str, type[np.unsignedinteger[Any]]] = {
    "bx": np.uint16,
    "orbit": np.uint32,
    "run": np.uint32,
    "lumi": np.uint32,
    "event": np.uint64,
}
"""What makes a crossing that one, and its type in the file."""

_BITS = ("decisions/initial", "decisions/final")
_CHUNK = 65536
_BYTE = 8
_DAMAGE = (OSError, KeyError, ValueError, TypeError, RuntimeError, MemoryError, OverflowError)
"""What h5py raises where a file does not say what its tables promise."""


@dataclass(frozen=True, slots=True)
class DecisionHeader:
    """What decided, and on what.

    Parameters
    ----------
    menu, menu_digest : str
        Name and digest of the menu; empty if there is none.
    algorithms : tuple of str
        Names in the order of the bits.
    unsupported : mapping of str to str
        Why other algorithms of the menu have no bit.
    networks : mapping of str to str
        Digest of each network.
    sources : tuple of mapping
        ``file`` and ``digest`` of each source.
    """

    menu: str = ""
    menu_digest: str = ""
    algorithms: tuple[str, ...] = ()
    unsupported: Mapping[str, str] = field(default_factory=dict)
    networks: Mapping[str, str] = field(default_factory=dict)
    sources: tuple[Mapping[str, str], ...] = ()

    def attributes(self) -> dict[str, Any]:
        """The header as HDF5 holds it."""
        values = {
            "menu": self.menu,
            "menu_digest": self.menu_digest,
            "algorithms": list(self.algorithms),
            "unsupported": dict(self.unsupported),
            "networks": dict(self.networks),
            "sources": [dict(item) for item in self.sources],
        }
        return {"format": as_text(FORMAT), "format_version": FORMAT_VERSION} | {name: as_text(v) for name, v in values.items()}

    @classmethod
    def of(cls, file: h5py.File) -> Self:
        """The header of `file`.

        Raises
        ------
        SchemaError
            If it is no decision file of this version.
        """
        name = file.attrs.get("format")
        if name is None or text_of(name) != FORMAT or int(file.attrs["format_version"]) != FORMAT_VERSION:
            msg = f"no {FORMAT} file of version {FORMAT_VERSION}; write it with: l1ml emulate ... --output FILE"
            raise SchemaError(msg)
        texts = {name: text_of(file.attrs[name]) for name in ("menu", "menu_digest")}
        values = {name: json.loads(text_of(file.attrs[name])) for name in ("algorithms", "unsupported", "networks", "sources")}
        algorithms, sources = tuple(values["algorithms"]), tuple(values["sources"])
        return cls(
            **texts, algorithms=algorithms, unsupported=values["unsupported"], networks=values["networks"], sources=sources
        )


@dataclass(frozen=True, slots=True, eq=False)
class DecisionBatch:
    """Consecutive crossings of a decision file.

    Parameters
    ----------
    identity : mapping of ndarray of unsigned integers, shape (n,)
        Those of `IDENTITY` that are known.
    scores : mapping of ndarray of int64 or int32, shape (n,) or (n, k), of objects (n, slots) or (n, slots, k)
        Score words by the name of the network.
    initial, final : ndarray of bool, shape (n, n_algorithms), optional
        Bits before masks and prescales, and after; None without a menu.
    final_or : ndarray of bool, shape (n,), optional
        Whether the crossing is kept.
    """

    identity: Mapping[str, NDArray[Any]]
    scores: Mapping[str, NDArray[Any]]
    initial: NDArray[np.bool_] | None = None
    final: NDArray[np.bool_] | None = None
    final_or: NDArray[np.bool_] | None = None

    @property
    def columns(self) -> dict[str, NDArray[Any]]:
        """The datasets of the file by name."""
        columns = {name: self.identity[name].astype(kind, copy=False) for name, kind in IDENTITY.items() if name in self.identity}
        columns |= {f"scores/{name}": words for name, words in self.scores.items()}
        if self.initial is not None and self.final is not None and self.final_or is not None:
            columns |= {f"decisions/{name}": _packed(getattr(self, name)) for name in ("initial", "final")}
            columns["final_or"] = self.final_or
        return columns


def _packed(bits: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Bits of each row, the first one highest; column by column for a small menu, whose rows are short loops."""
    if bits.shape[1] > _BYTE:
        return np.packbits(bits, axis=1)
    packed = np.zeros((len(bits), min(bits.shape[1], 1)), np.uint8)
    for column in range(bits.shape[1]):
        packed[:, 0] |= bits[:, column].view(np.uint8) << np.uint8(_BYTE - 1 - column)
    return packed


@dataclass(frozen=True, slots=True, eq=False)
class StoredBatch:
    """Consecutive crossings as they stand in the datasets of a decision file, to be copied.

    Parameters
    ----------
    columns : mapping of ndarray
        By the name of the dataset; bits are packed.
    """

    columns: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class PackedFile:
    """All crossings of a decision file, to be copied in the chunks that they stand in.

    Parameters
    ----------
    columns : mapping of h5py.Dataset
        By name.
    """

    columns: Mapping[str, h5py.Dataset]


class DecisionFile:
    """A decision file, open for reading.

    Parameters
    ----------
    path : Path
        The file.

    Raises
    ------
    DataError
        If the file is missing, unfinished or damaged.
    SchemaError
        If it is no decision file of a known version.

    Examples
    --------
    ::

        with DecisionFile(path) as file:
            file.header.algorithms
            for batch in file.iterate():
                batch.final_or.sum()
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.is_file():
            msg = f"{path} does not exist; write it with: l1ml emulate ... --output {path}"
            raise DataError(msg)
        with self._damage("header"):
            self._file = h5py.File(path, "r")
        try:
            with self._damage("header"):
                self.header = DecisionHeader.of(self._file)
                self._n = int(self._file.attrs["n_crossings"])
                self._check_complete()
                self._columns = dict(self._find_columns())
        except (DataError, SchemaError):
            self._file.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None) -> None:
        self._file.close()

    def __len__(self) -> int:
        return self._n

    @property
    def resume(self) -> dict[str, Any]:
        """What a second run would go on from behind the last crossing."""
        with self._damage("header"):
            found: dict[str, Any] = json.loads(text_of(self._file.attrs["resume"]))
        return found

    @property
    def counters(self) -> dict[str, int]:
        """What the prescale counter of each algorithm held behind the last crossing."""
        found: dict[str, int] = self.resume.get("counters", {})
        return found

    def stored(self, rows: slice) -> StoredBatch:
        """The crossings `rows`, in order, packed as they are; raises as `read` does."""
        start, stop, step = rows.indices(self._n)
        with self._damage(f"rows from {start}"):
            return StoredBatch({name: dataset[start:stop:step] for name, dataset in self._columns.items()})

    @property
    def packed(self) -> PackedFile:
        """All crossings, none of them read."""
        return PackedFile(self._columns)

    def read(self, rows: slice = slice(None)) -> DecisionBatch:
        """The crossings `rows`, in order.

        Raises
        ------
        DataError
            If a row is damaged.
        """
        values = self.stored(rows).columns
        identity = {name: values[name] for name in IDENTITY if name in values}
        scores = {name.removeprefix("scores/"): words for name, words in values.items() if name.startswith("scores/")}
        if "final_or" not in values:
            return DecisionBatch(identity, scores)
        n_bits = len(self.header.algorithms)
        initial, final = (
            np.unpackbits(values[f"decisions/{name}"], axis=1, count=n_bits).astype(np.bool_) for name in ("initial", "final")
        )
        return DecisionBatch(identity, scores, initial, final, values["final_or"])

    def identity(self, rows: slice) -> dict[str, NDArray[Any]]:
        """What makes the crossings `rows` those ones: of what is known the columns, and nothing else is read.

        Raises
        ------
        DataError
            If a row is damaged.
        """
        with self._damage(f"rows from {rows.start}"):
            return {name: self._columns[name][rows] for name in IDENTITY if name in self._columns}

    def iterate(self, chunk: int = _CHUNK) -> Iterator[DecisionBatch]:
        """Batches of at most `chunk` crossings, in order; `chunk` bounds the memory."""
        for start in range(0, self._n, chunk):
            yield self.read(slice(start, start + chunk))

    def _check_complete(self) -> None:
        """Refuse what a killed run left."""
        if not self._file.attrs["complete"] or self.path.suffix == ".part":
            msg = f"{self.path} is unfinished: run the same l1ml emulate again, it goes on from there"
            raise DataError(msg)

    def _find_columns(self) -> Iterator[tuple[str, h5py.Dataset]]:
        """Datasets of the file, all that the header promises, each of which must have a row for every crossing."""
        names = [name for name in IDENTITY if name in self._file]
        if self._n:
            names += [f"scores/{name}" for name in self.header.networks]
            names += ["final_or", *_BITS] if self.header.menu_digest else []
        for name in names:
            dataset, shape = self._file[name], (self._n, -(-len(self.header.algorithms) // 8))
            given = dataset.shape if isinstance(dataset, h5py.Dataset) else None
            if given is None or (given != shape if name in _BITS else given[:1] != shape[:1]):
                msg = f"{self.path} is damaged: {name} is {dataset}, expected {self._n} rows"
                raise DataError(msg)
            yield name, dataset

    @contextmanager
    def _damage(self, place: str) -> Iterator[None]:
        """Turn what h5py raises into a DataError that names the place."""
        try:
            yield
        except DataError:
            raise
        except SchemaError as error:
            msg = f"{self.path} is {error}"
            raise SchemaError(msg) from error
        except _DAMAGE as error:
            msg = f"{self.path} is damaged at {place}: {error}"
            raise DataError(msg) from error


def read_decisions(path: Path) -> tuple[DecisionHeader, DecisionBatch]:
    """Header and all crossings of the decision file `path`; raises as `DecisionFile` does."""
    with DecisionFile(path) as file:
        return file.header, file.read()


def iterate_decisions(path: Path, chunk: int = _CHUNK) -> Iterator[DecisionBatch]:
    """Batches of at most `chunk` crossings of the decision file `path`; raises as `DecisionFile` does."""
    with DecisionFile(path) as file:
        yield from file.iterate(chunk)
