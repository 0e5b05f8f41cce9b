"""Test vectors of the Global Trigger: one line a bunch crossing, every input word and every algorithm bit.

A line is the crossing number (4 decimal digits), the object words in the order of the era's layout, 256 external signals, 512
algorithm bits (bit 0 is the least significant) and the final OR, all hexadecimal and separated by one space. Written by CMSSW
(``L1Trigger/L1TGlobal/plugins/GtRecordDump.cc``) and read by the firmware's testbench (``lhc_data_debug_util_pkg.vhd``).
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from l1ml.data.text_lines import line_length, line_sink, open_lines
from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.data.ugt_lines import VectorLines
from l1ml.errors import DataError, SchemaError
from l1ml.hardware.ugt_layouts import UGT_LAYOUTS, ugt_layout

__all__ = ["N_CROSSINGS", "Crossings", "era_of", "iterate_vectors", "read_vectors", "write_vectors"]

_YEARS = {"2017": "2018", **{era: era for era in UGT_LAYOUTS}}
"""Era of each year with a known layout."""


def era_of(path: Path) -> str:
    """Era of the vector file `path`, by the year in its name or in the name of its folder.

    Raises
    ------
    SchemaError
        If neither names a year that l1ml has a layout for.
    """
    for name in (path.name, path.absolute().parent.name):
        for year in re.findall(r"(?<!\d)(20\d\d)(?!\d)", name):
            if year in _YEARS:
                return _YEARS[year]
    msg = f"{path} does not say which year's layout it has; name the era: {', '.join(UGT_LAYOUTS)}"
    raise SchemaError(msg)


def read_vectors(path: Path, era: str | None = None, *, whole_orbits: bool = True) -> Crossings:
    """All crossings of the vector file `path` (plain or gzip).

    Parameters
    ----------
    path : Path
        The file.
    era : str, optional
        Year of the layout; by default what the name of the file says.
    whole_orbits : bool
        Whether the first crossing must be 0 and the last 3563.

    Raises
    ------
    DataError
        If the file is missing, truncated or malformed, or a crossing is missing.
    SchemaError
        If the era is unknown or the lines have the columns of another one.
    """
    return Crossings.concatenate(iterate_vectors(path, era=era, whole_orbits=whole_orbits))


def iterate_vectors(
    path: Path,
    chunk: int = N_CROSSINGS,
    *,
    era: str | None = None,
    whole_orbits: bool = True,
    start: int = 0,
    stop: int | None = None,
) -> Iterator[Crossings]:
    """Crossings of the vector file `path` in batches of at most `chunk`; memory does not grow with the file.

    Parameters and errors as for `read_vectors`; from the line `start`, which is found at once in a file that is not packed, to
    before the line `stop`.
    """
    form = VectorLines(ugt_layout(era_of(path) if era is None else era))
    last = N_CROSSINGS - 1 if whole_orbits else None
    n_lines = start
    length = line_length(path) if start and path.is_file() else None
    with open_lines(path, start * (length or 0)) as stream:
        _skip(stream, start if length is None else 0)
        while lines := list(islice(stream, chunk if stop is None else min(chunk, stop - n_lines))):
            crossings = form.read(lines, path, n_lines + 1)
            _check_order(crossings.bx, last, path, n_lines + 1)
            last = int(crossings.bx[-1])
            n_lines += len(lines)
            yield crossings
    if n_lines == start:
        msg = f"{path} holds no crossings" + (f" from line {start + 1} on" if start else "")
        raise DataError(msg)
    if whole_orbits and last != N_CROSSINGS - 1:
        msg = f"{path} is truncated: it ends at crossing {last} (line {n_lines}), an orbit goes to {N_CROSSINGS - 1}"
        raise DataError(msg)


def _skip(stream: Iterator[bytes], n: int) -> None:
    """Pass over `n` lines."""
    next(islice(stream, n, n), None)


def write_vectors(path: Path, crossings: Crossings | Iterable[Crossings]) -> None:
    """Write `crossings` (one batch, or many of one era) to the vector file `path`; gzip if the name ends in ``.gz``.

    Raises
    ------
    SchemaError
        If the batches are of different eras.
    StorageError
        If the disk is full or `path` cannot be written.
    """
    eras: set[str] = set()
    with line_sink(path) as stream:
        for batch in [crossings] if isinstance(crossings, Crossings) else crossings:
            eras.add(batch.era)
            if len(eras) > 1:
                msg = f"{path} cannot hold crossings of the eras {', '.join(sorted(eras))}: their columns differ"
                raise SchemaError(msg)
            stream.write(VectorLines(batch.layout).write(batch))


def _check_order(bx: NDArray[np.int64], last: int | None, path: Path, first: int) -> None:
    """Refuse a batch, from line `first` on, whose crossings do not follow each other or the `last` one before it."""
    before = np.concatenate([[bx[0] - 1 if last is None else last], bx[:-1]])
    expected = (before + 1) % N_CROSSINGS
    wrong = bx != expected
    if wrong.any():
        row = int(np.nonzero(wrong)[0][0])
        msg = (
            f"{path}, line {first + row}: crossing {bx[row]} where {expected[row]} belongs: crossings are missing, repeated or "
            f"out of order (an orbit has 0 to {N_CROSSINGS - 1})"
        )
        raise DataError(msg)
