from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.menus.report_limits import CutRange, correlation_cut, correlation_label, object_limit, scaled_integer
from l1ml.trigger.menus.requirements import UNLIMITED, CorrelationCut, Cut, Window

RANGES = {"MU-INDEX_BMTF": CutRange("36.0", "71.0")}


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("Threshold: 4.5 GeV : `0xa`", 10),
        ("Count: MBT0HFP-COUNT_1 1 : `0x1`", 1),
        ("Quality: MU-QLTY_SNGL: `0xf000`", Cut("quality", "MU-QLTY_SNGL", table=0xF000)),
        ("Isolation: EG-ISO_0xC: : `0x000c`", Cut("isolation", "EG-ISO_0xC", table=0xC)),
        ("Impact Parameter: MU-IP_123: : `0x000e`", Cut("impact", "MU-IP_123", table=0xE)),
        ("Displaced: JET-DISP_LLP: `1`", Cut("displaced", "JET-DISP_LLP", table=0b10)),
        ("Eta: MU-ETA_2p0 [-2.006, 2.006] : `[0x148, 0xb8]`", Cut("eta", "MU-ETA_2p0", Window(-184, 184))),
        ("Eta: EG-ETA_2p52 [-2.523, 2.523] : `[0xc6, 0x39]`", Cut("eta", "EG-ETA_2p52", Window(-58, 57))),
        ("Phi: MU-PHI_TOP [0.5, 2.6] rad : `[0x30, 0xef]`", Cut("phi", "MU-PHI_TOP", Window(0x30, 0xEF))),
        ("Unconstrained Pt: MU-UPT_10 [10.0, 255.0] : `[0xb, 0xff]`", Cut("unconstrained_pt", "MU-UPT_10", Window(11, 255))),
        ("Index: MU-INDEX_BMTF 36 : `0x24`", Cut("index", "MU-INDEX_BMTF", Window(36, 71))),
        ("Slice: MU-SLICE_0 [0 - 3] : `MU-SLICE_0`", Cut("slice", "MU-SLICE_0", Window(0, 3))),
        ("Slice: MU-SLICE_2 [2] : `MU-SLICE_2`", Cut("slice", "MU-SLICE_2", Window(2, 2))),
        ('Model: AXO-MODEL_v4 : `"v4"`', Cut("model", "AXO-MODEL_v4", text="v4")),
        ("Score: AXO-SCORE_VLoose 2010 : `0x7da`", Cut("score", "AXO-SCORE_VLoose", Window(2010))),
        ("AnomalyScore: ADT-ASCORE_0 9773 : `0x262d`", Cut("score", "ADT-ASCORE_0", Window(9773))),
        ("CicadaScore: CICADA-CSCORE_50 50.0 : `0x3200`", Cut("cicada_score", "CICADA-CSCORE_50", Window(50 * 256))),
        ("Charge: MU-CHG_POS : `positive`", Cut("charge", "MU-CHG_POS", text="positive")),
    ],
)
def test_object_limits(text, limit):
    assert correlation_label(text) is None
    assert object_limit(text, RANGES) == limit


@pytest.mark.parametrize(
    ("text", "cut"),
    [
        ("Mass: [7.0, 18.0] : `[24.5, 162.0]` `precision: 1`", CorrelationCut("mass", "C", 245, 1620, 1)),
        ("Delta-R: [0.0, 0.4] : `[0.0, 0.161]` `precision: 3`", CorrelationCut("dr", "C", 0, 161, 3)),
        ("ORM-Delta-R: [0.0, 0.5] : `[0.0, 0.25]` `precision: 3`", CorrelationCut("orm_dr", "C", 0, 250, 3)),
        ("Mass unconstrained Pt: [10.0, 2.0] : `[50.0, 115.0]` `precision: 1`", CorrelationCut("mass_upt", "C", 500, 1150, 1)),
        ("TwoBodyPt: [10.0] : `[100.0]` `precision: 1`", CorrelationCut("tbpt", "C", 1000, UNLIMITED, 1)),
        ('Charge Correaltion: `"ls"`', CorrelationCut("charge", "C", text="ls")),
        ("Charge Correaltion: `os`", CorrelationCut("charge", "C", text="os")),
    ],
)
def test_correlation_limits(text, cut):
    assert correlation_label(text) is not None
    assert correlation_cut("C", text) == cut


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Etta: MU-ETA [1, 2] : `[0x1, 0x2]`", "unknown limit 'Etta'; did you mean 'Eta'"),
        ("Threshold: 4.5 GeV", "has no hardware value"),
        ("Index: MU-INDEX_X 36 : `0x24`", "'MU-INDEX_X' is not in the table of cuts"),
    ],
)
def test_unknown_object_limits(text, message):
    with pytest.raises(ConfigError, match=message):
        object_limit(text, RANGES)


def test_unreadable_correlation_limit():
    with pytest.raises(ConfigError, match="C: cannot read"):
        correlation_cut("C", "Mass: [7.0, 18.0] : `[24.5, 162.0]`")


def test_no_digit_is_lost():
    assert scaled_integer(" 11549264162.0", 1) == 115492641620
    with pytest.raises(ConfigError, match=r"0\.161 has more than 2 decimal digits"):
        scaled_integer("0.161", 2)
