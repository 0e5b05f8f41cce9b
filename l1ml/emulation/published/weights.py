"""Weights of a published network: as many as its sources list, and never silently zero."""

from __future__ import annotations

from pathlib import Path

from l1ml.emulation.published.declarations import Table
from l1ml.emulation.published.library_port import LibraryPort
from l1ml.emulation.published.sources import PublishedSources
from l1ml.errors import ConversionError

__all__ = ["check_weights"]


def check_weights(sources: PublishedSources, port: LibraryPort) -> None:
    """Compare each table in the library of `sources` with what the text of its header lists.

    C++ fills a table that is given too few values with zeros, and one that is given none altogether.

    Raises
    ------
    ConversionError
        If a table is short of values or all zero where it should not be; the message names the file.
    """
    tables = sources.value_tables()
    for (path, table), (length, n_nonzero) in zip(tables, port.tables(len(tables)).tolist(), strict=True):
        _check(path, table, length, n_nonzero)


def _check(path: Path, table: Table, length: int, n_nonzero: int) -> None:
    name = table.name.removeprefix("::")
    if table.n_values is None:
        if n_nonzero == 0:
            msg = f"{path} gives {name}[{length}] no values; weights in text files are not read: publish them in the header"
            raise ConversionError(msg)
    elif table.n_values != length and not (table.cleared and not table.is_weight):
        msg = f"{path} is truncated: it lists {table.n_values} of the {length} values of {name}"
        raise ConversionError(msg)
    elif n_nonzero == 0 and (table.is_weight or not table.stated_zero):
        msg = f"{path}: all {length} values of {name} are zero; the weights were lost when it was written"
        raise ConversionError(msg)
