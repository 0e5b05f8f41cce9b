from __future__ import annotations

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ugt_documents import report, xml_menu

from l1ml.errors import ConfigError
from l1ml.trigger.menus.algorithm import AlgorithmEntry
from l1ml.trigger.menus.definitions import Definitions
from l1ml.trigger.menus.html_report import menu_from_html, read_html_report
from l1ml.trigger.menus.menu import Menu, MenuInformation
from l1ml.trigger.menus.prescale import Prescale
from l1ml.trigger.menus.requirements import Window
from l1ml.trigger.menus.toml_menu import menu_from_mapping, read_toml_menu, toml_of_menu, write_toml_menu
from l1ml.trigger.menus.xml_menu import menu_from_xml, read_xml_menu


@pytest.mark.parametrize("menu", [menu_from_html(report(), "toy"), menu_from_xml(xml_menu(), "toy")], ids=["html", "xml"])
def test_nothing_is_lost(tmp_path, menu):
    write_toml_menu(tmp_path / "menu.toml", menu)
    assert read_toml_menu(tmp_path / "menu.toml") == menu


@given(st.text(), st.text())
def test_any_text_survives(tmp_path_factory, comment, label):
    entry = AlgorithmEntry(3, "L1_A", "MU5", comment, (label,))
    menu = Menu.from_entries("toy", [entry], Definitions({"MU5": 11}), MenuInformation(comment=comment))
    path = tmp_path_factory.mktemp("menu") / "menu.toml"
    write_toml_menu(path, menu)
    assert read_toml_menu(path) == menu


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('kind = "eta"', 'kind = "etta"', "object_cuts.MU-ETA_2p0 has the unknown kind 'etta'; did you mean 'eta'"),
        ('kind = "mass"', 'kind = "maass"', "correlation_cuts.MASS_7to18 has the unknown kind 'maass'; did you mean 'mass'"),
        ("precision = 1", "precission = 1", "has no key 'precission'; did you mean 'precision'"),
        ("table = 61440", "maximum = 61440", "is a cut of kind 'quality', which has no 'maximum'; known: table"),
        ('"MU4p5" = 10', '"MU4p5" = -10', "thresholds.MU4p5 must be a word, received -10"),
        ("MU4p5[", "MU999[", "L1_A: MU999: the threshold is outside of the hardware word, 0 to 255 GeV"),
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


HAND = {
    "name": "by hand",
    "rates": {"n_bunches": 2340},
    "networks": {"axo": "ab" * 32},
    "object_cuts": {
        "MU-ETA_2p4": {"kind": "eta", "physical": [-2.4, 2.4]},
        "EG-PHI_back": {"kind": "phi", "physical": [3.2, 0.1]},
        "AXO-MODEL_axo": {"kind": "model", "text": "axo"},
        "AXO-SCORE_1kHz": {"kind": "score", "rate_khz": 1.0},
    },
    "algorithm": [
        {"name": "L1_A", "expression": "MU22[MU-ETA_2p4]", "prescale": 2.5, "masked_bx": [1, 3563]},
        {"name": "L1_B", "expression": "comb{EG25, EG14[EG-PHI_back]}", "in_final_or": False},
        {"name": "L1_C", "expression": "AXO[AXO-MODEL_axo, AXO-SCORE_1kHz]", "alternatives": 'odd "set"', "is_veto": True},
    ],
}


def test_a_menu_by_hand(tmp_path):
    menu = menu_from_mapping(HAND, "text")
    assert menu.definitions.thresholds == {"MU22": 45, "EG25": 50, "EG14": 28}
    assert menu.definitions.object_cuts["MU-ETA_2p4"].window == Window(-220, 220)
    assert menu.definitions.object_cuts["EG-PHI_back"].window == Window(74, 2)
    assert [item.index for item in menu.algorithms] == [0, 1, 2]
    assert menu["L1_A"].prescale == Prescale(250)
    assert (menu.rates.n_bunches, menu.networks, menu.unresolved) == (2340, {"axo": "ab" * 32}, ("L1_C",))
    write_toml_menu(tmp_path / "menu.toml", menu)
    assert read_toml_menu(tmp_path / "menu.toml") == menu


@pytest.mark.parametrize(
    ("table", "change", "message"),
    [
        ("algorithm", {"prescale": 0.5}, r"algorithm 1 \(L1_A\): a prescale is 0"),
        ("algorithm", {"prescale": "2"}, "prescale must be float"),
        ("algorithm", {"index": 4}, "L1_B has no index while others have"),
        ("algorithm", {"treshold": 3}, "algorithm 1 has no key 'treshold'"),
        ("algorithm", {"name": "with space"}, "letters, digits"),
        ("algorithm", {"expression": "MU22[MU-ETA_2p4"}, "L1_A, column 16: "),
        ("MU-ETA_2p4", {"physical": [2.4]}, r"MU-ETA_2p4.physical must be \[lowest, highest\]"),
        ("MU-ETA_2p4", {"minimum": 3}, "without words beside it"),
        ("MU-ETA_2p4", {"kind": "index"}, "of a cut on eta or phi"),
        ("MU-ETA_2p4", {"physical": []}, "needs the key 'minimum' or 'physical'"),
        ("MU-ETA_2p4", {"rate_khz": 2.0}, "rate_khz belongs to scores only"),
        ("AXO-SCORE_1kHz", {"rate_khz": 0.0}, "rate_khz must be positive, received 0.0"),
        ("networks", {"axo": 3}, "networks.axo must be the digest of a model, received 3"),
        ("rates", {"n_bunch": 3}, "did you mean 'n_bunches'"),
    ],
)
def test_mistakes_by_hand_are_named(table, change, message):
    content = copy.deepcopy(HAND)
    place = content["algorithm"][0] if table == "algorithm" else content.get(table, content["object_cuts"].get(table))
    place |= change
    with pytest.raises(ConfigError, match=message) as caught:
        menu_from_mapping(content, "text")
    assert "\n" not in str(caught.value)
