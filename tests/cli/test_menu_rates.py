from __future__ import annotations

import csv
import json
import re
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from trigger_toy import menu_with
from ugt_toy import crossing_of

from l1ml.cli.main import main
from l1ml.data.ugt_vectors import write_vectors
from l1ml.trigger.menus.toml_menu import write_toml_menu
from l1ml.trigger.partitions.rate_job import RateJob

SETTINGS = """<run-settings id="uGT"><context id="uGtProcessor"><param id="finorMask" type="table"><columns>algo,mask</columns>
<rows><row>ALL,1</row><row>L1_2,0</row></rows></param></context></run-settings>"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A menu of four seeds, an orbit with a muon in every tenth crossing and a jet in every fourth, prescales and a mask."""
    menu = menu_with("MU10", "JET30", "NOT MU10", "AXO[AXO-MODEL_axo, AXO-SCORE_5]")
    write_toml_menu(tmp_path / "menu.toml", menu)
    orbit = crossing_of({"muon": [{"pt": 40}], "jet": [{"pt": 80}]}, 3564)
    for name, step in (("muon", 10), ("jet", 4)):
        orbit.words[name][np.arange(3564) % step != 0] = 0
    again = type(orbit).from_words(orbit.era, orbit.words)
    write_vectors(tmp_path / "orbit_2024.txt", [again])
    rows = ["Index,Name,A,B,Off", "0,L1_0,1,1,0", "1,L1_1,2.5,1,0", "2,L1_2,0,1,0", "3,L1_3,0,0,0"]
    (tmp_path / "prescales.csv").write_text("\n".join(rows) + "\n")
    (tmp_path / "settings.xml").write_text(SETTINGS)
    return tmp_path


def arguments(folder: Path, *more: str) -> list[str]:
    return ["menu", "rates", "--menu", str(folder / "menu.toml"), "--on", str(folder / "orbit_2024.txt"), "--era", "2024", *more]


def content_of(capsys: pytest.CaptureFixture[str], folder: Path, *more: str) -> dict:
    assert main([*arguments(folder, *more), "--json"]) == 0
    content: dict = json.loads(capsys.readouterr().out)
    return content


