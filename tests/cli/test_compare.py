from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ugt_toy import decided, random_crossings, toy_menu

from l1ml.cli.main import main
from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.trigger.menus.toml_menu import write_toml_menu

MENU = toy_menu("MU5", "comb{JET50, JET30}", "HTT100")


@pytest.fixture
def folder(capsys: pytest.CaptureFixture[str], tmp_path: Path, rng: np.random.Generator) -> Path:
    """A menu, vectors that agree with it, vectors that do not, and the decision file of both."""
    write_toml_menu(tmp_path / "menu.toml", MENU)
    orbit = decided(MENU, random_crossings(rng, 3564))
    bits = orbit.algorithms.copy()
    for name in ("good", "bad"):
        write_vectors(tmp_path / f"{name}_2024.txt", Crossings.from_words("2024", orbit.words, algorithms=bits))
        bits[300:340, 0] ^= True
    options = ["--menu", str(tmp_path / "menu.toml"), "--on", str(tmp_path / "good_2024.txt")]
    assert main(["emulate", *options, "--output", str(tmp_path / "decisions.h5")]) == 0
    capsys.readouterr()
    (tmp_path / "prescales.csv").write_text("Index,Name,A\n0,A0,1\n1,A1,2\n2,A2,0\n")
    return tmp_path


def run(folder: Path, recorded: str, *more: str) -> int:
    return main(["compare", str(folder / recorded), *(str(folder / item) if (folder / item).exists() else item for item in more)])


def test_exit_status_of_a_cron_job(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(folder, "good_2024.txt", "--menu", "menu.toml") == 0
    assert capsys.readouterr().out.startswith("OK: 3 seeds (3 of them fire) agree bit for bit in 3,564 crossings\n")
    assert run(folder, "bad_2024.txt", "--menu", "menu.toml") == 3
    out = capsys.readouterr().out
    assert out.startswith("ALARM: 1 of 3 seeds mismatch; most A0: 40 of")
    assert "mismatches cluster in bx " in out
    assert "MU5 is" in out
    assert run(folder, "bad_2024.txt", "--menu", "menu.toml", "--allowed", "0.9") == 0
    assert capsys.readouterr().out.startswith("LOOK: 1 seeds mismatch within the share that is allowed")
    assert run(folder, "bad_2024.txt") == 1
    assert "--menu" in capsys.readouterr().err
    with pytest.raises(SystemExit) as stop:
        main(["compare"])
    assert stop.value.code == 2


def test_decision_file_reference_page_and_json(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    pytest.importorskip("matplotlib")
    options = ["decisions.h5", "--menu", "menu.toml", "--reference", "good_2024.txt", "--output", str(folder / "page"), "--json"]
    assert run(folder, "bad_2024.txt", *options) == 3
    content = json.loads(capsys.readouterr().out)
    assert content == json.loads((folder / "page" / "comparison.json").read_text())
    assert content["matched"] == {
        "by": "orbit, bx", "both": 3564, "only_recorded": 0, "only_emulated": 0, "first_only_recorded": []
    }  # fmt: skip
    assert content["emulated"] == "decisions.h5 (toy)"
    assert content["seeds"][0]["mismatches"] == 40
    assert content["drift"]["reference_crossings"] > 3500


def test_settings_belong_to_a_menu(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    settings = ("--settings", "prescales.csv", "--column", "A")
    assert run(folder, "decisions.h5", "decisions.h5", *settings) == 1
    assert "name it with --menu" in capsys.readouterr().err
    assert run(folder, "good_2024.txt", "--menu", "menu.toml", *settings[:2]) == 1
    assert "columns: A" in capsys.readouterr().err
    assert run(folder, "good_2024.txt", "--menu", "menu.toml", *settings) == 0


def test_too_many_references(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(folder, "good_2024.txt", "--menu", "menu.toml", "--reference", "a", "b", "c") == 1
    assert "received 3 files" in capsys.readouterr().err
