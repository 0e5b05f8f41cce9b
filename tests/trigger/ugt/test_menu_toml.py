from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ugt_documents import report, xml_menu

from l1ml.errors import ConfigError
from l1ml.trigger.ugt.definitions import Definitions
from l1ml.trigger.ugt.html_report import menu_from_html, read_html_report
from l1ml.trigger.ugt.menu_document import AlgorithmEntry, MenuInformation, UgtMenu
from l1ml.trigger.ugt.menu_toml import read_toml_menu, toml_of_menu, write_toml_menu
from l1ml.trigger.ugt.xml_menu import menu_from_xml, read_xml_menu


@pytest.mark.parametrize("menu", [menu_from_html(report(), "toy"), menu_from_xml(xml_menu(), "toy")], ids=["html", "xml"])
def test_nothing_is_lost(tmp_path, menu):
    write_toml_menu(tmp_path / "menu.toml", menu)
    assert read_toml_menu(tmp_path / "menu.toml") == menu


@given(st.text(), st.text())
def test_any_text_survives(tmp_path_factory, comment, label):
    entry = AlgorithmEntry(3, "L1_A", "MU5", comment, (label,))
    menu = UgtMenu.from_entries("toy", [entry], Definitions({"MU5": 11}), MenuInformation(comment=comment))
    path = tmp_path_factory.mktemp("menu") / "menu.toml"
    write_toml_menu(path, menu)
    assert read_toml_menu(path) == menu


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "eta"', 'kind = "etta"', "object_cuts.MU-ETA_2p0 has the unknown kind 'etta'; did you mean 'eta'"),
        ('kind = "mass"', 'kind = "maass"', "correlation_cuts.MASS_7to18 has the unknown kind 'maass'; did you mean 'mass'"),
        ("precision = 1", "precission = 1", "has no key 'precission'; did you mean 'precision'"),
        ("table = 61440", "maximum = 61440", "is a cut of kind 'quality' and needs the key 'table'"),
        ('"MU4p5" = 10', '"MU4p5" = -10', "thresholds.MU4p5 must be a word, received -10"),
        ('"MU4p5" = 10', '"MU4p6" = 10', "L1_A, column 10: unknown object 'MU4p5'; did you mean 'MU4p6'"),
        ("[[algorithm]]\nindex = 7", "[[algorithm]]\nindexx = 7", "algorithm 1 has no key 'indexx'; did you mean 'index'"),
        ("[information]", "[informations]", "has no key 'informations'; did you mean 'information'"),
        ("OR MU0", "OR MX0", "L1_B, column 51: unknown object 'MX0'"),
    ],
)
def test_mistakes_are_named(tmp_path, old, new, message):
    text = toml_of_menu(menu_from_html(report(), "toy"))
    assert old in text
    (tmp_path / "menu.toml").write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(ConfigError, match=message):
        read_toml_menu(tmp_path / "menu.toml")


def test_tables_of_the_wrong_shape(tmp_path):
    path = tmp_path / "menu.toml"
    path.write_text('name = "a"\n[algorithm]\nindex = 1\n', encoding="utf-8")
    with pytest.raises(ConfigError, match=r"write \[\[algorithm\]\]"):
        read_toml_menu(path)
    path.write_text('name = "a"\nthresholds = 3\n', encoding="utf-8")
    with pytest.raises(ConfigError, match="thresholds must be a table, received 3"):
        read_toml_menu(path)


def test_real_menus(real_data, tmp_path):
    folder = real_data / "ugt"
    documents = sorted([*folder.glob("*/*.html.gz"), *folder.glob("*/*.xml.gz")])
    if not documents:
        pytest.skip(f"no menus in {folder}")
    for path in documents:
        menu = read_xml_menu(path) if path.name.endswith(".xml.gz") else read_html_report(path)
        write_toml_menu(tmp_path / "menu.toml", menu)
        assert read_toml_menu(tmp_path / "menu.toml") == menu
