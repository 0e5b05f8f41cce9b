"""What all readers of tool reports share: text, XML, numbers with their units; nothing missing is ever a zero."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from l1ml.errors import ConversionError

__all__ = ["count", "head", "missing", "nanoseconds", "node", "number", "report_text", "require_room", "table_row", "xml_root"]

_NS_PER = {"ps": 1e-3, "ns": 1.0, "us": 1e3, "ms": 1e6, "sec": 1e9, "s": 1e9}


def report_text(path: Path) -> str:
    """Content of the report `path`.

    Raises
    ------
    ConversionError
        If there is none.
    """
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except FileNotFoundError:
        msg = f"{path} does not exist: the vendor's tool did not reach this stage; read its log beside the project"
        raise ConversionError(msg) from None


def xml_root(path: Path, what: str) -> ET.Element:
    """Root of the XML report `path`, which should be a `what`."""
    try:
        return ET.fromstring(report_text(path))
    except ET.ParseError as error:
        msg = f"{path} is no {what}: {error}"
        raise ConversionError(msg) from error


def missing(path: Path, what: str, found: Any) -> ConversionError:
    """Error that says which figure of `path` is not there, and what stands in its place."""
    return ConversionError(f"{path}: {what} is {found!r}, expected a number; the run did not finish or the layout is unknown")


def node(root: ET.Element, where: str, path: Path) -> str:
    """Text of the node `where`."""
    text = root.findtext(where)
    if text is None or not text.strip():
        raise missing(path, where, text)
    return text.strip()


def count(text: str | None, what: str, path: Path) -> int:
    """A whole number; the tools write ``undef``, ``?``, ``-``, ``NA`` or ``x`` for one that they do not have."""
    if text is None or not text.strip().isdecimal():
        raise missing(path, what, text)
    return int(text)


def number(text: str | None, what: str, path: Path) -> float:
    """A finite number, with a sign or not."""
    if text is None or not re.fullmatch(r"[-+]?\d+(\.\d*)?(e[-+]?\d+)?", text.strip(), re.IGNORECASE):
        raise missing(path, what, text)
    return float(text)


def nanoseconds(text: str | None, what: str, path: Path) -> float:
    """A time with its unit, such as ``5.220 us``, in ns.

    Examples
    --------
    >>> nanoseconds("5.220 us", "latency", Path("x.rpt"))
    5220.0
    """
    match = re.fullmatch(r"\s*([\d.]+(?:e[-+]?\d+)?)\s*([a-z]+)\s*", text or "", re.IGNORECASE)
    if match is None or match[2] not in _NS_PER:
        msg = f"{path}: {what} is {text!r}, expected a number with one of the units {', '.join(_NS_PER)}"
        raise ConversionError(msg)
    return number(match[1], what, path) * _NS_PER[match[2]]


def head(text: str, name: str, path: Path) -> str:
    """Value of the line ``| name : value`` at the top of a Vivado report."""
    match = re.search(rf"^\|\s*{name}\s*:\s*(.+?)\s*\|?\s*$", text, re.MULTILINE)
    if match is None:
        raise missing(path, name, None)
    return match[1]


def table_row(text: str, row: str, path: Path) -> list[str]:
    """Cells of the first line ``|row|...|`` after its name, without their blanks; `row` is a regular expression."""
    match = re.search(rf"^\|\s*(?:{row})\s*\|(.*)\|\s*$", text, re.MULTILINE)
    if match is None:
        raise missing(path, row, None)
    return [cell.strip() for cell in match[1].split("|")]


def require_room(used: Mapping[str, float], available: Mapping[str, float], path: Path) -> None:
    """Refuse more cells than the report itself says there are: such a design does not exist.

    Raises
    ------
    ConversionError
        Naming the first such resource.
    """
    for name, amount in used.items():
        if name in available and amount > available[name]:
            msg = f"{path}: {amount:,.10g} {name.upper()} of {available[name]:,.10g} in the device: the design does not fit it"
            raise ConversionError(msg)
