"""``l1ml evaluate`` on the shipped model and toy crossings; other pileup is tried in tests/workflow/test_run.py."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trigger_toy import sample, with_toy_crossings

from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA
from l1ml.data.event_writer import EventWriter

AXO = Path(__file__).parents[2] / "models" / "axo"
RATES = ("--rates", "300", "3000")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The shipped model with a few thousand toy crossings of its own."""
    return with_toy_crossings(AXO, tmp_path / "axo")


def content_of(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    capsys.readouterr()
    assert main(["evaluate", *arguments, "--json"]) == 0
    content: dict[str, Any] = json.loads(capsys.readouterr().out)["evaluation"]
    return content


def test_rates_that_are_not_resolved_are_said_and_only_refused_when_asked_for(
    capsys: pytest.CaptureFixture[str], folder: Path
) -> None:
    assert main(["evaluate", str(folder)]) == 0
    captured = capsys.readouterr()
    assert "not resolved" in captured.out
    assert "0.3 kHz of 31,038 kHz needs 10 effective zero-bias crossings" in captured.err
    assert main(["evaluate", str(folder), "--rates", "0.3", "300"]) == 1
    assert "times as many" in capsys.readouterr().err


def test_a_second_time_nothing_is_done_until_something_changes(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    first = content_of(capsys, str(folder), *RATES)
    assert content_of(capsys, str(folder), *RATES) == first
    forced = content_of(capsys, str(folder), *RATES, "--force")
    assert forced["scores"] == first["scores"]
    shifted = content_of(capsys, str(folder), *RATES, "--shift", "10")
    assert {row["conditions"] for row in shifted["scores"]["axo"]["energy_scale"]} >= {"jet +10 %", "jet -10 %"}
    assert shifted["scores"]["axo"]["working_points"] == first["scores"]["axo"]["working_points"]


def test_any_menu_can_be_the_classical_one(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    menu = folder / "other.toml"
    menu.write_text(
        'name = "other"\n'
        '[[algorithm]]\nname = "L1_SingleTau30"\nexpression = "TAU30"\n'
        '[[algorithm]]\nname = "L1_SingleJet0"\nexpression = "JET0"\n'
    )
    own, other = (content_of(capsys, str(folder), *RATES, *more) for more in ((), ("--menu", str(menu))))
    assert (own["classical"]["menu"], len(own["classical"]["seeds"])) == ("L1Menu_axo", 5)
    assert (other["classical"]["menu"], other["classical"]["seeds"]) == ("other", ["L1_SingleJet0"])
    assert list(other["classical"]["undecided"]) == ["L1_SingleTau30"]
    for before, after in zip(*(item["scores"]["axo"]["working_points"] for item in (own, other)), strict=True):
        assert before["threshold"] == after["threshold"]
        assert after["signals"]["ttbar"]["on_top"]["n_passed"] <= before["signals"]["ttbar"]["on_top"]["n_passed"]
    assert main(["evaluate", str(folder), *RATES, "--menu", str(menu)]) == 0
    assert "L1_SingleTau30" in capsys.readouterr().err


def test_signals_of_different_weights_are_refused(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    events, _ = sample(500, 3, 1.0, signal=False)
    with EventWriter(folder / "run" / "events" / "ttbar.h5", LEVEL1_SCHEMA, process="ttbar", provenance={}) as writer:
        writer.append(events)
    assert main(["evaluate", str(folder)]) == 1
    assert "efficiencies need equal weights" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (("--shift", "100"), "must be above 0 and below 100 per cent"),
        (("--column", "A"), "--settings and --column belong to --menu"),
        (("--menu", "none.toml"), "none.toml does not exist"),
    ],
)
def test_mistakes(capsys: pytest.CaptureFixture[str], folder: Path, more: tuple[str, ...], message: str) -> None:
    assert main(["evaluate", str(folder), *more]) == 1
    assert message in capsys.readouterr().err


def test_a_menu_without_a_score_has_nothing_to_evaluate(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "menu.toml").write_text('name = "classical"\n[[algorithm]]\nname = "L1_SingleJet180"\nexpression = "JET180"\n')
    assert main(["evaluate", str(folder)]) == 1
    assert "has no seed on a score of the model" in capsys.readouterr().err


def test_numbers_are_finite(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    content = content_of(capsys, str(folder), *RATES)
    areas = content["scores"]["axo"]["areas"]["ttbar"]
    assert np.isfinite([areas["area"], areas["error"]]).all()
    assert 0.5 < areas["area"] <= 1.0
