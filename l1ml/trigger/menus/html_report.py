"""The HTML report of a menu (tm-reporter): algorithms, and every threshold and limit as the hardware value that it prints."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import TypeVar

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.document import document_text
from l1ml.trigger.menus.html_blocks import Block, html_blocks
from l1ml.trigger.menus.menu import Menu, MenuInformation
from l1ml.trigger.menus.report_limits import CutRange, correlation_cut, correlation_label, object_limit
from l1ml.trigger.menus.requirements import CorrelationCut, Cut

__all__ = ["menu_from_html", "read_html_report"]

_T = TypeVar("_T")
_HEADING = re.compile(r"(?P<index>\d+) (?P<name>\S+)(?: \(Module \d+\))?")
_CONDITION = re.compile(r"(?P<text>.+) : `[a-z][a-z0-9_]*_i\d+`")
_SECTIONS = frozenset({"Logical Expression", "VHDL Expression", "Comment", "Labels", "Conditions"})
_INFORMATION = {
    "Comment": "comment",
    "Menu UUID": "menu_uuid",
    "Firmware UUID": "firmware_uuid",
    "Grammar Version": "grammar_version",
    "Scale Set": "scale_set",
    "External Signals Set": "external_signal_set",
}


@dataclass(slots=True)
class _Panel:
    """One algorithm of the report while it is read: its blocks by section."""

    index: int
    name: str
    sections: dict[str, list[Block]] = field(default_factory=dict)

    def text(self, section: str) -> str:
        return " ".join(block.text for block in self.sections.get(section, []))


@dataclass(slots=True)
class _Names:
    """Definitions collected from all conditions; the same name must always mean the same."""

    ranges: dict[str, CutRange]
    thresholds: dict[str, int] = field(default_factory=dict)
    object_cuts: dict[str, Cut] = field(default_factory=dict)
    correlation_cuts: dict[str, CorrelationCut] = field(default_factory=dict)


def read_html_report(path: Path) -> Menu:
    """Menu in the HTML report at `path`, plain or gzip.

    Raises
    ------
    DataError
        If the file is missing, truncated, or prints something this reader does not know (with the line).
    ConfigError
        If an expression does not parse or names something that the report does not define.
    """
    return menu_from_html(document_text(path, "a menu report"), str(path))


def menu_from_html(text: str, where: str) -> Menu:
    """Menu in the text of an HTML report; `where` names it in messages. Errors as `read_html_report`."""
    blocks = html_blocks(text)
    head, listed, panels = _divide(blocks, where)
    names = _Names(_ranges(blocks))
    for panel in panels:
        _collect(panel, names, where)
    definitions = Definitions(names.thresholds, names.object_cuts, names.correlation_cuts)
    menu = Menu.from_entries(_title(head, where), [_entry(panel, where) for panel in panels], definitions, _information(head))
    if listed != menu.names:
        msg = f"{where}: the table lists {len(listed)} algorithms and the panels describe {len(menu.names)} or others: truncated?"
        raise DataError(msg)
    _check_printed(menu, panels, where)
    return menu


def _divide(blocks: Sequence[Block], where: str) -> tuple[list[Block], tuple[str, ...], list[_Panel]]:
    """Blocks before the first algorithm, names in the table of algorithms by index, and one panel for each algorithm."""
    headings = [number for number, block in enumerate(blocks) if block.tag == "h3" and _HEADING.fullmatch(block.text)]
    tables = [number for number, block in enumerate(blocks) if block.tag == "h2" and block.text == "Algorithms"]
    cuts = [number for number, block in enumerate(blocks) if block.tag == "h2" and block.text == "Cuts"]
    if not headings or not tables or not cuts:
        msg = f"{where} is not a whole menu report: it has {len(headings)} algorithms, and needs the headings Algorithms and Cuts"
        raise DataError(msg)
    head = list(blocks[: tables[0]])
    cells = [block.text for block in blocks[tables[0] : headings[0]] if block.tag == "td"]
    rows = [(int(index), name) for index, name in pairwise(cells) if index.isdigit() and name.startswith("L1_")]
    ends = [*headings[1:], cuts[-1]]
    panels = [_panel(blocks[start:end]) for start, end in zip(headings, ends, strict=True)]
    return head, tuple(name for _, name in sorted(rows)), panels


def _panel(blocks: Sequence[Block]) -> _Panel:
    match = _HEADING.fullmatch(blocks[0].text)
    panel = _Panel(int(match["index"]), match["name"]) if match else _Panel(-1, blocks[0].text)
    section: list[Block] = []
    for block in blocks[1:]:
        if block.text in _SECTIONS:
            section = panel.sections.setdefault(block.text, [])
        else:
            section.append(block)
    return panel


def _entry(panel: _Panel, where: str) -> AlgorithmEntry:
    expression = panel.text("Logical Expression")
    if not expression:
        msg = f"{where}: {panel.name} has no logical expression"
        raise DataError(msg)
    labels = tuple(block.text for block in panel.sections.get("Labels", []))
    return AlgorithmEntry(panel.index, panel.name, expression, panel.text("Comment"), labels)


def _collect(panel: _Panel, names: _Names, where: str) -> None:
    """Add what the conditions of one algorithm define."""
    owner = ""
    for block in panel.sections.get("Conditions", []):
        if block.text.startswith("Object: "):
            owner = block.text.removeprefix("Object: ")
        elif block.text.startswith("Cut: "):
            owner = block.text.removeprefix("Cut: ")
        elif not _CONDITION.fullmatch(block.text):
            try:
                _define(owner, block.text, names)
            except (ConfigError, ArithmeticError) as error:
                msg = f"{where}, line {block.line} ({panel.name}): {error}"
                raise DataError(msg) from None


def _define(owner: str, text: str, names: _Names) -> None:
    """One limit of the object or cut called `owner`."""
    if correlation_label(text):
        _same(names.correlation_cuts, owner, correlation_cut(owner, text))
        return
    limit = object_limit(text, names.ranges)
    if isinstance(limit, Cut):
        _same(names.object_cuts, limit.name, limit)
    else:
        _same(names.thresholds, re.sub(r"[+-]\d+$", "", owner), limit)


def _same(known: dict[str, _T], name: str, value: _T) -> None:
    if known.setdefault(name, value) != value:
        msg = f"{name!r} means {known[name]} and {value}"
        raise ConfigError(msg)


def _check_printed(menu: Menu, panels: Sequence[_Panel], where: str) -> None:
    """Refuse a report whose printed conditions are not those of its expressions."""
    for panel in panels:
        written = set(menu[panel.name].conditions)
        printed = {_canonical(match["text"]) for match in _printed(panel)}
        if written != printed:
            odd = f"prints {sorted(printed - written)} where its expression has {sorted(written - printed)}"
            msg = f"{where}: the conditions of {panel.name} are not those of its expression: it {odd}"
            raise DataError(msg)


def _printed(panel: _Panel) -> Iterator[re.Match[str]]:
    for block in panel.sections.get("Conditions", []):
        match = _CONDITION.fullmatch(block.text)
        if match and not block.text.startswith(("Object: ", "Cut: ")) and correlation_label(block.text) is None:
            yield match


def _ranges(blocks: Sequence[Block]) -> dict[str, CutRange]:
    """Limits in the table of all cuts, as the strings printed: name, minimum, maximum."""
    start = max(number for number, block in enumerate(blocks) if block.tag == "h2" and block.text == "Cuts")
    cells = [block.text for block in blocks[start:] if block.tag == "td"]
    return {cells[i]: CutRange(cells[i + 3].strip("`"), cells[i + 4].strip("`")) for i in range(0, len(cells) - 5, 6)}


def _title(head: Sequence[Block], where: str) -> str:
    for block in head:
        if block.tag == "h1":
            return block.text
    msg = f"{where} has no title: not a menu report"
    raise DataError(msg)


def _information(head: Sequence[Block]) -> MenuInformation:
    pairs = (block.text.partition(": ") for block in head if block.tag == "li")
    return MenuInformation(**{_INFORMATION[key]: value for key, _, value in pairs if key in _INFORMATION})


def _canonical(text: str) -> str:
    return "".join(text.split())
