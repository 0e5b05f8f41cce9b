from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from ugt_toy import random_crossings, toy_menu

from l1ml.cli.main import main
from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.trigger.conditions.columns import Columns
from l1ml.trigger.evaluation import Unsupported, evaluate
from l1ml.trigger.menus.toml_menu import write_toml_menu

EXPRESSIONS = ("MU5[MU-QLTY_12]", "mass_inv{MU5, MU0}[MASS_10to20, CHGCOR_OS]", "AXO[AXO-MODEL_v4]")


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """A menu, vectors that agree with it and vectors with one wrong bit."""
    menu = toy_menu(*EXPRESSIONS)
    write_toml_menu(tmp_path / "menu.toml", menu)
    crossings = random_crossings(rng, 3564)
    bits = np.zeros((crossings.n, 512), dtype=np.bool_)
    for index, decision in enumerate(evaluate(menu, Columns.of_crossings(crossings)).values()):
        bits[:, index] = False if isinstance(decision, Unsupported) else decision
    for name in ("good", "bad"):
        write_vectors(tmp_path / f"{name}_2024.txt.gz", Crossings.from_words("2024", crossings.words, algorithms=bits))
        bits[321, 0] ^= True
    return tmp_path


def run(folder: Path, vectors: str, *more: str) -> int:
    return main(["menu", "replay", "--menu", str(folder / "menu.toml"), "--vectors", str(folder / vectors), *more])


def test_replay_that_agrees(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(folder, "good_2024.txt.gz", "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["supported"], content["exact"], content["mismatched_bits"]) == (2, 2, 0)
    assert content["unsupported"][0]["name"] == "A2"
    assert content["vectors"] == "good_2024.txt.gz"


def test_replay_that_disagrees_ends_with_1_and_says_where(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(folder, "bad_2024.txt.gz", "--json", str(folder / "out.json")) == 1
    text = capsys.readouterr().out
    assert "321" in text
    assert "unsupported" in text
    content = json.loads((folder / "out.json").read_text())
    assert [(item["name"], item["bits"], item["first_bx"]) for item in content["mismatches"]] == [("A0", 1, 321)]


def test_replay_with_the_layout_of_another_year(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(folder, "good_2024.txt.gz", "--era", "2016") == 1
    assert "SchemaError" in capsys.readouterr().err


def test_show_menu_and_seed(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    menu = str(folder / "menu.toml")
    assert main(["menu", "show", menu]) == 0
    assert "3 algorithms" in capsys.readouterr().out
    assert main(["menu", "show", menu, "A1"]) == 0
    text = capsys.readouterr().out
    assert "word >= 11" in text
    assert "mass^2/2 50.0 to 200.0" in text
    assert "opposite charges" in text
    assert main(["menu", "show", menu, "A0", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert content["conditions"] == {"MU5[MU-QLTY_12]": ["MU5: word >= 11, quality in {12, 13, 14, 15}"]}
    assert main(["menu", "show", menu, "--json"]) == 0
    assert [item["name"] for item in json.loads(capsys.readouterr().out)["algorithms"]] == ["A0", "A1", "A2"]


def test_show_of_an_unknown_seed_names_the_nearest(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["menu", "show", str(folder / "menu.toml"), "A11"]) == 1
    assert "did you mean" in capsys.readouterr().err


def explained(folder: Path, seed: str, bx: int, *more: str) -> int:
    vectors = str(folder / "bad_2024.txt.gz")
    return main(
        ["menu", "explain", "--menu", str(folder / "menu.toml"), "--vectors", vectors, "--seed", seed, "--bx", str(bx), *more]
    )


def test_explain(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert explained(folder, "A0", 321, "--json") == 0
    content = json.loads(capsys.readouterr().out)
    assert (content["verdict"] == "fires") is not content["in_vectors"]
    assert content["deciding"][0].startswith("MU5[MU-QLTY_12] is ")
    assert explained(folder, "A2", 0) == 0
    assert "network" in capsys.readouterr().out


@pytest.mark.parametrize(("seed", "bx", "message"), [("A9", 0, "known: A0, A1, A2"), ("A0", 3564, "0 to 3563")])
def test_explain_what_is_not_there(capsys: pytest.CaptureFixture[str], folder: Path, seed: str, bx: int, message: str) -> None:
    assert explained(folder, seed, bx) == 1
    assert message in capsys.readouterr().err
