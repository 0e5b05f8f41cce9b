from __future__ import annotations

import json
from pathlib import Path

import pytest
from ugt_documents import report

from l1ml.cli.main import main
from l1ml.trigger.menus.reader import read_menu


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "menu.html"
    path.write_text(report(), encoding="utf-8")
    return path


def test_convert(source, tmp_path, capsys):
    target = tmp_path / "menu.toml"
    assert main(["menu", "convert", str(source), str(target)]) == 0
    assert "L1Menu_Toy: 2 algorithms, 4 conditions written" in capsys.readouterr().err
    assert read_menu(target) == read_menu(source)


def test_convert_to_another_format(source, tmp_path, capsys):
    assert main(["menu", "convert", str(source), str(tmp_path / "menu.xml")]) == 1
    assert "can write TOML only, received 'menu.xml'" in capsys.readouterr().err


def test_convert_a_broken_menu_leaves_nothing(source, tmp_path, capsys):
    source.write_text(report(expression="MU0[MU-INDEX_BMTF] AND"), encoding="utf-8")
    assert main(["menu", "convert", str(source), str(tmp_path / "menu.toml")]) == 1
    assert "L1_B, column 23: found the end" in capsys.readouterr().err
    assert not (tmp_path / "menu.toml").exists()


def test_diff(source, tmp_path, capsys):
    other = tmp_path / "other.html"
    other.write_text(
        report().replace("[0xc6, 0x39]", "[0xc6, 0x38]").replace(">7<", ">8<").replace("<h3>7", "<h3>8"), encoding="utf-8"
    )
    assert main(["menu", "diff", str(source), str(other), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["moved"] == [["L1_A", 7, 8]]
    assert [(change["name"], change["conditions"]) for change in content["changed"]] == [("L1_B", ["JET30-1[JET-ETA_2p52]"])]
    assert main(["menu", "diff", str(source), str(other)]) == 0
    assert "2 differences" in capsys.readouterr().out
