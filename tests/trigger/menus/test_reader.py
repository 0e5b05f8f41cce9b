from __future__ import annotations

import gzip

import pytest
from ugt_documents import report, xml_menu

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.menus.html_report import menu_from_html
from l1ml.trigger.menus.reader import read_menu
from l1ml.trigger.menus.toml_menu import write_toml_menu
from l1ml.trigger.menus.xml_menu import menu_from_xml


def test_formats(tmp_path):
    from_html, from_xml = menu_from_html(report(), "toy"), menu_from_xml(xml_menu(), "toy")
    (tmp_path / "a.html").write_text(report(), encoding="utf-8")
    (tmp_path / "b.gz").write_bytes(gzip.compress(xml_menu()))
    write_toml_menu(tmp_path / "c.toml", from_xml)
    assert read_menu(tmp_path / "a.html") == from_html
    assert read_menu(tmp_path / "b.gz") == from_xml
    assert read_menu(tmp_path / "c.toml") == from_xml


def test_not_a_menu(tmp_path):
    (tmp_path / "a.txt").write_text("0000 00000", encoding="utf-8")
    with pytest.raises(DataError, match="is no menu: it begins with"):
        read_menu(tmp_path / "a.txt")
    with pytest.raises(DataError, match="cannot be read as a menu"):
        read_menu(tmp_path / "none.xml")
    with pytest.raises(ConfigError, match="does not exist"):
        read_menu(tmp_path / "none.toml")
    (tmp_path / "latin.html").write_bytes(b"<html>\xff</html>")
    with pytest.raises(DataError, match="is not UTF-8"):
        read_menu(tmp_path / "latin.html")
