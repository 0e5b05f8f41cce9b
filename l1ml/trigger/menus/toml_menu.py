"""A menu as TOML: the grammar strings of the Global Trigger, and the hardware values behind their names."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, cast, get_args

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError, nearest
from l1ml.storage import write_text
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.expression import references
from l1ml.trigger.menus.grammar import GrammarError, parse_expression
from l1ml.trigger.menus.menu import Menu, MenuInformation
from l1ml.trigger.menus.object_scales import object_scales, threshold_word
from l1ml.trigger.menus.object_types import split_object
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.requirements import CorrelationCut, CorrelationKind, Cut, CutKind, Window

__all__ = ["menu_from_mapping", "read_toml_menu", "toml_of_menu", "write_toml_menu"]

_TABLES = frozenset({"quality", "isolation", "impact", "displaced"})
_TEXTS = frozenset({"charge", "model"})
_PHYSICAL = frozenset({"eta", "phi"})
_HEADER = "# Limits are hardware words; those of correlation_cuts are integers at their decimal precision.\n"


@dataclass(frozen=True, slots=True)
class _CutTable:
    """Keys of one cut on an object: a window, or a table, or a text, or a rate; of one on a score which outputs it is on."""

    kind: str
    minimum: int | None = None
    maximum: int | None = None
    physical: tuple[float, ...] = ()
    table: int | None = None
    text: str = ""
    rate_khz: float | None = None
    output: str | int = ""
    against: str | int = ""


@dataclass(frozen=True, slots=True)
class _CorrelationTable:
    """Keys of one cut between objects."""

    kind: str
    minimum: int = 0
    maximum: int = 0
    precision: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class _AlgorithmTable:
    """Keys of one ``[[algorithm]]``."""

    name: str
    expression: str
    index: int | None = None
    comment: str = ""
    labels: tuple[str, ...] = ()
    prescale: float = 1.0
    alternatives: str = ""
    masked_bx: tuple[int, ...] = ()
    in_final_or: bool = True
    is_veto: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    """Keys of the file outside its tables of names."""

    name: str
    information: MenuInformation = field(default_factory=MenuInformation)
    rates: CrossingRate = field(default_factory=CrossingRate)


def read_toml_menu(path: Path) -> Menu:
    """Menu in the TOML file at `path`.

    A threshold that ``[thresholds]`` does not list is the word of the number in the object's name, rounded up (MU22: 22 GeV);
    algorithms that state no index are numbered in their order.

    Raises
    ------
    ConfigError
        If the file is missing or not TOML, has an unknown key (naming the nearest known one) or kind of cut, or an expression
        that does not parse or names something without definition.
    """
    return menu_from_mapping(read_toml(path), str(path))


def menu_from_mapping(content: Mapping[str, Any], where: str) -> Menu:
    """Menu from the content of a TOML file; `where` names it in messages."""
    rest = dict(content)
    entries = _entries(rest, where)
    thresholds = _integers(rest, "thresholds", where)
    definitions = Definitions(
        thresholds | _stated_in_names(entries, thresholds),
        {name: _cut(name, entry, where) for name, entry in _names(rest, "object_cuts", where)},
        {name: _correlation(name, entry, where) for name, entry in _names(rest, "correlation_cuts", where)},
        _integers(rest, "externals", where),
    )
    networks = _networks(rest, where)
    head = from_mapping(_Head, rest, where)
    return Menu.from_entries(head.name, entries, definitions, head.information, rates=head.rates, networks=networks)


def write_toml_menu(path: Path, menu: Menu) -> None:
    """Write `menu` as TOML to `path`, whole or not at all; `read_toml_menu` gives an equal menu back."""
    write_text(path, toml_of_menu(menu))


def toml_of_menu(menu: Menu) -> str:
    """Text of the TOML file."""
    definitions = menu.definitions
    lines = [f"name = {_value(menu.name)}", "", "[information]", *_keys(menu.information)]
    lines += ["", "[rates]", *(f"{key} = {_value(value)}" for key, value in asdict(menu.rates).items())]
    lines += ["", "[networks]", *_pairs(menu.networks)] if menu.networks else []
    lines += ["", "[thresholds]", *_pairs(definitions.thresholds)]
    lines += ["", "[externals]", *_pairs(definitions.externals)] if definitions.externals else []
    lines += ["", "[object_cuts]", *(_line(name, _cut_table(cut)) for name, cut in definitions.object_cuts.items())]
    correlations = definitions.correlation_cuts.items()
    lines += ["", "[correlation_cuts]", *(_line(name, _correlation_table(cut)) for name, cut in correlations)]
    for algorithm in menu.algorithms:
        lines += ["", "[[algorithm]]", *_algorithm_lines(algorithm.entry)]
    return _HEADER + "\n".join(lines) + "\n"


def _entries(rest: dict[str, Any], where: str) -> list[AlgorithmEntry]:
    tables = rest.pop("algorithm", [])
    if not isinstance(tables, list):
        msg = f"{where}.algorithm must be a list of tables: write [[algorithm]], not [algorithm]"
        raise ConfigError(msg)
    keys = [from_mapping(_AlgorithmTable, table, f"{where}: algorithm {number}") for number, table in enumerate(tables, 1)]
    stated = [item.index is not None for item in keys]
    if any(stated) and not all(stated):
        msg = f"{where}: {keys[stated.index(False)].name} has no index while others have; state it for all or for none"
        raise ConfigError(msg)
    return [_entry(item, number, where) for number, item in enumerate(keys)]


def _entry(keys: _AlgorithmTable, number: int, where: str) -> AlgorithmEntry:
    place = f"{where}: algorithm {number + 1} ({keys.name})"
    values: dict[str, Any] = {item.name: getattr(keys, item.name) for item in fields(keys)}
    values["index"] = number if keys.index is None else keys.index
    try:
        return AlgorithmEntry(**values | {"prescale": Prescale.parse(repr(keys.prescale))})
    except ConfigError as error:
        msg = f"{place}: {error}"
        raise ConfigError(msg) from error


def _stated_in_names(entries: Iterable[AlgorithmEntry], known: Mapping[str, int]) -> dict[str, int]:
    """Thresholds of the objects that only their names state."""
    found: dict[str, int] = {}
    for entry in entries:
        try:
            terms = [reference.term for reference in references(parse_expression(entry.expression))]
            names = [item.name for term in terms for item in term.objects if split_object(item.name).threshold]
            found |= {name: threshold_word(name) for name in names if name not in known and name not in found}
        except GrammarError as error:
            raise error.within(entry.name) from None
        except ConfigError as error:
            msg = f"{entry.name}: {error}"
            raise ConfigError(msg) from error
    return found


def _networks(rest: dict[str, Any], where: str) -> dict[str, str]:
    networks: dict[str, str] = {}
    for name, value in _names(rest, "networks", where):
        if not isinstance(value, str) or not value:
            msg = f"{where}.networks.{name} must be the digest of a model, received {value!r}"
            raise ConfigError(msg)
        networks[name] = value
    return networks


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
    own = {"winner": "output"} | dict.fromkeys(_TABLES, "table") | dict.fromkeys(_TEXTS, "text")
    _check_keys(keys, own.get(kind, "window"), place)
    window = _window(name, keys, place)
    _check_outputs(keys, place)
    if kind == "winner":
        return Cut(kind, name, output=str(keys.output))
    if kind != "phi" and window is not None and window.wraps:
        raise ConfigError(_empty(place, window.minimum, window.maximum))
    if kind == "score" and keys.rate_khz is not None:
        if not keys.rate_khz > 0:
            msg = f"{place}.rate_khz must be positive, received {keys.rate_khz}"
            raise ConfigError(msg)
        return Cut(kind, name, window, rate_khz=keys.rate_khz, output=str(keys.output), against=str(keys.against))
    needed = "table" if kind in _TABLES else "text" if kind in _TEXTS else "minimum"
    if (getattr(keys, needed) in {None, ""} and (needed != "minimum" or window is None)) or keys.rate_khz is not None:
        more = {"score": " or 'rate_khz'", "eta": " or 'physical'", "phi": " or 'physical'"}.get(kind, "")
        msg = f"{place} is a cut of kind {kind!r} and needs the key {needed!r}{more}; rate_khz belongs to scores only"
        raise ConfigError(msg)
    return Cut(kind, name, window, keys.table, keys.text, output=str(keys.output), against=str(keys.against))


def _check_outputs(keys: _CutTable, place: str) -> None:
    """Refuse outputs of a network where there is no score, one alone where two are needed, and none where one is."""
    if keys.output != "" and keys.kind not in {"score", "winner"}:
        msg = f"{place} is a cut of kind {keys.kind!r} and has no key 'output', which says which output of a network a score is"
        raise ConfigError(msg)
    if keys.kind == "winner" and (keys.output == "" or keys.rate_khz is not None):
        msg = f"{place} is a cut of kind 'winner' and needs the key 'output' and no other: the class that the object is of"
        raise ConfigError(msg)
    if keys.against != "" and (keys.kind != "score" or keys.output == "" or str(keys.output) == str(keys.against)):
        msg = f"{place}.against is the output that is subtracted from another one: a cut of kind 'score' states both"
        raise ConfigError(msg)


def _check_keys(keys: _CutTable | _CorrelationTable, carries: str, place: str) -> None:
    """Refuse a key that a cut of this kind does not carry: nothing would ask for it."""
    windows = ("minimum", "maximum", "physical", "rate_khz", "precision")
    own = {"window": windows, "table": ("table",), "text": ("text",), "output": ("output",)}[carries]
    default = type(keys)(keys.kind)
    for item in fields(keys):
        if item.name not in {"kind", "rate_khz", "output", "against", *own} and getattr(keys, item.name) != getattr(
            default, item.name
        ):
            msg = f"{place} is a cut of kind {keys.kind!r}, which has no {item.name!r}; known: {', '.join(own)}"
            raise ConfigError(msg)


def _empty(place: str, minimum: int, maximum: int | None) -> str:
    return f"{place} asks for {minimum} to {maximum}, which no word is; only phi wraps around"


def _window(name: str, keys: _CutTable, place: str) -> Window | None:
    """Window of the words, or of the physical limits: those are rounded inwards."""
    if not keys.physical:
        return None if keys.minimum is None else Window(keys.minimum, keys.maximum)
    if keys.kind not in _PHYSICAL or len(keys.physical) != 2 or keys.minimum is not None or keys.maximum is not None:
        msg = f"{place}.physical must be [lowest, highest] of a cut on {' or '.join(sorted(_PHYSICAL))}, without words beside it"
        raise ConfigError(msg)
    scale = object_scales(name.partition("-")[0])[keys.kind]
    low, high = keys.physical
    return Window(int(scale.to_hw(low, "ceil")), int(scale.to_hw(high, "floor")))


def _correlation(name: str, entry: Any, where: str) -> CorrelationCut:
    place = f"{where}.correlation_cuts.{name}"
    keys = from_mapping(_CorrelationTable, entry, place)
    kind = cast("CorrelationKind", _known(keys.kind, get_args(CorrelationKind), place))
    _check_keys(keys, "text" if kind == "charge" else "window", place)
    if keys.minimum > keys.maximum:
        raise ConfigError(_empty(place, keys.minimum, keys.maximum))
    return CorrelationCut(kind, name, keys.minimum, keys.maximum, keys.precision, keys.text)


def _known(kind: str, kinds: tuple[str, ...], place: str) -> str:
    if kind not in kinds:
        msg = f"{place} has the unknown kind {kind!r}; {nearest(kind, kinds)}"
        raise ConfigError(msg)
    return kind


def _cut_table(cut: Cut) -> _CutTable:
    window = cut.window
    minimum, maximum = (None, None) if window is None else (window.minimum, window.maximum)
    return _CutTable(cut.kind, minimum, maximum, (), cut.table, cut.text, cut.rate_khz, cut.output, cut.against)


def _correlation_table(cut: CorrelationCut) -> _CorrelationTable:
    return _CorrelationTable(cut.kind, cut.minimum, cut.maximum, cut.precision, cut.text)


def _line(name: str, table: _CutTable | _CorrelationTable) -> str:
    """One cut as an inline table of the keys that are not at their default."""
    default = type(table)(table.kind)
    pairs = asdict(table).items()
    keys = ", ".join(f"{key} = {_value(value)}" for key, value in pairs if key == "kind" or value != getattr(default, key))
    return f"{_value(name)} = {{ {keys} }}"


def _pairs(values: Mapping[str, int] | Mapping[str, str]) -> list[str]:
    return [f"{_value(name)} = {_value(value)}" for name, value in values.items()]


def _keys(information: MenuInformation) -> list[str]:
    """Lines of a table: without what is empty."""
    return [f"{name} = {_value(value)}" for name, value in asdict(information).items() if value]


def _algorithm_lines(entry: AlgorithmEntry) -> list[str]:
    """Keys of one algorithm that are not at their default."""
    default = AlgorithmEntry(entry.index, entry.name, entry.expression)
    lines = []
    for item in fields(entry):
        value = getattr(entry, item.name)
        if item.name in {"index", "name", "expression"} or value != getattr(default, item.name):
            text = str(value) if isinstance(value, Prescale) else _value(value)
            lines.append(f"{item.name} = {text}")
    return lines


def _value(value: str | float | tuple[str | float, ...]) -> str:
    """TOML of a string, number, boolean or list; JSON strings are TOML basic strings but for one character."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f") if isinstance(value, str) else repr(value)
