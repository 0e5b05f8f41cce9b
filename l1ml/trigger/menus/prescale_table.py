"""Prescale tables (CSV): one row for each algorithm, one named column for each running condition."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.menus.algorithm import N_ALGORITHMS
from l1ml.trigger.menus.document import document_text
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale import Prescale

__all__ = ["PrescaleTable", "read_prescale_table"]

_INDEX, _NAME = "Index", "Name"


@dataclass(frozen=True, slots=True)
class PrescaleTable:
    """Prescales of the algorithms of a menu by column.

    Parameters
    ----------
    names : tuple of str
        Names of the algorithms, in the order of the file.
    indices : tuple of int
        Bit of each, 0 to 511.
    columns : mapping of str to tuple of Prescale
        One prescale for each algorithm, by the name of the column.
    """

    names: tuple[str, ...]
    indices: tuple[int, ...]
    columns: Mapping[str, tuple[Prescale, ...]]

    def column(self, name: str) -> dict[str, Prescale]:
        """Prescale of each algorithm in the column `name`.

        Raises
        ------
        ConfigError
            If there is no such column, naming the nearest one.
        """
        if name not in self.columns:
            msg = f"the prescale table has no column {name!r}; {nearest(name, self.columns)}"
            raise ConfigError(msg)
        return dict(zip(self.names, self.columns[name], strict=True))

    def for_menu(self, menu: Menu, column: str) -> tuple[Prescale, ...]:
        """Prescales in `column` for the algorithms of `menu`, in its order.

        Raises
        ------
        ConfigError
            If there is no such column, or an algorithm of the menu has no row or another index in the table.
        """
        prescales = self.column(column)
        by_name = dict(zip(self.names, self.indices, strict=True))
        for algorithm in menu.algorithms:
            if algorithm.name not in by_name:
                msg = f"the prescale table has no row for {algorithm.name!r}; {nearest(algorithm.name, self.names)}"
                raise ConfigError(msg)
            if by_name[algorithm.name] != algorithm.index:
                msg = f"{algorithm.name} is bit {algorithm.index} of the menu and {by_name[algorithm.name]} of the prescale table"
                raise ConfigError(msg)
        return tuple(prescales[algorithm.name] for algorithm in menu.algorithms)

    def applied_to(self, menu: Menu, column: str) -> Menu:
        """`menu` with the prescales in `column`; errors as `for_menu`."""
        prescales = dict(zip(menu.names, self.for_menu(menu, column), strict=True))
        return menu.with_entries(lambda entry: replace(entry, prescale=prescales[entry.name]))


def read_prescale_table(path: Path) -> PrescaleTable:
    """Prescale table in the CSV file at `path`; the columns Index and Name come first, a byte-order mark is allowed.

    Raises
    ------
    DataError
        If the file is missing or not text, or a row is malformed (with its line).
    """
    text = document_text(path, "a prescale table")
    rows = [row for row in csv.reader(io.StringIO(text)) if row]
    titles = [title.strip() for title in rows[0]] if rows else []
    if titles[:2] != [_INDEX, _NAME] or len(titles) < 3 or len(set(titles)) < len(titles):
        msg = f"{path} is no prescale table: the first line must be {_INDEX},{_NAME},<columns>, each once; received {titles[:4]}"
        raise DataError(msg)
    parsed = [_row(row, len(titles), f"{path}, line {number}") for number, row in enumerate(rows[1:], 2)]
    _check_unique(parsed, path)
    columns = {title: tuple(row[2][column] for row in parsed) for column, title in enumerate(titles[2:])}
    return PrescaleTable(tuple(row[1] for row in parsed), tuple(row[0] for row in parsed), columns)


def _row(row: Sequence[str], width: int, where: str) -> tuple[int, str, list[Prescale]]:
    if len(row) != width:
        msg = f"{where}: expected {width} fields, received {len(row)}"
        raise DataError(msg)
    index = row[0].strip()
    if not index.isdecimal() or int(index) >= N_ALGORITHMS:
        msg = f"{where}: the index must be 0 to {N_ALGORITHMS - 1}, received {index!r}"
        raise DataError(msg)
    try:
        return int(index), row[1].strip(), [Prescale.parse(value) for value in row[2:]]
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise DataError(msg) from None


def _check_unique(rows: Sequence[tuple[int, str, list[Prescale]]], path: Path) -> None:
    for column, what in ((0, "index"), (1, "algorithm")):
        values = [row[column] for row in rows]
        repeated = sorted({str(value) for value in values if values.count(value) > 1})
        if repeated:
            msg = f"{path}: the {what} {repeated[0]} stands twice"
            raise DataError(msg)
