"""TOML tables into frozen dataclasses: a typo fails at once and names the key that was meant."""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

from l1ml.errors import ConfigError, nearest

__all__ = ["from_mapping", "read_toml"]

T = TypeVar("T")

_LARGEST = sys.float_info.max


def read_toml(path: Path) -> dict[str, Any]:
    """Content of the TOML file at `path`.

    Raises
    ------
    ConfigError
        If the file is missing or is not TOML.
    """
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        instead = "; give the folder of a model such as models/axo" if path.name == "model.toml" else ""
        msg = f"{path} does not exist{instead}"
        raise ConfigError(msg) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        msg = f"{path} is not TOML: {error}"
        raise ConfigError(msg) from error


def from_mapping(cls: type[T], mapping: Mapping[str, Any], where: str) -> T:
    """Instance of the dataclass `cls` from `mapping`; `where` names the table in messages.

    Nested dataclasses take nested tables; lists become tuples; an integer is accepted where a float is declared.

    Raises
    ------
    ConfigError
        On an unknown key (naming the nearest known one), a missing key, a value of the wrong type, or a value that the
        dataclass itself refuses.
    """
    hints = get_type_hints(cls)
    known = {field.name: field for field in fields(cls)}  # type: ignore[arg-type]
    for key in mapping:
        if key not in known:
            msg = f"{where} has no key {key!r}; {nearest(key, known)}"
            raise ConfigError(msg)
    for name, field in known.items():
        if name not in mapping and field.default is MISSING and field.default_factory is MISSING:
            msg = f"{where} lacks the key {name!r}"
            raise ConfigError(msg)
    values = {key: _convert(hints[key], value, f"{where}.{key}") for key, value in mapping.items()}
    try:
        return cls(**values)
    except ConfigError:
        raise
    except (TypeError, ValueError) as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error


def _convert(hint: Any, value: Any, where: str) -> Any:
    """`value` as the type `hint`, or a ConfigError that says what was expected."""
    if value is None and type(None) in get_args(hint):
        # TOML has no such value; a configuration that was kept as JSON has
        return None
    if get_origin(hint) is UnionType:
        # a table or a list that may be left out
        hint = next((option for option in get_args(hint) if is_dataclass(option) or get_origin(option) is tuple), hint)
    if is_dataclass(hint) and isinstance(hint, type):
        if not isinstance(value, Mapping):
            msg = f"{where} must be a table, received {value!r}"
            raise ConfigError(msg)
        return from_mapping(hint, value, where)
    if get_origin(hint) is tuple:
        return _convert_tuple(hint, value, where)
    if get_origin(hint) is Mapping:
        return _convert_mapping(hint, value, where)
    options = [option for option in (get_args(hint) or (hint,)) if option is not type(None)]
    for option in options:
        if _fits(option, value):
            return _finite(value, where) if option is float else value
    expected = " or ".join(getattr(option, "__name__", str(option)) for option in options)
    msg = f"{where} must be {expected}, received {value!r}"
    raise ConfigError(msg)


def _finite(value: float, where: str) -> float:
    """`value` as a float; TOML knows nan, inf and integers of any length, no setting here means any of them."""
    if not -_LARGEST <= value <= _LARGEST:
        msg = f"{where} must be a finite number, received {value!r}"
        raise ConfigError(msg)
    return float(value)


def _convert_tuple(hint: Any, value: Any, where: str) -> tuple[Any, ...]:
    """A TOML list as the homogeneous tuple that `hint` declares."""
    if not isinstance(value, (list, tuple)):
        msg = f"{where} must be a list, received {value!r}"
        raise ConfigError(msg)
    inner = get_args(hint)[0]
    return tuple(_convert(inner, item, f"{where}[{index}]") for index, item in enumerate(value))


def _convert_mapping(hint: Any, value: Any, where: str) -> dict[str, Any]:
    """A TOML table whose keys are the user's own, each with a value of the declared type."""
    if not isinstance(value, Mapping):
        msg = f"{where} must be a table, received {value!r}"
        raise ConfigError(msg)
    inner = get_args(hint)[1]
    return {key: _convert(inner, item, f"{where}.{key}") for key, item in value.items()}


def _fits(option: Any, value: Any) -> bool:
    """Whether `value` may stand where `option` is declared; a bool is never a number here."""
    if isinstance(value, bool):
        return option is bool
    if option is float:
        return isinstance(value, (int, float))
    return isinstance(option, type) and isinstance(value, option)
