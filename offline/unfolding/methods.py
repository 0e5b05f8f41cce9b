"""Methods by the name that configuration files have for them; none is imported before it is asked for."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module
from typing import Any

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, nearest
from offline.unfolding.method import UnfoldingMethod

__all__ = ["METHODS", "method_from"]

_PLACES = {
    "aussie": "aussie:Aussie",
    "conditional_flow": "generative:ConditionalFlow",
    "flow_matching": "generative:FlowMatching",
    "ibu": "classical:Ibu",
    "inversion": "classical:Inversion",
    "omnifold": "omnifold:OmniFold",
    "ran": "ran:Ran",
    "spinup": "spinup:Spinup",
    "svd": "classical:Svd",
    "transformer_flow_matching": "generative:TransformerFlowMatching",
}


class _Methods(Mapping[str, type[UnfoldingMethod]]):
    """Classes by name, imported one by one: some of them bring Keras."""

    def __getitem__(self, name: str) -> type[UnfoldingMethod]:
        module, _, of_class = _PLACES[name].partition(":")
        found: type[UnfoldingMethod] = getattr(import_module(f"offline.unfolding.{module}"), of_class)
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(_PLACES)

    def __len__(self) -> int:
        return len(_PLACES)


METHODS: Mapping[str, type[UnfoldingMethod]] = _Methods()


def method_from(table: Mapping[str, Any], where: str) -> UnfoldingMethod:
    """The method that `table` describes: its ``name``, the other entries being its settings; `where` is for messages.

    Raises
    ------
    ConfigError
        If there is no such method, or it has no such setting.
    """
    name = table.get("name")
    if not isinstance(name, str) or name not in METHODS:
        known = nearest(str(name), METHODS)
        msg = f"{where} needs the name of a method, received {name!r}; {known}"
        raise ConfigError(msg)
    return from_mapping(METHODS[name], {key: value for key, value in table.items() if key != "name"}, where)
