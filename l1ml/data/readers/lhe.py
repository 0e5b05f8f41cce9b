"""Events of generators at parton level: Les Houches Event Files (hep-ph/0609017), plain or gzip.

Each event has the object "particle", in the order of the file, with the integers pdg_id, status, mother1, mother2 (positions from
1), color1, color2 and the reals px, py, pz, energy, mass (GeV), lifetime (mm), spin; and "hard_process" with the scale (GeV) and
the couplings. The weight is ``XWGTUP`` or the one of ``<rwgt>`` that is asked for; the process is that of ``<init>``. The file
has no event numbers: the identity of an event is its place. Momenta are rounded to float32: to shower events, give Pythia the
file itself (`l1ml.data.readers.lhe_init.pythia_settings`).
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from l1ml.data.events import Events
from l1ml.data.readers.batches import as_reals
from l1ml.data.readers.lhe_init import LheInit, read_init, take_init
from l1ml.data.readers.particle_text import TextStream, first_bytes, number_table, text_stream
from l1ml.data.readers.particles import particle_columns, particle_object, slots_for
from l1ml.data.readers.reader import Reader
from l1ml.data.readers.rows import batch_rows
from l1ml.data.schema import EventSchema, ObjectSchema, RealField
from l1ml.errors import DataError, SchemaError, nearest

__all__ = ["READER", "iterate_lhe", "schema_of"]

_WORDS = ("pdg_id", "status", "mother1", "mother2", "color1", "color2")
_REALS = ("px", "py", "pz", "energy", "mass", "lifetime", "spin")
_HARD = ObjectSchema("hard_process", 1, (), (RealField("scale", "GeV"), RealField("alpha_qed"), RealField("alpha_qcd")))
_BEGIN = re.compile(rb"<event(?:\s[^>]*)?>\s*")
_WEIGHT = re.compile(rb"<wgt\s+id\s*=\s*['\"]([^'\"]*)['\"][^>]*>([^<]*)</wgt>")
_END = b"</LesHouchesEvents"


class _Record(NamedTuple):
    """One event: the numbers of its first line, its particle lines, its weight."""

    head: bytes
    lines: list[bytes]
    weight: bytes


def schema_of(path: Path, *, slots: int | None = None) -> EventSchema:
    """Schema of the file `path`; without `slots` it is read through once."""
    return _schema(slots_for(_survey(path)[1] if slots is None else 0, slots, str(path)))


def _schema(slots: int) -> EventSchema:
    return EventSchema("lhe", 1, (particle_object(slots, _WORDS, _REALS), _HARD))


def iterate_lhe(
    path: Path, *, chunk: int = 8192, slots: int | None = None, truncate: bool = False, weight: str | None = None
) -> Iterator[Events]:
    """Events of the file `path`, batch after batch.

    Parameters
    ----------
    path : Path
        A Les Houches file, plain or gzip.
    chunk : int
        Most events of a batch.
    slots : int, optional
        Particles of an event that there is room for; by default those of the largest event, for which the file is read through
        first.
    truncate : bool
        Whether particles beyond the slots are left out; otherwise they are an error.
    weight : str, optional
        Id of a weight in ``<rwgt>`` to take in place of ``XWGTUP``.

    Raises
    ------
    SchemaError
        If it is no Les Houches file, or has not that weight.
    DataError
        If it is damaged or ends early; the events before that place were given.
    """
    schema = schema_of(path, slots=slots)
    step = batch_rows(chunk, 4 * schema.objects[0].n_slots * len(_WORDS + _REALS))
    with text_stream(path) as stream:
        init = take_init(stream)
        records = _records(stream, weight)
        first = 0
        while batch := list(islice(records, step)):
            yield _events(schema, init, batch, path, first, truncate=truncate)
            first += len(batch)


def _records(stream: TextStream, weight: str | None) -> Iterator[_Record]:
    """Events of `stream`, which stands behind ``<init>``."""
    number = 0
    while (text := stream.until(b"</event>")) is not None:
        begin = _BEGIN.search(text)
        if begin is None:
            msg = f"{stream.path}, event {number}: </event> without <event>"
            raise DataError(msg)
        head, _, body = text[begin.end() :].partition(b"\n")
        n = _declared(head)
        lines = body.split(b"\n", n)[:n] if n <= body.count(b"\n") else []
        if n < 0 or len(lines) != n:
            there, said = body.count(b"\n"), head[:40].decode("ascii", "replace")
            msg = f"{stream.path}, event {number}: its first line {said!r} does not say how many particles stand in {there} lines"
            raise DataError(msg)
        yield _Record(head, lines, _weight(text, weight, f"{stream.path}, event {number}"))
        number += 1
    if _END not in stream.rest():
        msg = f"{stream.path} is truncated: after {number} events it ends without {_END.decode()}>"
        raise DataError(msg)


def _declared(head: bytes) -> int:
    """Number of particles of an event; -1 if its first line does not say."""
    try:
        return int(head.split(maxsplit=1)[0])
    except (ValueError, IndexError):
        return -1


def _weight(text: bytes, weight: str | None, where: str) -> bytes:
    if weight is None:
        return b""
    known: dict[bytes, bytes] = dict(_WEIGHT.findall(text))
    if weight.encode() not in known:
        names = [name.decode("ascii", "replace") for name in known]
        msg = f"{where} has no weight {weight!r}; {nearest(weight, names) if names else 'it has only its own'}"
        raise SchemaError(msg)
    return known[weight.encode()]


def _events(schema: EventSchema, init: LheInit, batch: list[_Record], path: Path, first: int, *, truncate: bool) -> Events:
    n, ones = len(batch), np.ones(len(batch), np.int64)
    heads = number_table([record.head for record in batch], 6, ones, f"{path}: first line", first)
    counts = heads[:, 0].astype(np.int64)
    lines = [line for record in batch for line in record.lines]
    table = number_table(lines, len(_WORDS + _REALS), counts, f"{path}: particle line", first)
    # the status stands second, the PDG number first, as in the words
    flat = dict(zip(_WORDS + _REALS, table.T, strict=True))
    particles, mask = particle_columns(schema.objects[0], flat, counts, str(path), first, truncate=truncate)
    hard = {
        real.name: as_reals(heads[:, column], f"{path}: {real.name}", first)[:, None]
        for column, real in enumerate(_HARD.reals, start=3)
    }
    own = [record.weight for record in batch]
    weight = number_table(own, 1, ones, f"{path}: weight", first)[:, 0] if own[0] else np.ascontiguousarray(heads[:, 2])
    rows = np.arange(first, first + n, dtype=np.uint64)
    collections: dict[str, dict[str, NDArray[Any]]] = {"particle": {**particles}, "hard_process": {**hard}}
    process = {"process": _processes(init, heads[:, 1], path, first)}
    names = tuple(item.name for item in init.processes)
    return Events(schema, collections, weight, rows, rows, {}, {"particle": mask}, process, names)


def _processes(init: LheInit, numbers: NDArray[np.float64], path: Path, first: int) -> NDArray[np.int64]:
    """Index of the process of each event."""
    order = np.argsort([item.number for item in init.processes])
    known = np.array([item.number for item in init.processes], np.float64)[order]
    place = np.searchsorted(known, numbers).clip(max=len(known) - 1)
    wrong = known[place] != numbers
    if wrong.any():
        event = int(np.argmax(wrong))
        msg = f"{path}, event {first + event}: process {numbers[event]:g} is not among those of <init>: {known.tolist()}"
        raise DataError(msg)
    return np.asarray(order[place], dtype=np.int64)


def _survey(path: Path) -> tuple[int, int]:
    """Number of events, and particles of the largest."""
    n = most = 0
    with text_stream(path) as stream:
        take_init(stream)
        for record in _records(stream, None):
            n, most = n + 1, max(most, len(record.lines))
    return n, most


def _describe(path: Path) -> dict[str, Any]:
    n, most = _survey(path)
    return {
        "n_events": n,
        "objects": _schema(max(1, most)).to_dict()["objects"],
        "missing": ["event numbers"],
        "init": asdict(init := read_init(path)) | {"cross_section_pb": init.cross_section_pb},
    }


READER = Reader(
    name="lhe",
    title="Les Houches Event File, plain or gzip",
    suffixes=(".lhe", ".lhe.gz"),
    sniff=lambda path: b"<LesHouchesEvents" in first_bytes(path),
    iterate=iterate_lhe,
    describe=_describe,
)
