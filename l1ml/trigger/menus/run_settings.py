"""Run settings of the Global Trigger (XML): prescales, the finor and veto masks, and the bunch crossings that are masked."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from l1ml.data.ugt_crossings import N_CROSSINGS
from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.document import document_bytes
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.prescale_table import PrescaleTable

__all__ = ["RunSettings", "read_run_settings"]

_T = TypeVar("_T")
_ALL = "ALL"
_FINOR, _VETO, _BX_MASK, _PRESCALES = "finorMask", "vetoMask", "algorithmBxMask", "prescales"
_COLUMNS = {_FINOR: ("algo", "mask"), _VETO: ("algo", "veto"), _BX_MASK: ("algo", "range", "mask")}
_INDEX = "algo/prescale-index"
_FLAGS = {"0": False, "1": True}


@dataclass(frozen=True, slots=True)
class RunSettings:
    """Settings for the algorithms of a menu; what a file does not hold is None.

    Parameters
    ----------
    finor : mapping of str to bool, optional
        Whether an algorithm enters the final OR; keys are names, indices as text, or "ALL" for those that are not listed.
    veto : mapping of str to bool, optional
        Whether it forbids the crossing; keys as above.
    bx_mask : tuple of (str, str, bool), optional
        Algorithm (or "ALL"), range of crossings ("7", "3500-3563", through 0 where it falls, or "ALL"), and whether it may
        fire there; later rows change earlier ones.
    prescales : mapping of str to mapping of str to Prescale, optional
        For each column the prescale of each algorithm.
    """

    finor: Mapping[str, bool] | None = None
    veto: Mapping[str, bool] | None = None
    bx_mask: tuple[tuple[str, str, bool], ...] | None = None
    prescales: Mapping[str, Mapping[str, Prescale]] | None = None

    def applied_to(self, menu: Menu, column: str | None = None) -> Menu:
        """`menu` with these masks, and with the prescales of `column` if one is named.

        Raises
        ------
        ConfigError
            If a setting names an algorithm that the menu does not have, leaves one out without an "ALL" row, a range is none,
            or there is no such column.
        """
        for table in (self.finor or {}, self.veto or {}, [row[0] for row in self.bx_mask or ()]):
            _check_names(table, menu)
        prescales = None if column is None else self._column(column)

        def changed(entry: AlgorithmEntry) -> AlgorithmEntry:
            keys: dict[str, object] = {}
            if self.finor is not None:
                keys["in_final_or"] = _setting(entry, self.finor, _FINOR)
            if self.veto is not None:
                keys["is_veto"] = _setting(entry, self.veto, _VETO)
            if self.bx_mask is not None:
                keys["masked_bx"] = _masked(entry, self.bx_mask)
            if prescales is not None:
                keys["prescale"] = _setting(entry, prescales, f"{_PRESCALES}, column {column!r}")
            return replace(entry, **keys)  # type: ignore[arg-type]

        return menu.with_entries(changed)

    def prescale_table(self, menu: Menu) -> PrescaleTable:
        """All prescale columns for the algorithms of `menu`.

        Raises
        ------
        ConfigError
            If a column says nothing about an algorithm and has no "ALL" row.
        """
        entries = [item.entry for item in menu.algorithms]
        columns = {
            name: tuple(_setting(entry, values, f"{_PRESCALES}, column {name!r}") for entry in entries)
            for name, values in (self.prescales or {}).items()
        }
        return PrescaleTable(menu.names, tuple(entry.index for entry in entries), columns)

    def _column(self, name: str) -> Mapping[str, Prescale]:
        columns = self.prescales or {}
        if name not in columns:
            msg = f"the run settings have no prescale column {name!r}; {nearest(name, columns)}"
            raise ConfigError(msg)
        return columns[name]


def read_run_settings(path: Path) -> RunSettings:
    """Run settings in the XML file at `path`, plain or gzip: any of the tables prescales, finorMask, vetoMask, algorithmBxMask.

    Raises
    ------
    DataError
        If the file is missing, not XML, holds none of these tables, or a row is malformed (with its number).

    Notes
    -----
    Layout and meaning follow ``L1TGlobalPrescalesVetosFractOnlineProd`` of CMSSW: a finor mask of 1 lets an algorithm into the
    final OR, crossing 3564 is crossing 0.
    """
    where = str(path)
    try:
        root = ET.fromstring(document_bytes(path, "run settings"))
    except ET.ParseError as error:
        msg = f"{where} is not XML: {error}"
        raise DataError(msg) from error
    tables = {item.get("id", ""): item for item in root.iter("param") if item.get("type") == "table"}
    if not set(tables) & {*_COLUMNS, _PRESCALES}:
        msg = f"{where} holds none of the tables {', '.join((*_COLUMNS, _PRESCALES))}; received {', '.join(tables) or 'none'}"
        raise DataError(msg)
    return RunSettings(
        _flags(tables, _FINOR, where),
        _flags(tables, _VETO, where),
        _bx_rows(tables, where),
        _prescales(tables, where),
    )


def _flags(tables: Mapping[str, Element], name: str, where: str) -> dict[str, bool] | None:
    if name not in tables:
        return None
    rows = _rows(tables[name], f"{where}, {name}", _COLUMNS[name])
    return {algorithm: _flag(value, f"{where}, {name}, row {number}") for number, (algorithm, value) in enumerate(rows, 1)}


def _bx_rows(tables: Mapping[str, Element], where: str) -> tuple[tuple[str, str, bool], ...] | None:
    if _BX_MASK not in tables:
        return None
    place = f"{where}, {_BX_MASK}"
    rows = _rows(tables[_BX_MASK], place, _COLUMNS[_BX_MASK])
    return tuple((name, span, _flag(value, f"{place}, row {number}")) for number, (name, span, value) in enumerate(rows, 1))


def _prescales(tables: Mapping[str, Element], where: str) -> dict[str, dict[str, Prescale]] | None:
    if _PRESCALES not in tables:
        return None
    place = f"{where}, {_PRESCALES}"
    titles = _cells(tables[_PRESCALES].findtext("columns") or "")
    if len(titles) < 2 or titles[0] != _INDEX or len(set(titles)) < len(titles):
        msg = f"{place}: the columns must be {_INDEX} and one or more names, each once; received {titles}"
        raise DataError(msg)
    columns: dict[str, dict[str, Prescale]] = {title: {} for title in titles[1:]}
    for number, row in enumerate(_rows(tables[_PRESCALES], place, tuple(titles)), 1):
        try:
            for title, value in zip(titles[1:], row[1:], strict=True):
                columns[title][row[0]] = Prescale.parse(value)
        except ConfigError as error:
            msg = f"{place}, row {number}: {error}"
            raise DataError(msg) from None
    return columns


def _rows(table: Element, where: str, columns: tuple[str, ...]) -> list[list[str]]:
    """Rows of a table, each with as many cells as it has columns."""
    titles = _cells(table.findtext("columns") or "")
    if titles != list(columns):
        msg = f"{where}: the columns must be {','.join(columns)}, received {','.join(titles) or 'none'}"
        raise DataError(msg)
    rows = [_cells(row.text or "") for row in table.iter("row")]
    for number, row in enumerate(rows, 1):
        if len(row) != len(columns):
            msg = f"{where}, row {number}: expected {len(columns)} cells, received {row}"
            raise DataError(msg)
    return rows


def _cells(text: str) -> list[str]:
    return [cell.strip() for cell in text.split(",")]


def _flag(text: str, where: str) -> bool:
    if text not in _FLAGS:
        msg = f"{where}: a mask is 0 or 1, received {text!r}"
        raise DataError(msg)
    return _FLAGS[text]


def _is_all(text: str) -> bool:
    return text.upper() == _ALL


def _check_names(names: Iterable[str], menu: Menu) -> None:
    for name in names:
        if not _is_all(name) and not name.isdecimal() and name not in menu.names:
            msg = f"the run settings name {name!r}, which menu {menu.name!r} does not have; {nearest(name, menu.names)}"
            raise ConfigError(msg)


def _setting(entry: AlgorithmEntry, table: Mapping[str, _T], what: str) -> _T:
    """Value for an algorithm: by its name, its index, or the row of all others."""
    for key in (entry.name, str(entry.index), *(name for name in table if _is_all(name))):
        if key in table:
            return table[key]
    msg = f"{what} says nothing about {entry.name} (bit {entry.index}) and has no {_ALL} row"
    raise ConfigError(msg)


def _masked(entry: AlgorithmEntry, rows: tuple[tuple[str, str, bool], ...]) -> tuple[int, ...]:
    masked: set[int] = set()
    for name, span, may_fire in rows:
        if _is_all(name) or name in {entry.name, str(entry.index)}:
            masked = masked - _crossings(span) if may_fire else masked | _crossings(span)
    return tuple(sorted(masked))


def _crossings(span: str) -> set[int]:
    """Crossings of a range, both ends in; through 0 where the last lies before the first."""
    if _is_all(span):
        return set(range(N_CROSSINGS))
    first, _, last = (part.strip() for part in span.partition("-"))
    ends = [first, last or first]
    if not all(end.isdecimal() and int(end) <= N_CROSSINGS for end in ends):
        msg = f"a range of crossings is 'a', 'a-b' (0 to {N_CROSSINGS}) or {_ALL}, received {span!r}"
        raise ConfigError(msg)
    low, high = (int(end) % N_CROSSINGS for end in ends)
    return set(range(low, high + 1)) if low <= high else set(range(low, N_CROSSINGS)) | set(range(high + 1))
