"""The official XML of a menu (tmTable): algorithms, requirements, scales and the cabling of the external signals."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeVar
from xml.etree import ElementTree as ET
from xml.etree.ElementTree import Element

from l1ml.errors import ConfigError, DataError, nearest
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.document import document_bytes
from l1ml.trigger.menus.expression import ConditionTerm, references
from l1ml.trigger.menus.grammar import GrammarError, parse_expression
from l1ml.trigger.menus.menu import Menu, MenuInformation
from l1ml.trigger.menus.requirements import CorrelationCut, Cut
from l1ml.trigger.menus.xml_cuts import correlation_from_xml, object_cut_from_xml
from l1ml.trigger.menus.xml_scales import ScaleSet, number_of, text_of

__all__ = ["menu_from_xml", "read_xml_menu"]

_T = TypeVar("_T")
_N_EXTERNALS = 256


@dataclass(slots=True)
class _Names:
    """Definitions collected from all algorithms; the same name must always mean the same."""

    scales: ScaleSet
    thresholds: dict[str, int] = field(default_factory=dict)
    object_cuts: dict[str, Cut] = field(default_factory=dict)
    correlation_cuts: dict[str, CorrelationCut] = field(default_factory=dict)


def read_xml_menu(path: Path) -> Menu:
    """Menu in the XML file at `path`, plain or gzip.

    Raises
    ------
    DataError
        If the file is missing, truncated or not XML.
    ConfigError
        If an expression does not parse, or an element, a name or a limit is not what the menu format has.
    """
    return menu_from_xml(document_bytes(path, "an XML menu"), str(path))


def menu_from_xml(content: bytes, where: str) -> Menu:
    """Menu in the bytes of an XML document; `where` names it in messages. Errors as `read_xml_menu`."""
    try:
        root = ET.fromstring(content)
    except ET.ParseError as error:
        msg = f"{where} is not XML: {error}"
        raise DataError(msg) from error
    try:
        return _menu(root)
    except GrammarError:
        raise
    except ConfigError as error:
        msg = f"{where}: {error}"
        raise ConfigError(msg) from error


def _menu(root: Element) -> Menu:
    scale_set, signals = root.find("scale_set"), root.find("ext_signal_set")
    if scale_set is None or signals is None:
        msg = "the menu lacks <scale_set> or <ext_signal_set>: truncated, or not a menu"
        raise ConfigError(msg)
    names = _Names(ScaleSet.from_element(scale_set))
    elements = root.findall("algorithm")
    for element in elements:
        _collect(element, names)
    definitions = Definitions(names.thresholds, names.object_cuts, names.correlation_cuts, _externals(signals))
    information = MenuInformation(
        root.findtext("comment") or "",
        root.findtext("uuid_menu") or "",
        root.findtext("uuid_firmware") or "",
        root.findtext("grammar_version") or "",
        text_of(scale_set, "name"),
        text_of(signals, "name"),
    )
    return Menu.from_entries(text_of(root, "name"), map(_entry, elements), definitions, information)


def _entry(element: Element) -> AlgorithmEntry:
    labels = tuple(label.strip() for label in (element.findtext("labels") or "").split(",") if label.strip())
    index = number_of(element, "index")
    name, expression = text_of(element, "name"), text_of(element, "expression")
    return AlgorithmEntry(int(index), name, " ".join(expression.split()), element.findtext("comment") or "", labels)


def _externals(signals: Element) -> dict[str, int]:
    """Bit of each signal: the channel, whatever the cable."""
    channels = {text_of(signal, "name"): int(number_of(signal, "channel")) for signal in signals.findall("ext_signal")}
    for name, channel in channels.items():
        if not 0 <= channel < _N_EXTERNALS:
            msg = f"external signal {name!r} is on channel {channel}, allowed are 0 to {_N_EXTERNALS - 1}"
            raise ConfigError(msg)
    return channels


def _collect(element: Element, names: _Names) -> None:
    """Add what one algorithm defines."""
    name = text_of(element, "name")
    try:
        terms = [reference.term for reference in references(parse_expression(_entry(element).expression))]
    except GrammarError as error:
        raise error.within(name) from None
    try:
        _collect_thresholds(element, names)
        _collect_cuts(element, terms, names)
    except ConfigError as error:
        msg = f"{name}: {error}"
        raise ConfigError(msg) from error


def _collect_thresholds(element: Element, names: _Names) -> None:
    for required in element.findall("object_requirement"):
        # newer menus write the crossing into the name as well
        name = re.sub(r"[+-]\d+$", "", text_of(required, "name"))
        word = names.scales.threshold(text_of(required, "type"), number_of(required, "threshold"))
        _same(names.thresholds, name, word)


def _collect_cuts(element: Element, terms: Iterable[ConditionTerm], names: _Names) -> None:
    cuts = {text_of(cut, "name"): cut for cut in element.findall("cut")}
    for term in terms:
        for name in (name for item in term.objects for name in item.cuts):
            _same(names.object_cuts, name, object_cut_from_xml(_called(name, cuts), names.scales))
        for name in term.cuts:
            _same(names.correlation_cuts, name, correlation_from_xml(_called(name, cuts), term, names.scales))


def _called(name: str, cuts: dict[str, Element]) -> Element:
    if name not in cuts:
        msg = f"unknown cut {name!r}; {nearest(name, cuts)}"
        raise ConfigError(msg)
    return cuts[name]


def _same(known: dict[str, _T], name: str, value: _T) -> None:
    if known.setdefault(name, value) != value:
        msg = f"{name!r} means {known[name]} and {value}"
        raise ConfigError(msg)
