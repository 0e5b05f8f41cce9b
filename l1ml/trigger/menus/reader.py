"""Any menu document (XML, HTML report, TOML) by what it begins with."""

from __future__ import annotations

from pathlib import Path

from l1ml.errors import DataError
from l1ml.trigger.menus.document import document_bytes, document_text
from l1ml.trigger.menus.html_report import menu_from_html
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import read_toml_menu
from l1ml.trigger.menus.xml_menu import menu_from_xml

__all__ = ["read_menu"]

_TOML = ".toml"


def read_menu(path: Path) -> Menu:
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
    content = document_bytes(path, "a menu")
    head = content[:1024].lstrip(b"\xef\xbb\xbf \t\r\n").lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return menu_from_html(document_text(path, "a menu"), str(path))
    if head.startswith(b"<"):
        return menu_from_xml(content, str(path))
    msg = f"{path} is no menu: it begins with {content[:20]!r}; give an XML menu, an HTML report or a .toml"
    raise DataError(msg)
