from __future__ import annotations

from xml.etree import ElementTree as ET

import pytest
from ugt_documents import SCALES, xml_cut

from l1ml.errors import ConfigError
from l1ml.trigger.menus.expression import ConditionTerm, ObjectTerm
from l1ml.trigger.menus.requirements import UNLIMITED, CorrelationCut, Cut, Window
from l1ml.trigger.menus.xml_cuts import correlation_from_xml, object_cut_from_xml
from l1ml.trigger.menus.xml_scales import ScaleSet

EXTRA = "<scale><object>PRECISION</object><type>MU-MU-TwoBodyPt</type><n_bits>1</n_bits></scale></scale_set>"
DIMUON = ConditionTerm("dist", (ObjectTerm("MU5"), ObjectTerm("MU3")))


@pytest.fixture(scope="module")
def scales() -> ScaleSet:
    return ScaleSet.from_element(ET.fromstring(SCALES.replace("</scale_set>", EXTRA)))


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        (xml_cut("MU-ETA_1", "MU", "ETA", (-1.125, 0.375)), Cut("eta", "MU-ETA_1", Window(-4, 1))),
        (xml_cut("MU-QLTY_S", "MU", "QLTY", data="12,13,14,15"), Cut("quality", "MU-QLTY_S", table=0xF000)),
        (xml_cut("EG-ISO_E", "EG", "ISO", data="1,2,3"), Cut("isolation", "EG-ISO_E", table=0xE)),
        (xml_cut("JET-DISP_L", "JET", "DISP", data="1"), Cut("displaced", "JET-DISP_L", table=0b10)),
        (xml_cut("MU-INDEX_B", "MU", "INDEX", (36.0, 71.0)), Cut("index", "MU-INDEX_B", Window(36, 71))),
        (xml_cut("AXO-SCORE_A", "AXO", "SCORE", (2010.0, 0.0)), Cut("score", "AXO-SCORE_A", Window(2010))),
        (xml_cut("CICADA-CSCORE_A", "CICADA", "CSCORE", (50.0, 0.0)), Cut("cicada_score", "CICADA-CSCORE_A", Window(12800))),
        (xml_cut("AXO-MODEL_v4", "AXO", "MODEL", data="v4"), Cut("model", "AXO-MODEL_v4", text="v4")),
    ],
)
def test_object_cuts(scales, text, cut):
    assert object_cut_from_xml(ET.fromstring(text), scales) == cut


@pytest.mark.parametrize(
    ("quantity", "limits", "cut"),
    [
        ("DETA", (0.0, 1.8), CorrelationCut("deta", "C", 0, 1800, 3)),
        ("DPHI", (1.0, 3.15), CorrelationCut("dphi", "C", 1000, 3150, 3)),
        # the editor writes 14 * 0.1 and so on: printed by the reports as 1.961, 0.641 and 0.25
        ("DR", (0.0, 14 * 0.1), CorrelationCut("dr", "C", 0, 1961, 3)),
        ("DR", (3 * 0.1, 8 * 0.1), CorrelationCut("dr", "C", 90, 641, 3)),
        ("ORMDR", (0.0, 0.5), CorrelationCut("orm_dr", "C", 0, 250, 3)),
        ("MASS", (7.0, 18.0), CorrelationCut("mass", "C", 245, 1620, 1)),
        ("MASSUPT", (10.0, 20.0), CorrelationCut("mass_upt", "C", 500, 2000, 1)),
        ("TBPT", (10.0, 0.0), CorrelationCut("tbpt", "C", 1000, UNLIMITED, 1)),
        ("MASSDR", (10.0, 0.0), CorrelationCut("mass_over_dr", "C", 50_000_000, UNLIMITED, 6)),
    ],
)
def test_correlation_cuts(scales, quantity, limits, cut):
    assert correlation_from_xml(ET.fromstring(xml_cut("C", "dist", quantity, limits)), DIMUON, scales) == cut


def test_charge_correlation(scales):
    element = ET.fromstring(xml_cut("C", "comb", "CHGCOR", data="os"))
    assert correlation_from_xml(element, DIMUON, scales) == CorrelationCut("charge", "C", text="os")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (xml_cut("MU-X", "MU", "QTLY", data="1"), "cut 'MU-X' has the unknown type 'QTLY'; did you mean 'QLTY'"),
        (xml_cut("MU-X", "MU", "QLTY", data="a"), "cut 'MU-X' needs a list of words such as 8,9,10, received 'a'"),
    ],
)
def test_unknown_object_cuts(scales, text, message):
    with pytest.raises(ConfigError, match=message):
        object_cut_from_xml(ET.fromstring(text), scales)


def test_unknown_correlation_cut(scales):
    with pytest.raises(ConfigError, match="cut 'C' has the unknown type 'DETAA'; did you mean 'DETA'"):
        correlation_from_xml(ET.fromstring(xml_cut("C", "dist", "DETAA")), DIMUON, scales)
