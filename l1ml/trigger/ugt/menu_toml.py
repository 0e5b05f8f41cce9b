"""A menu of the Global Trigger as TOML: the same grammar strings, and the hardware values behind their names."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast, get_args

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError, nearest
from l1ml.storage import write_text
from l1ml.trigger.ugt.definitions import Definitions
from l1ml.trigger.ugt.menu_document import AlgorithmEntry, MenuInformation, UgtMenu
from l1ml.trigger.ugt.requirements import CorrelationCut, CorrelationKind, Cut, CutKind, Window

__all__ = ["read_toml_menu", "toml_of_menu", "write_toml_menu"]

_TABLES = frozenset({"quality", "isolation", "impact", "displaced"})
_TEXTS = frozenset({"charge", "model"})
_HEADER = "# Limits are hardware words; those of correlation_cuts are integers at their decimal precision.\n"


@dataclass(frozen=True, slots=True)
class _CutTable:
    """Keys of one cut on an object: a window, or a table, or a text."""

    kind: str
    minimum: int | None = None
    maximum: int | None = None
    table: int | None = None
    text: str = ""


@dataclass(frozen=True, slots=True)
class _CorrelationTable:
    """Keys of one cut between objects."""

    kind: str
    minimum: int = 0
    maximum: int = 0
    precision: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class _Head:
    """Keys of the file outside its tables of names."""

    name: str
    information: MenuInformation = field(default_factory=MenuInformation)


def read_toml_menu(path: Path) -> UgtMenu:
    """Menu in the TOML file at `path`.

    Raises
    ------
    ConfigError
        If the file is missing or not TOML, has an unknown key (naming the nearest known one) or kind of cut, or an expression
        that does not parse or names something without definition.
    """
    where = str(path)
    rest = read_toml(path)
    entries = rest.pop("algorithm", [])
    if not isinstance(entries, list):
        msg = f"{where}.algorithm must be a list of tables: write [[algorithm]], not [algorithm]"
        raise ConfigError(msg)
    algorithms = [from_mapping(AlgorithmEntry, entry, f"{where}: algorithm {number}") for number, entry in enumerate(entries, 1)]
    definitions = Definitions(
        _integers(rest, "thresholds", where),
        {name: _cut(name, entry, where) for name, entry in _names(rest, "object_cuts", where)},
        {name: _correlation(name, entry, where) for name, entry in _names(rest, "correlation_cuts", where)},
        _integers(rest, "externals", where),
    )
    head = from_mapping(_Head, rest, where)
    return UgtMenu.from_entries(head.name, algorithms, definitions, head.information)


def write_toml_menu(path: Path, menu: UgtMenu) -> None:
    """Write `menu` as TOML to `path`, whole or not at all; `read_toml_menu` gives an equal menu back."""
    write_text(path, toml_of_menu(menu))


def toml_of_menu(menu: UgtMenu) -> str:
    """Text of the TOML file."""
    definitions = menu.definitions
    lines = [f"name = {_value(menu.name)}", "", "[information]", *_keys(menu.information)]
    lines += ["", "[thresholds]", *_integer_lines(definitions.thresholds)]
    lines += ["", "[externals]", *_integer_lines(definitions.externals)] if definitions.externals else []
    lines += ["", "[object_cuts]", *(_line(name, _cut_table(cut)) for name, cut in definitions.object_cuts.items())]
    correlations = definitions.correlation_cuts.items()
    lines += ["", "[correlation_cuts]", *(_line(name, _correlation_table(cut)) for name, cut in correlations)]
    for algorithm in menu.algorithms:
        lines += ["", "[[algorithm]]", *_keys(algorithm.entry)]
    return _HEADER + "\n".join(lines) + "\n"


def _names(rest: dict[str, Any], key: str, where: str) -> Iterator[tuple[str, Any]]:
    table = rest.pop(key, {})
    if not isinstance(table, Mapping):
        msg = f"{where}.{key} must be a table, received {table!r}"
        raise ConfigError(msg)
    yield from table.items()


def _integers(rest: dict[str, Any], key: str, where: str) -> dict[str, int]:
    values: dict[str, int] = {}
    for name, value in _names(rest, key, where):
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            msg = f"{where}.{key}.{name} must be a word, received {value!r}"
            raise ConfigError(msg)
        values[name] = value
    return values


def _cut(name: str, entry: Any, where: str) -> Cut:
    place = f"{where}.object_cuts.{name}"
    keys = from_mapping(_CutTable, entry, place)
    kind = cast("CutKind", _known(keys.kind, get_args(CutKind), place))
    needed = "table" if kind in _TABLES else "text" if kind in _TEXTS else "minimum"
    if getattr(keys, needed) in {None, ""}:
        msg = f"{place} is a cut of kind {kind!r} and needs the key {needed!r}"
        raise ConfigError(msg)
    window = None if keys.minimum is None else Window(keys.minimum, keys.maximum)
    return Cut(kind, name, window, keys.table, keys.text)


def _correlation(name: str, entry: Any, where: str) -> CorrelationCut:
    place = f"{where}.correlation_cuts.{name}"
    keys = from_mapping(_CorrelationTable, entry, place)
    kind = cast("CorrelationKind", _known(keys.kind, get_args(CorrelationKind), place))
    return CorrelationCut(kind, name, keys.minimum, keys.maximum, keys.precision, keys.text)


def _known(kind: str, kinds: tuple[str, ...], place: str) -> str:
    if kind not in kinds:
        msg = f"{place} has the unknown kind {kind!r}; {nearest(kind, kinds)}"
        raise ConfigError(msg)
    return kind


def _cut_table(cut: Cut) -> _CutTable:
    window = cut.window
    minimum, maximum = (None, None) if window is None else (window.minimum, window.maximum)
    return _CutTable(cut.kind, minimum, maximum, cut.table, cut.text)


def _correlation_table(cut: CorrelationCut) -> _CorrelationTable:
    return _CorrelationTable(cut.kind, cut.minimum, cut.maximum, cut.precision, cut.text)


def _line(name: str, table: _CutTable | _CorrelationTable) -> str:
    """One cut as an inline table of the keys that are not at their default."""
    default = type(table)(table.kind)
    pairs = asdict(table).items()
    keys = ", ".join(f"{key} = {_value(value)}" for key, value in pairs if key == "kind" or value != getattr(default, key))
    return f"{_value(name)} = {{ {keys} }}"


def _integer_lines(values: Mapping[str, int]) -> list[str]:
    return [f"{_value(name)} = {value}" for name, value in values.items()]


def _keys(entry: AlgorithmEntry | MenuInformation) -> list[str]:
    """Lines of a table: without what is empty."""
    values = ((item.name, getattr(entry, item.name)) for item in fields(entry))
    return [f"{name} = {_value(value)}" for name, value in values if value not in {"", ()}]


def _value(value: str | int | tuple[str, ...]) -> str:
    """TOML of a string, an integer or a list of strings; JSON strings are TOML basic strings but for one character."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else str(value)
