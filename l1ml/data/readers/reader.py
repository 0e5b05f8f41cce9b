"""What a file format of others must offer to become events."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from l1ml.data.events import Events

__all__ = ["Reader"]


@dataclass(frozen=True, slots=True)
class Reader:
    """One format: how to know it, read it as a stream, and say what a file holds.

    Parameters
    ----------
    name : str
        As in ``l1ml data convert --format NAME``.
    title : str
        One line for a person.
    suffixes : tuple of str
        Ends of file names that the format has, such as ``.root`` or ``.txt.gz``; only such files are sniffed.
    sniff : callable
        Whether the content of a file is of this format. Looks at the beginning or the table of contents only; False, never an
        exception, for anything else. Needs no optional package where the suffix and the first bytes already say no.
    iterate : callable
        ``iterate(path, *, chunk, **options)`` yields batches of at most `chunk` crossings, all with one schema, one set of
        optional columns and one tuple of processes; raises DataError or SchemaError that names the file and the place.
        Options are keyword-only with defaults, JSON values.
    describe : callable
        ``describe(path)``: JSON values for ``l1ml data info``; by custom ``n_events`` (or None where counting would read the
        file), ``objects`` (what `l1ml.data.schema` calls so, from ``EventSchema.to_dict()``) and ``missing`` (names of optional
        branches that the file lacks).
    """

    name: str
    title: str
    suffixes: tuple[str, ...]
    sniff: Callable[[Path], bool]
    iterate: Callable[..., Iterator[Events]]
    describe: Callable[[Path], dict[str, Any]]

    def fits_name(self, path: Path) -> bool:
        """Whether the name of `path` ends as files of this format do."""
        return path.name.lower().endswith(self.suffixes)
