from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events
from trigger_toy import menu_with

from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.emulation.portable import read_network
from l1ml.storage import write_json
from l1ml.trigger.decision_file import read_decisions
from l1ml.trigger.menus.toml_menu import write_toml_menu

AXO = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture
def source(tmp_path: Path, rng: np.random.Generator) -> Path:
    with EventWriter(tmp_path / "events.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(toy_events(300, rng))
    return tmp_path / "events.h5"


def test_the_file_of_a_network_is_as_good_as_its_model(source, tmp_path, capsys):
    network = tmp_path / "axo.h5"
    assert main(["export", "network", str(AXO), str(network), "--json"]) == 0
    exported = json.loads(capsys.readouterr().out)
    assert {row["carrier"] for row in exported["operations"]} == {"float32"}
    for given, output in ((AXO, tmp_path / "a.h5"), (network, tmp_path / "b.h5")):
        assert main(["emulate", str(given), "--on", str(source), "--output", str(output), "--json"]) == 0
        content = json.loads(capsys.readouterr().out)
        assert content["networks"] == {"axo": exported["digest"]}
        assert content["written"] == [{"file": str(output), "crossings": 300, "from": [str(source)]}]
    one, other = (read_decisions(tmp_path / name)[1] for name in ("a.h5", "b.h5"))
    np.testing.assert_array_equal(one.scores["axo"], other.scores["axo"])


def test_workers_write_the_same_crossings(source, tmp_path, capsys):
    for name, more in (("a.h5", ["--threads", "1"]), ("b.h5", ["--workers", "2", "--partition", "130"])):
        assert main(["emulate", str(AXO), "--on", str(source), "--output", str(tmp_path / name), "--json", *more]) == 0
        assert json.loads(capsys.readouterr().out)["written"][0]["crossings"] == 300
    (header, one), (other_header, other) = (read_decisions(tmp_path / name) for name in ("a.h5", "b.h5"))
    assert header == other_header
    np.testing.assert_array_equal(one.scores["axo"], other.scores["axo"])
    np.testing.assert_array_equal(one.identity["event"], other.identity["event"])


def test_a_model_alone_reads_its_own_events_by_its_own_menu(tmp_path, rng, capsys):
    folder = tmp_path / "axo"
    for name in ("golden.h5", "weights.keras"):
        (folder / "run").mkdir(parents=True, exist_ok=True)
        shutil.copy(AXO / name, folder / "run" / name)
    assert main(["emulate", str(folder)]) == 1
    assert "l1ml menu rates" in capsys.readouterr().err
    with EventWriter(folder / "run" / "events" / "toy.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(toy_events(100, rng))
    write_json(folder / "run" / "events.json", {"processes": [{"process": "toy", "path": "events/toy.h5", "digest": ""}]})
    write_toml_menu(folder / "run" / "menu.toml", menu_with("EG25", "AXO[AXO-MODEL_axo, AXO-SCORE_5]"))
    assert main(["emulate", str(folder)]) == 0
    header, found = read_decisions(folder / "run" / "decisions" / "toy.h5")
    assert header.algorithms == ("L1_0", "L1_1")
    np.testing.assert_array_equal(found.final[:, 1], found.scores["axo"] >= 5)


def test_tables_say_what_carries_each_operation(source, tmp_path, capsys):
    assert main(["export", "network", str(AXO), str(tmp_path / "axo.h5")]) == 0
    assert "exact by construction" in capsys.readouterr().out
    assert main(["emulate", str(AXO), "--on", str(source), "--output", str(tmp_path / "o.h5"), "--proofs"]) == 0
    shown = capsys.readouterr().out
    assert "float32" in shown
    assert "decision files" in shown


def test_networks_toml_takes_the_file_of_a_network(source, tmp_path, capsys):
    read_network(AXO).save(tmp_path / "axo.h5")
    (tmp_path / "networks.toml").write_text('[v9]\nmodel = "axo.h5"\n', encoding="utf-8")
    arguments = ["--on", str(source), "--output", str(tmp_path / "o.h5"), "--networks", str(tmp_path / "networks.toml")]
    assert main(["emulate", str(AXO), *arguments]) == 0
    _, found = read_decisions(tmp_path / "o.h5")
    np.testing.assert_array_equal(found.scores["v9"], found.scores["axo"])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--on", "x.h5", "--output", "o.h5"], "nothing to emulate"),
        ([str(AXO), "--on", "x.h5"], "--output OUT.h5"),
        ([str(AXO), str(AXO), "--on", "x.h5", "--output", "o.h5"], "two networks are called 'axo'"),
        ([str(AXO), "--on", "x.h5", "--output", "o.h5"], "x.h5 is not a file"),
        ([str(AXO), "--output", "o.h5"], "name the files of crossings"),
        ([], "name the files of crossings"),
    ],
)
def test_wrong_usage_says_what_to_give(arguments, message, capsys):
    assert main(["emulate", *arguments]) == 1
    assert message in capsys.readouterr().err
