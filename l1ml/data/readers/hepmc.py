"""Events of generators at hadron level: HepMC3 in its text form (``Asciiv3``), plain or gzip; arXiv:1912.08005.

Each event has the object "particle", in the order of the file, with the integers pdg_id, status and parent (as in the file: minus
the number of the vertex that it comes from, or the number of the particle, or 0) and the reals px, py, pz, energy, mass in GeV;
a file in MeV is converted. The weight is the first one of the event or the one that is asked for, 1 where the event has none. The
identity of an event is its number in the file. Vertices, attributes and further weights are left out. Momenta are rounded to
float32.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.particle_text import Column, TextStream, first_bytes, number_table, text_stream
from l1ml.data.readers.particles import particle_columns, particle_object, slots_for
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.rows import batch_rows
from l1ml.data.schema import EventSchema
from l1ml.errors import DataError, SchemaError, nearest

__all__ = ["READER", "iterate_hepmc", "schema_of"]

_WORDS = ("pdg_id", "status", "parent")
_REALS = ("px", "py", "pz", "energy", "mass")
_COLUMNS = ("number", "parent", "pdg_id", *_REALS, "status")
_START, _END = b"HepMC::Asciiv3-START_EVENT_LISTING", b"HepMC::Asciiv3-END_EVENT_LISTING"
_PARTICLE = re.compile(rb"\nP ([^\n]*)")
_ENERGY = {b"GEV": 1.0, b"MEV": 1e-3}


class _Record(NamedTuple):
    """One event: its text, its number, the factor to GeV, its weight, its number of particles."""

    text: bytes
    number: int
    factor: float
    weight: float
    n: int


class _Choice(NamedTuple):
    """What was asked for; see `iterate_hepmc`."""

    truncate: bool
    status: Sequence[int] | None
    status_if_absent: int | None


def schema_of(path: Path, *, slots: int | None = None) -> EventSchema:
    """Schema of the file `path`; without `slots` it is read through once."""
    return _schema(slots_for(_survey(path)[1] if slots is None else 0, slots, str(path)))


def _schema(slots: int) -> EventSchema:
    return EventSchema("hepmc", 1, (particle_object(slots, _WORDS, _REALS),))


def iterate_hepmc(
    path: Path,
    *,
    chunk: int = 1024,
    slots: int | None = None,
    truncate: bool = False,
    status: Sequence[int] | None = None,
    status_if_absent: int | None = None,
    weight: str | None = None,
) -> Iterator[Events]:
    """Events of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        A HepMC3 text file, plain or gzip.
    chunk : int
        Most events of a batch; fewer where they are large.
    slots : int, optional
        Particles of an event that there is room for; by default those of the largest event, for which the file is read through
        first.
    truncate : bool
        Whether particles beyond the slots are left out; otherwise they are an error.
    status : sequence of int, optional
        Keep particles of these status codes only: ``[1]`` for the final state.
    status_if_absent : int, optional
        Status of particles whose line ends before it, as there are in public files (HepMC3 itself reads 0); otherwise such a line
        is an error.
    weight : str, optional
        Name of the weight to take.

    Raises
    ------
    SchemaError
        If it is no HepMC3 text, or has not that weight.
    DataError
        If it is damaged or ends early; the events before that place were given.
    """
    schema = schema_of(path, slots=slots)
    step = batch_rows(chunk, 4 * schema.objects[0].n_slots * len(_WORDS + _REALS))
    choice = _Choice(truncate, status, status_if_absent)
    with text_stream(path) as stream:
        records = _records(stream, weight)
        first = 0
        while batch := list(islice(records, step)):
            yield _events(schema, batch, path, first, choice)
            first += len(batch)


def _records(stream: TextStream, weight: str | None) -> Iterator[_Record]:
    """Events of `stream`, which stands at its beginning."""
    header = stream.until(b"\nE ")
    _check_start(stream.path, stream.rest() if header is None else header)
    if header is None:
        _check_end(stream, stream.rest(), 0)
        return
    index = _weight_index(stream.path, header, weight)
    factor, number = 0.0, 0
    while (text := stream.until(b"\nE ")) is not None:
        record = _record(text, index, factor, f"{stream.path}, event {number}")
        yield record
        factor, number = record.factor, number + 1
    last = _record(stream.rest(), index, factor, f"{stream.path}, event {number}")
    _check_end(stream, last.text, number)
    yield last


def _check_start(path: Path, header: bytes) -> None:
    if _START not in header:
        other = "HepMC2, which HepMC3 converts" if b"HepMC::IO_GenEvent" in header else "something else"
        msg = f"{path} is not a HepMC3 text file (Asciiv3) but {other}"
        raise SchemaError(msg)


def _check_end(stream: TextStream, text: bytes, number: int) -> None:
    if b"\n" + _END not in text:
        msg = f"{stream.path} is truncated: in or after event {number} it ends without {_END.decode()}"
        raise DataError(msg)


def _weight_index(path: Path, header: bytes, weight: str | None) -> int:
    """Place of the weight called `weight`; the header has the names behind its own ``W``, backslash and bar between them."""
    if weight is None:
        return 0
    line = next((line for line in header.split(b"\n") if line.startswith(b"W ")), b"")
    parts = line[2:].split(b"\\|") if b"\\|" in line else line[2:].split()
    names = [name.decode("utf-8", "replace") for name in parts]
    if weight not in names:
        msg = f"{path} has no weight {weight!r}; {nearest(weight, names) if names else 'its weights have no names'}"
        raise SchemaError(msg)
    return names.index(weight)


def _record(text: bytes, index: int, factor: float, where: str) -> _Record:
    """Number, units and weight of the event of which `text` is all behind its ``E``."""
    try:
        number, _, declared = (int(item) for item in text[:120].split(b"\n", 1)[0].split()[:3])
        unit, weights = _line(text, b"\nU "), _line(text, b"\nW ")
        factor = _ENERGY[unit[0]] if unit else factor
        weight = float(weights[index]) if weights else 1.0
    except (ValueError, IndexError, KeyError) as error:
        msg = f"{where}: its number, units or weights cannot be read ({type(error).__name__}: {error})"
        raise DataError(msg) from error
    n = text.count(b"\nP ")
    if declared != n or not 0 <= number < 1 << 63 or not factor or not np.isfinite(weight):
        units = b" ".join(unit).decode("ascii", "replace") or "unknown"
        msg = f"{where}: {declared} particles are declared and {n} there, number {number}, weight {weight}, units {units}"
        raise DataError(msg)
    return _Record(text, number, factor, weight, n)


def _line(text: bytes, mark: bytes) -> list[bytes]:
    """Items of the line that begins with `mark`; none if there is no such line."""
    start = text.find(mark)
    return [] if start < 0 else text[start + len(mark) :].split(b"\n", 1)[0].split()


def _table(batch: list[_Record], path: Path, first: int, status_if_absent: int | None) -> tuple[Column, NDArray[np.int64]]:
    """Particle lines of all events as a table, and how many each event has."""
    counts = np.array([record.n for record in batch], np.int64)
    lines = [line for record in batch for line in _PARTICLE.findall(record.text)]
    if status_if_absent is not None:
        lines = [b"%s %d" % (line, status_if_absent) if len(line.split()) == len(_COLUMNS) - 1 else line for line in lines]
    where = f"{path}: particle line (if only the status is missing, at its end, see status_if_absent)"
    return number_table(lines, len(_COLUMNS), counts, where, first), counts


def _events(schema: EventSchema, batch: list[_Record], path: Path, first: int, choice: _Choice) -> Events:
    table, counts = _table(batch, path, first, choice.status_if_absent)
    flat = dict(zip(_COLUMNS, table.T, strict=True))
    _check_numbers(flat["number"], counts, path, first)
    factor = np.repeat([record.factor for record in batch], counts)
    if (factor != 1).any():
        flat |= {name: flat[name] * factor for name in _REALS}
    if choice.status is not None:
        keep = np.isin(flat["status"], np.asarray(choice.status, np.float64))
        event = np.repeat(np.arange(len(batch)), counts)
        flat = {name: column[keep] for name, column in flat.items()}
        counts = np.bincount(event[keep], minlength=len(batch)).astype(np.int64)
    particles, mask = particle_columns(schema.objects[0], flat, counts, str(path), first, truncate=choice.truncate)
    numbers = np.array([record.number for record in batch], np.uint64)
    weight = np.array([record.weight for record in batch])
    return Events(schema, {"particle": particles}, weight, numbers, numbers, {}, {"particle": mask})


def _check_numbers(numbers: Column, counts: NDArray[np.int64], path: Path, first: int) -> None:
    """Refuse particles that are not numbered 1, 2, 3...: parents refer to these numbers."""
    expected = np.arange(len(numbers)) - np.repeat(np.cumsum(counts) - counts, counts) + 1
    if (numbers != expected).any():
        row = int(np.argmax(numbers != expected))
        event = first + int(np.searchsorted(np.cumsum(counts), row, side="right"))
        msg = f"{path}, event {event}: particle {expected[row]} has the number {numbers[row]:g}"
        raise DataError(msg)


def _survey(path: Path) -> tuple[int, int]:
    """Number of events, and particles of the largest."""
    n = most = 0
    with text_stream(path) as stream:
        for record in _records(stream, None):
            n, most = n + 1, max(most, record.n)
    return n, most


def _describe(path: Path) -> dict[str, Any]:
    n, most = _survey(path)
    return {
        "n_events": n,
        "objects": _schema(max(1, most)).to_dict()["objects"],
        "missing": [] if b"\nW " in first_bytes(path, 1 << 16) else ["weights"],
        "left_out": ["vertices", "attributes", "further weights"],
    }


READER = Reader(
    name="hepmc",
    title="HepMC3 text (Asciiv3), plain or gzip",
    suffixes=(".hepmc", ".hepmc3", ".hepmc.gz", ".hepmc3.gz"),
    sniff=lambda path: _START in first_bytes(path),
    iterate=iterate_hepmc,
    describe=_describe,
)
