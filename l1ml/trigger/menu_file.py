"""menu.toml: the menu as people write it, and as a run leaves it with the thresholds filled in."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError
from l1ml.storage import write_text
from l1ml.trigger.algorithm import Algorithm
from l1ml.trigger.condition import Condition, ObjectCondition, ScoreCondition, ScoreTarget
from l1ml.trigger.menu import CrossingRate, Menu

__all__ = ["menu_from_mapping", "menu_to_toml", "read_menu", "write_menu"]


@dataclass(frozen=True, slots=True)
class _Head:
    """Keys of menu.toml outside the algorithms."""

    name: str
    version: str = "1"
    rates: CrossingRate = field(default_factory=CrossingRate)


@dataclass(frozen=True, slots=True)
class _Entry:
    """Keys of one ``[[algorithm]]``; either a collection or a score."""

    name: str
    collection: str = ""
    thresholds_gev: tuple[float, ...] = ()
    eta_max: float | None = None
    score: str = ""
    rate_khz: float | None = None
    threshold: int | None = None
    model: str = ""
    alternatives: str = ""
    prescale: int = 1
    masked_bx: tuple[int, ...] = ()


def read_menu(path: Path) -> Menu:
    """Menu in the TOML file `path`.

    Raises
    ------
    ConfigError
        If the file is missing, is not TOML, has an unknown key (naming the nearest known one) or an impossible value.
    """
    return menu_from_mapping(read_toml(path), str(path))


def menu_from_mapping(mapping: Mapping[str, Any], where: str) -> Menu:
    """Menu from the content of a menu.toml; `where` names it in messages."""
    rest = dict(mapping)
    entries = rest.pop("algorithm", [])
    if not isinstance(entries, list):
        msg = f"{where}.algorithm must be a list of tables: write [[algorithm]], not [algorithm]"
        raise ConfigError(msg)
    head = from_mapping(_Head, rest, where)
    algorithms = tuple(_algorithm(entry, f"{where}: algorithm {index}") for index, entry in enumerate(entries, 1))
    return Menu(head.name, head.version, head.rates, algorithms)


def _algorithm(table: Any, where: str) -> Algorithm:
    entry = from_mapping(_Entry, table, where)
    place = f"{where} ({entry.name})"
    if bool(entry.collection) == bool(entry.score):
        msg = f"{place} must cut on either a collection or a score, received {entry.collection!r} and {entry.score!r}"
        raise ConfigError(msg)
    condition = _object_condition(entry, place) if entry.collection else _score_condition(entry, place)
    return Algorithm(entry.name, condition, entry.prescale, entry.alternatives, entry.masked_bx)


def _object_condition(entry: _Entry, place: str) -> ObjectCondition:
    if not entry.thresholds_gev or entry.rate_khz is not None or entry.threshold is not None or entry.model:
        msg = f"{place} cuts on {entry.collection!r}: give thresholds_gev, and neither rate_khz, threshold nor model"
        raise ConfigError(msg)
    try:
        return ObjectCondition(entry.collection, entry.thresholds_gev, entry.eta_max)
    except ConfigError as error:
        msg = f"{place}: {error}"
        raise ConfigError(msg) from error


def _score_condition(entry: _Entry, place: str) -> Condition:
    if entry.thresholds_gev or entry.eta_max is not None:
        msg = f"{place} cuts on the score {entry.score!r}: thresholds_gev and eta_max belong to a collection"
        raise ConfigError(msg)
    if entry.rate_khz is not None and not entry.rate_khz > 0:
        msg = f"{place}: rate_khz must be positive, received {entry.rate_khz}"
        raise ConfigError(msg)
    if (entry.threshold is None) != (not entry.model):
        msg = f"{place}: a threshold and the digest of its model go together, received {entry.threshold} and {entry.model!r}"
        raise ConfigError(msg)
    if entry.threshold is not None:
        return ScoreCondition(entry.score, entry.threshold, entry.model, entry.rate_khz)
    if entry.rate_khz is None:
        msg = f"{place} needs rate_khz (to be derived), or threshold and model"
        raise ConfigError(msg)
    return ScoreTarget(entry.score, entry.rate_khz)


def write_menu(path: Path, menu: Menu) -> None:
    """Write `menu` as TOML to `path`, whole or not at all; `read_menu` gives it back."""
    write_text(path, menu_to_toml(menu))


def menu_to_toml(menu: Menu) -> str:
    """Text of menu.toml."""
    lines = [f"name = {_value(menu.name)}", f"version = {_value(menu.version)}", "", "[rates]"]
    lines += [f"{key} = {_value(value)}" for key, value in asdict(menu.rates).items()]
    for algorithm in menu.algorithms:
        lines += ["", "[[algorithm]]", *(f"{key} = {_value(value)}" for key, value in _pairs(algorithm))]
    return "\n".join(lines) + "\n"


def _pairs(algorithm: Algorithm) -> Iterator[tuple[str, Any]]:
    """Keys of one algorithm that are not at their default."""
    default = _Entry(algorithm.name)
    entry = {**_condition_keys(algorithm.condition)}
    entry |= {key: getattr(algorithm, key) for key in ("prescale", "alternatives", "masked_bx")}
    yield "name", algorithm.name
    for key, value in entry.items():
        if value != getattr(default, key) or key == "prescale":
            yield key, value


def _condition_keys(condition: Condition) -> dict[str, Any]:
    match condition:
        case ObjectCondition():
            keys = {"collection": condition.collection, "thresholds_gev": condition.thresholds_gev}
            return keys | {"eta_max": condition.eta_max}
        case ScoreCondition():
            target = {"score": condition.score, "rate_khz": condition.target_khz}
            return target | {"threshold": condition.threshold, "model": condition.model}
        case ScoreTarget():
            return {"score": condition.score, "rate_khz": condition.rate_khz}


def _value(value: str | float | tuple[float, ...]) -> str:
    """TOML of a string, a number or a list of numbers; JSON strings are TOML basic strings."""
    if isinstance(value, tuple):
        return "[" + ", ".join(_value(item) for item in value) + "]"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
