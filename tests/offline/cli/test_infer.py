"""A Gaussian toy through all verbs of ``l1ml-offline infer``."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from offline.cli.main import main
from offline.inference import GaussianModel, simulate, write_simulations
from offline.inference.examples.z_jet import ZJet
from offline.inference.gold.madminer_file import write_madminer

POSTERIOR = """
[toy]
simulated = 2000
test = 200
[posterior]
depth = 1
widths = [8]
transform = "affine"
training = { updates = 30, batch_size = 256, learning_rate = 0.002 }
"""

RATIO = """
[simulations]
file = "train.h5"
test = "test.h5"
simulator = "simulator_of_toys:simulator"
[ratio]
widths = [16]
training = { updates = 60, batch_size = 256, learning_rate = 0.005 }
"""

GOLD = """
[events]
file = "events.h5"
test = "others.h5"
labelled = 4000
points = 40
[events.prior]
c = { kind = "uniform", low = -0.2, high = 0.2 }
scale = { kind = "normal", mean = 0, sd = 1 }
[gold]
widths = [16]
training = { updates = 100, batch_size = 256, learning_rate = 0.005 }
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.toml").write_text(POSTERIOR)
    (tmp_path / "b.toml").write_text(RATIO)
    (tmp_path / "x.csv").write_text("# what was observed\n0.5,-0.8,0.3\n")
    return tmp_path


def test_a_posterior(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config, observation = str(folder / "a.toml"), str(folder / "x.csv")
    assert main(["infer", "train", config, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["simulations"] == 2000
    assert (folder / "a.npz").is_file()
    draws = ["--observation", observation, "-n", "500", "--output", str(folder / "draws.csv")]
    assert main(["infer", "sample", config, *draws, "--json"]) == 0
    made = np.loadtxt(folder / "draws.csv", delimiter=",", skiprows=1)
    exact = GaussianModel().posterior().means(np.array([[0.5, -0.8, 0.3]]))[0]
    rows = json.loads(capsys.readouterr().out)["parameters"]
    for row, column, mean in zip(rows, made.T, exact, strict=True):
        assert row["mean"] == pytest.approx(column.mean())
        assert row["mean"] == pytest.approx(mean, abs=0.1)
    assert main(["infer", "diagnose", config, "--draws", "30"]) == 0
    assert "balls around centre points" in capsys.readouterr().out
    assert main(["infer", "plot", config, "--observation", observation]) == 0
    figures = {path.stem for path in (folder / "a-figures").iterdir()}
    assert figures == {"ranks", "coverage_of_balls", "coverage_of_highest_density", "posterior"}
    assert main(["infer", "scan", config, "--observation", observation]) == 1
    assert "use sample, or write [ratio]" in capsys.readouterr().err


def test_a_ratio(folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    model = GaussianModel()
    for seed, (name, n) in enumerate([("train.h5", 2000), ("test.h5", 200)]):
        write_simulations(folder / name, simulate(model.prior, model, n, seed=seed))
    config, observation = str(folder / "b.toml"), str(folder / "x.csv")
    assert main(["infer", "train", config]) == 0
    assert "2000 simulations" in capsys.readouterr().out
    assert main(["infer", "scan", config, "--observation", observation, "--points", "21", "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["parameters"] == ["a", "b"]
    assert all(low <= best <= high for (low, high), best in zip(found["ends"], found["best"], strict=True))
    assert found["kind"] == "asymptotic"
    toys = ["infer", "scan", config, "--observation", observation, "--points", "5", "--toys", "20", "--json"]
    assert main(toys) == 1
    assert "no 'simulator' in 'simulator_of_toys' to import" in capsys.readouterr().err
    (folder / "simulator_of_toys.py").write_text("from offline.inference import GaussianModel\n\nsimulator = GaussianModel()\n")
    monkeypatch.syspath_prepend(folder)
    assert main(toys) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "toys"
    assert main(["infer", "diagnose", config]) == 0
    assert "predicted and true shares" in capsys.readouterr().out
    assert main(["infer", "plot", config]) == 0
    assert [path.stem for path in (folder / "b-figures").iterdir()] == ["calibration"]
    assert main(["infer", "sample", config, "--observation", observation]) == 1
    assert "which has no draws" in capsys.readouterr().err


def test_gold_of_weighted_events(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for seed, name in enumerate(["events.h5", "others.h5"]):
        write_madminer(folder / name, ZJet().events(20_000, np.random.default_rng(seed)))
    (folder / "c.toml").write_text(GOLD)
    config, observation = str(folder / "c.toml"), str(folder / "events.csv")
    np.savetxt(folder / "events.csv", ZJet().events(100, np.random.default_rng(2)).x, delimiter=",")
    assert main(["infer", "train", config]) == 0
    assert "4000 events" in capsys.readouterr().out
    # enough was learnt for an ordinary p-value, and what is called likelier is
    assert main(["infer", "diagnose", config, "--json"]) == 0
    judged = json.loads(capsys.readouterr().out)
    assert judged["observed"][-1] > judged["observed"][0]
    scan = ["infer", "scan", config, "--observation", observation, "--points", "5", "--json"]
    assert main(scan) == 0
    assert json.loads(capsys.readouterr().out)["parameters"] == ["c", "scale"]
    assert main([*scan, "--toys", "20"]) == 0
    assert json.loads(capsys.readouterr().out)["kind"] == "toys"
    assert main(["infer", "plot", config, "--observation", observation]) == 0
    assert {path.stem for path in (folder / "c-figures").iterdir()} == {"calibration", "scan"}
    (folder / "c.toml").write_text(GOLD.replace('test = "others.h5"', ""))
    assert main(["infer", "diagnose", config]) == 1
    assert 'give test = "..." in [events]' in capsys.readouterr().err


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[toy]\n[gold]", "[gold] learns from [events]"),
        (
            "[events]\nfile = 'a.h5'\nprior = { c = { kind = 'normal', mean = 0, sd = 1 } }\n[ratio]",
            "[gold] learns from [events]",
        ),
        ("[events]\nfile = 'a.h5'\nprior = { c = { kind = 'flat' } }\n[gold]", "has no kind 'flat'"),
        (GOLD.replace("[events.prior]", "reference = [[0.0]]\n[events.prior]"), "needs 2 numbers, of c, scale"),
        (GOLD, "events.h5 does not exist"),
        ("seed = 1", "needs either [simulations] or [toy]"),
        ("[toy]\n[ratio]\n[posterior]", "one result comes of one configuration"),
        ("[toy]\n[posterior]\nname = 'flwo'", "did you mean 'flow'"),
        ("[toy]\nposterior = 3", "has no key 'posterior'"),
        ("posterior = 3\n[toy]", "posterior must be a table"),
        ("[toi]", "did you mean 'toy'"),
        ("[toy]\n[posteriors]", "did you mean 'posterior'"),
        ("[simulations]\nfile = 'no.h5'", "no.h5 does not exist"),
    ],
)
def test_what_cannot_be_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str, said: str) -> None:
    (tmp_path / "a.toml").write_text(text)
    assert main(["infer", "train", str(tmp_path / "a.toml")]) == 1
    assert said in capsys.readouterr().err


def test_before_training_and_without_numbers(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["infer", "diagnose", str(folder / "a.toml")]) == 1
    assert "does not exist; make it with: l1ml-offline infer train" in capsys.readouterr().err
    (folder / "x.csv").write_text("a,b\n")
    assert main(["infer", "sample", str(folder / "a.toml"), "--observation", str(folder / "x.csv")]) == 1
    assert "rows of numbers separated by commas" in capsys.readouterr().err
