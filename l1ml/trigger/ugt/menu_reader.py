"""Any menu document (XML, HTML report, TOML) by what it begins with."""

from __future__ import annotations

import gzip
from pathlib import Path

from l1ml.errors import DataError
from l1ml.trigger.ugt.html_report import menu_from_html
from l1ml.trigger.ugt.menu_document import UgtMenu
from l1ml.trigger.ugt.menu_toml import read_toml_menu
from l1ml.trigger.ugt.xml_menu import menu_from_xml

__all__ = ["read_ugt_menu"]

_GZIP = b"\x1f\x8b"
_TOML = ".toml"


def read_ugt_menu(path: Path) -> UgtMenu:
    """Menu in the document at `path`: TOML by its suffix, XML or HTML (plain or gzip) by its first characters.

    Raises
    ------
    DataError
        If the file is missing, truncated or none of these.
    ConfigError
        If the menu in it cannot be meant; see the readers of each format.
    """
    if path.suffix == _TOML:
        return read_toml_menu(path)
    content = _content(path)
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return menu_from_html(_text(content, path), str(path))
    if head.startswith(b"<"):
        return menu_from_xml(content, str(path))
    msg = f"{path} is no menu: it begins with {content[:20]!r}; give an XML menu, an HTML report or a .toml"
    raise DataError(msg)


def _content(path: Path) -> bytes:
    try:
        raw = path.read_bytes()
        return gzip.decompress(raw) if raw.startswith(_GZIP) else raw
    except (OSError, EOFError) as error:
        msg = f"{path} cannot be read as a menu: {error}"
        raise DataError(msg) from error


def _text(content: bytes, path: Path) -> str:
    try:
        return content.decode("utf-8")
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8: {error}"
        raise DataError(msg) from error
