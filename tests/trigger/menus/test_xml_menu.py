from __future__ import annotations

import gzip

import pytest
from ugt_documents import SCALES, xml_menu

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.menus.grammar import GrammarError
from l1ml.trigger.menus.requirements import CorrelationCut, Cut, ObjectRequirement, Window
from l1ml.trigger.menus.xml_menu import menu_from_xml, read_xml_menu


def test_toy_menu():
    menu = menu_from_xml(xml_menu(), "toy.xml")
    algorithm = menu["L1_A"]
    assert (menu.name, algorithm.index, algorithm.entry.labels) == ("L1Menu_Toy", 7, ("toy", "monitoring"))
    assert (menu.information.scale_set, menu.information.external_signal_set) == ("scales_toy", "cabling_toy")
    mass, external, minimum_bias = (menu.conditions[name] for name in algorithm.conditions)
    quality, eta = Cut("quality", "MU-QLTY_SNGL", table=0xF000), Cut("eta", "MU-ETA_1", Window(-4, 4))
    first, second = ObjectRequirement("MU", 10, cuts=(quality, eta), name="MU4p5"), ObjectRequirement("MU", 7, name="MU3")
    assert mass.objects == (first, second)
    assert mass.cuts == (CorrelationCut("mass", "MASS_7to18", 245, 1620, 1), CorrelationCut("charge", "CHGCOR_OS", text="os"))
    assert (external.objects[0].channel, external.objects[0].bx_offset) == (4, 1)
    assert minimum_bias.objects[0].threshold_hw == 2


def test_plain_and_gzip_files(tmp_path):
    (tmp_path / "menu.xml").write_bytes(xml_menu())
    (tmp_path / "menu.xml.gz").write_bytes(gzip.compress(xml_menu()))
    assert read_xml_menu(tmp_path / "menu.xml") == read_xml_menu(tmp_path / "menu.xml.gz")


@pytest.mark.parametrize(
    ("content", "error", "message"),
    [
        (xml_menu()[:-20], DataError, "toy.xml is not XML"),
        (xml_menu(scales=""), ConfigError, "lacks <scale_set> or <ext_signal_set>"),
        (xml_menu(expression="MU3 AND"), GrammarError, "L1_A, column 8: found the end"),
        (xml_menu(expression="MX3"), GrammarError, "L1_A, column 1: unknown object 'MX3'"),
        (xml_menu(expression="MU3 OR MU5"), GrammarError, "L1_A, column 8: unknown object 'MU5'"),
        (xml_menu(expression="MU3[MU-ETA_2]"), ConfigError, "L1_A: unknown cut 'MU-ETA_2'; did you mean 'MU-ETA_1'"),
        (xml_menu(expression="EXT_ZeroBiass"), ConfigError, "unknown external signal 'ZeroBiass'; did you mean 'ZeroBias'"),
        (xml_menu(threshold=4.4), ConfigError, "L1_A: no bin of MU ET begins at 4.4"),
        (xml_menu(quantity="QLTYY"), ConfigError, "has the unknown type 'QLTYY'; did you mean 'QLTY'"),
        (xml_menu(scales=SCALES.replace("MU-MU-Mass", "MU-MU-Maas")), ConfigError, "no precision 'MU-MU-Mass'"),
        (xml_menu(channel=256), ConfigError, "'ZeroBias' is on channel 256, allowed are 0 to 255"),
    ],
)
def test_broken_menus(content, error, message):
    with pytest.raises(error, match=message):
        menu_from_xml(content, "toy.xml")


def test_missing_file(tmp_path):
    with pytest.raises(DataError, match="cannot be read as an XML menu"):
        read_xml_menu(tmp_path / "none.xml")


def test_real_menu(real_data):
    path = real_data / "ugt" / "L1Menu_Collisions2016_v8_m2" / "L1Menu_Collisions2016_v8_m2.xml.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    menu = read_xml_menu(path)
    assert (menu.name, len(menu.algorithms), len(menu.conditions)) == ("L1Menu_Collisions2016_v8", 257, 256)
    assert len(menu.algorithms) == gzip.decompress(path.read_bytes()).count(b"<algorithm>")
    assert menu.conditions["mass{JET30,JET30}[MASS_MIN_620]"].cuts == (
        CorrelationCut("mass", "MASS_MIN_620", 1922000, 980000000, 1),
    )
    assert menu.conditions["EXT_BPTX_plus_AND_minus.v0"].objects[0].channel == 32