def test_rates_by_hand(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    table = ("--settings", str(folder / "prescales.csv"), "--settings", str(folder / "settings.xml"), "--column", "A")
    content = content_of(capsys, folder, *table, "--bunches", "3564")
    rows = {row["name"]: row for row in content["rows"]}
    orbit = 11.2456  # kHz of one crossing of the orbit
    n_muon, n_jet, n_both = 357, 891, 179
    assert rows["L1_0"]["rate_khz"] == pytest.approx(n_muon * orbit)
    assert rows["L1_1"]["after_prescale_rate_khz"] == pytest.approx(0.4 * n_jet * orbit)
    assert rows["L1_1"]["pure_rate_khz"] == pytest.approx(0.4 * (n_jet - n_both) * orbit)
    assert rows["L1_0"]["pure_rate_khz"] == pytest.approx((n_muon - n_both + 0.6 * n_both) * orbit)
    assert content["total"]["rate_khz"] == pytest.approx((n_muon + 0.4 * (n_jet - n_both)) * orbit)
    assert not rows["L1_2"]["in_final_or"]
    assert (content["crossings"], content["column"], content["n_bunches"]) == (3564, "A", 3564)
    assert "needs the score 'axo'" in content["unsupported"]["L1_3"]
    assert not content["total_is_lower_bound"]  # the column switches the seed without network off


def test_what_other_columns_would_cost(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    table = ("--settings", str(folder / "prescales.csv"), "--column", "A", "--column", "B", "--column", "Off")
    content = content_of(capsys, folder, *table)
    costs = {column["name"]: column for column in content["columns"]["columns"]}
    share = 2760 * 11.2456 / 3564
    assert costs["A"]["rate_khz"] == pytest.approx(content["total"]["rate_khz"]) == pytest.approx((357 + 0.4 * 712) * share)
    assert costs["B"]["rate_khz"] == pytest.approx(3564 * share)
    assert costs["Off"]["difference_khz"] == pytest.approx(-costs["A"]["rate_khz"])
    assert main(arguments(folder, *table)) == 0
    assert "what each column would cost, against A" in capsys.readouterr().out


def test_table_and_overlap_matrix(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(arguments(folder, "--overlap", str(folder / "overlap.csv"), "--all")) == 0
    captured = capsys.readouterr()
    assert "at least" in captured.out  # a seed has no decision and would enter the final OR
    assert "no rate of L1_3" in captured.err
    rows = list(csv.reader((folder / "overlap.csv").read_text().splitlines()))
    assert rows[0] == ["", "L1_0", "L1_1", "L1_2"]
    assert [float(value) for value in rows[1][1:]] == pytest.approx([1.0, 179 / 357, 0.0], rel=1e-5)


def test_a_file_for_the_result_and_partial_results(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    whole = content_of(capsys, folder, "--workers", "1")
    output = ("--output", str(folder / "rates.json"))
    assert main(arguments(folder, "--partial", *output)) == 1
    assert "no finished partition" in capsys.readouterr().err
    (folder / "other_2024.txt").write_bytes((folder / "orbit_2024.txt").read_bytes()[:50_000])
    with_bad = ("--on", str(folder / "orbit_2024.txt"), str(folder / "other_2024.txt"), "--workers", "1")
    assert main(arguments(folder, *output, *with_bad)) == 1
    assert "other_2024.txt" in capsys.readouterr().err
    partial = content_of(capsys, folder, "--partial", *output, *with_bad)
    assert (partial["complete"], partial["finished"], partial["partitions"]) == (False, 1, 2)
    assert partial["rows"] == whole["rows"]
    assert not (folder / "rates.json").exists()
    assert content_of(capsys, folder, *output, "--workers", "1") == whole == json.loads((folder / "rates.json").read_text())
    assert whole["complete"]
    assert not (folder / "rates.json-parts").exists()


def test_ctrl_c_keeps_what_is_finished_without_an_output(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with (folder / "orbit_2024.txt").open("ab") as stream:
        stream.write((folder / "orbit_2024.txt").read_bytes() * 4)
    monkeypatch.setattr(tempfile, "tempdir", str(folder))
    real, ran = RateJob.run, list[RateJob]()

    def run(job: RateJob, check: Callable[[], None]) -> None:
        ran.append(job)
        if len(ran) == 3:
            raise KeyboardInterrupt
        real(job, check)

    monkeypatch.setattr(RateJob, "run", run)
    more = ("--workers", "1", "--partition", "7128")
    assert main(arguments(folder, *more)) == 130
    assert "goes on from what is finished" in capsys.readouterr().err
    (kept,) = folder.glob("l1ml-rates-*")
    assert (kept.stat().st_mode & 0o777, len(list(kept.iterdir()))) == (0o700, 2)
    content = content_of(capsys, folder, *more)
    assert (content["crossings"], len(ran)) == (5 * 3564, 4)
    assert not kept.exists()


def test_the_rates_of_a_model_have_their_own_file(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert main(["menu", "rates", "models/axo", "--output", str(tmp_path / "rates.json")]) == 1
    assert "run/decision.json" in capsys.readouterr().err


def test_two_processes_print_the_same(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    with (folder / "orbit_2024.txt").open("ab") as stream:
        stream.write((folder / "orbit_2024.txt").read_bytes() * 2)
    more = ("--workers", "2", "--partition", "7128")
    assert content_of(capsys, folder, *more) == content_of(capsys, folder, "--workers", "1")


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("models/axo",), "give the folder of a model"),
        (("--settings", "prescales.csv"), "name one file with prescales .* columns: A, B, Off"),
        (("--column", "A"), "columns: none"),
        (("--settings", "prescales.csv", "--column", "C"), "no column 'C'; "),
        (("--bunches", "4000"), "n_bunches must be 1 to 3564"),
        (("--networks", "none.toml"), "none.toml does not exist"),
        (("--partition", "0"), "a partition needs crossings"),
        (("--partial",), "name a file for the result"),
        (("--scheduler", "tcp://127.0.0.1:9"), "name a file for the result"),
    ],
)
def test_mistakes(
    capsys: pytest.CaptureFixture[str], folder: Path, monkeypatch: pytest.MonkeyPatch, more: tuple[str, ...], message: str
) -> None:
    monkeypatch.chdir(folder)
    assert main(arguments(folder, *more)) == 1
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("l1ml: ")]

    assert re.search(message, line)
