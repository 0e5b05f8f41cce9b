from __future__ import annotations

import gzip

import pytest
from ugt_documents import EXPRESSION_B, report

from l1ml.errors import ConfigError, DataError
from l1ml.trigger.menus.grammar import GrammarError
from l1ml.trigger.menus.html_report import menu_from_html, read_html_report
from l1ml.trigger.menus.requirements import CorrelationCut, Cut, Window

# algorithms and conditions of the reports in data/ugt; algorithms checked against the number of panels
COUNTS = {
    "L1Menu_Collisions2018_v2_1_0-d2": (343, 362),
    "L1Menu_Collisions2022_v1_4_0-d1": (403, 423),
    "L1Menu_Collisions2023_v1_3_1-d1": (406, 442),
    "L1Menu_Collisions2024_v1_3_0-d1": (408, 448),
    "L1Menu_Collisions2025_v1_0_1-d1": (465, 481),
    "L1Menu_CollisionsHeavyIons2024_v1_0_6-d1": (512, 270),
}


def test_toy_report():
    menu = menu_from_html(report(), "toy.html")
    assert menu.name == "L1Menu_Toy"
    assert menu.information.scale_set == "scales_toy"
    assert menu.information.comment == "made by hand"
    first, second = menu.algorithms
    assert (first.index, first.name, first.entry.comment) == (7, "L1_A", "first line second line")
    assert (second.index, second.expression, second.entry.labels) == (9, EXPRESSION_B, ("toy", "monitoring"))
    mass = menu.conditions[first.conditions[0]]
    eta = Cut("eta", "MU-ETA_2p0", Window(-184, 184))
    assert [item.threshold_hw for item in mass.objects] == [10, 10]
    assert mass.objects[0].cuts == (Cut("quality", "MU-QLTY_SNGL", table=0xF000), eta)
    assert mass.cuts == (CorrelationCut("mass", "MASS_7to18", 245, 1620, 1), CorrelationCut("charge", "CHGCOR_OS", text="os"))
    jet, external, muon = (menu.conditions[name].objects[0] for name in second.conditions)
    assert (jet.threshold_hw, jet.bx_offset) == (60, -1)
    assert external.name == "EXT_ZeroBias"
    assert muon.windows("index") == (Window(36, 71),)


def test_plain_and_gzip_files(tmp_path):
    (tmp_path / "menu.html").write_text(report(), encoding="utf-8")
    (tmp_path / "menu.html.gz").write_bytes(gzip.compress(report().encode()))
    assert read_html_report(tmp_path / "menu.html") == read_html_report(tmp_path / "menu.html.gz")


@pytest.mark.parametrize(
    ("text", "error", "message"),
    [
        (report(threshold="0xb"), DataError, r"line \d+ \(L1_A\): 'MU4p5' means 11 and 10"),
        (report(label="Etta"), DataError, r"line \d+ \(L1_A\): unknown limit 'Etta'; did you mean 'Eta'"),
        (report(expression="MU0[MU-INDEX_BMTF]"), DataError, "the conditions of L1_B are not those of its expression"),
        (report(expression="MU0[MU-INDEX_BMTF] AND"), GrammarError, "L1_B, column 23: found the end"),
        (report(expression="MU0[MU-INDEX_BMFT]"), ConfigError, "L1_B, column 1: unknown cut on an object 'MU-INDEX_BMFT'"),
        (report(expression=""), DataError, "L1_B has no logical expression"),
        (report()[: report().index("<h3>9 L1_B")] + "<h2>Cuts</h2>", DataError, "the table lists 2 algorithms and the panels"),
        (report()[:3000], DataError, "is not a whole menu report"),
        ("<html></html>", DataError, "is not a whole menu report"),
    ],
)
def test_broken_reports(text, error, message):
    with pytest.raises(error, match=message):
        menu_from_html(text, "toy.html")


def test_missing_and_truncated_files(tmp_path):
    with pytest.raises(DataError, match="cannot be read as a menu report"):
        read_html_report(tmp_path / "none.html")
    (tmp_path / "cut.html.gz").write_bytes(gzip.compress(report().encode())[:500])
    with pytest.raises(DataError, match="cannot be read as a menu report"):
        read_html_report(tmp_path / "cut.html.gz")


@pytest.mark.parametrize("name", COUNTS)
def test_real_reports(real_data, name):
    path = real_data / "ugt" / name / f"{name}.html.gz"
    if not path.is_file():
        pytest.skip(f"no {path}")
    menu = read_html_report(path)
    panels = gzip.decompress(path.read_bytes()).count(b'<pre class="expression">')
    assert (len(menu.algorithms), len(menu.conditions)) == COUNTS[name]
    assert len(menu.algorithms) == panels
    defined = {"MU", "EG", "TAU", "JET", "ETT", "HTT", "ETM", "HTM", "ETMHF", "HTMHF", "TOWERCOUNT", "MBT0HFP", "ZDCP"}
    objects = [item for condition in menu.conditions.values() for item in condition.objects if item.object in defined]
    assert all(item.threshold_hw > 0 for item in objects if item.object == "MU")
    assert all(item.threshold_hw == 2 * float(item.name[2:].replace("p", ".")) + 1 for item in objects if item.object == "MU")
    assert all(item.threshold_hw == 2 * float(item.name[3:].replace("p", ".")) for item in objects if item.object == "JET")
