from __future__ import annotations

import json
import shutil
import statistics
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tagger_toy import write_real_jets
from toy import toy_events

from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA, EventWriter
from l1ml.data.jobs.sample_files import versions
from l1ml.errors import ConfigError, DataError
from l1ml.progress import SILENT
from l1ml.workflow.jets_step import JET_EVENTS
from l1ml.workflow.seed_job import SeedJob
from l1ml.workflow.seed_workspace import SeedWorkspace
from l1ml.workflow.seeds import seeds_of, summary
from l1ml.workflow.step import perform
from l1ml.workflow.workspace import Workspace

AXO = Path(__file__).parents[2] / "models" / "axo"
RECIPE = """
[model]
name = "axo"
[training]
seed = 1
hidden = [6]
epochs = 2
pruning_epochs = 1
fractions = [0.4, 0.1, 0.5]
"""
JETS = """
[model]
name = "toy_jets"
family = "tagger"
[jets]
jets = 500
[training]
hidden = [4]
epochs = 2
batch_size = 256
fractions = [0.6, 0.2, 0.2]
n_golden = 20
[training.reference]
hidden = [4]
epochs = 1
[training.bits]
limit = 4000
warm_up = 1
settle_epochs = 1
"""


def make_workspace(root: Path) -> Workspace:
    """A model folder with toy events; of 1500 equal crossings each stands for 21 kHz, so that its menu gets wider rates."""
    folder = root / "models" / "axo"
    (folder / "run" / "events").mkdir(parents=True)
    (folder / "model.toml").write_text(RECIPE)
    menu = (
        (AXO / "menu.toml")
        .read_text()
        .replace("rate_khz = 5.0", "rate_khz = 900.0")
        .replace("rate_khz = 10.0", "rate_khz = 2000.0")
    )
    (folder / "menu.toml").write_text(menu)
    processes = []
    for name, n, hardness in (("zero_bias", 3000, 1.0), ("ttbar", 500, 3.0)):
        path = folder / "run" / "events" / f"{name}.h5"
        with EventWriter(path, LEVEL1_SCHEMA, process=name, provenance={}) as writer:
            writer.append(toy_events(n, np.random.default_rng(n), hardness=hardness))
        processes.append({"process": name, "path": f"events/{name}.h5", "digest": str(n)})
    (folder / "run" / "events.json").write_text(json.dumps({"processes": processes}))
    return Workspace(folder, root / "projects", workers=1)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Workspace, dict[str, Any]]:
    """A workspace with two seeds."""
    pytest.importorskip("qkeras")
    workspace = make_workspace(tmp_path_factory.mktemp("checkout"))
    return workspace, seeds_of(workspace, (1, 7), SILENT)


@given(st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=2, max_size=8))
def test_mean_and_spread_are_those_of_the_seeds(pairs: list[tuple[float, float]]) -> None:
    item = summary([{"x": {"value": value, "error": error}} for value, error in pairs])["x"]
    values = [value for value, _ in pairs]
    assert item["n"] == len(pairs)
    assert item["mean"] == pytest.approx(statistics.fmean(values))
    assert item["spread"] == pytest.approx(statistics.stdev(values), abs=1e-12)
    assert item["mean_error"] == pytest.approx(item["spread"] / len(values) ** 0.5)
    assert min(error for _, error in pairs) - 1e-9 <= item["sample_error"] <= max(error for _, error in pairs) + 1e-9


def test_one_seed_has_no_spread_and_a_figure_that_some_lack_says_so() -> None:
    found = summary([{"x": {"value": 0.5, "error": 0.1}, "y": {"value": 1.0, "error": 0.0}}, {"x": {"value": 0.7, "error": 0.1}}])
    assert (found["x"]["n"], found["y"]["n"]) == (2, 1)
    assert found["y"]["spread"] is found["y"]["mean_error"] is None


def test_each_seed_is_trained_and_measured_at_its_own_thresholds(made: tuple[Workspace, dict[str, Any]]) -> None:
    workspace, content = made
    assert [row["seed"] for row in content["seeds"]] == [1, 7]
    assert len({row["model_digest"] for row in content["seeds"]}) == 2
    # one crossing is more than 1 kHz: no seed has a threshold there, and none is guessed
    assert list(content["figures"]) == ["ttbar AUC", "ttbar at 900 kHz", "ttbar at 2000 kHz"]
    assert all(0 < item["mean"] < 1 and item["sample_error"] > 0 for item in content["figures"].values())
    assert "seed" not in content["training"]
    assert json.loads((workspace.run / "seeds.json").read_text()) == content
    assert not (workspace.run / "golden.h5").exists()


def test_what_is_done_is_not_done_again_and_what_changed_is(made: tuple[Workspace, dict[str, Any]]) -> None:
    workspace, content = made
    files = [workspace.run / "seeds" / seed / name for seed in ("1", "7") for name in ("golden.h5", "figures.json")]
    before = [path.stat().st_mtime_ns for path in files]
    assert seeds_of(workspace, (1, 7), SILENT) == content
    assert [path.stat().st_mtime_ns for path in files] == before
    jobs = [SeedJob(SeedWorkspace.of(workspace, seed)) for seed in (1, 7, 8)]
    assert [job.is_done() for job in jobs] == [True, True, False]
    other = Workspace(workspace.folder.with_name("other"), workspace.projects)
    shutil.copytree(workspace.folder, other.folder)
    (other.run / "seeds" / "7" / "figures.json").write_text("{")
    assert [SeedJob(SeedWorkspace.of(other, seed)).is_done() for seed in (1, 7)] == [True, False]
    (other.folder / "model.toml").write_text(RECIPE.replace("hidden = [6]", "hidden = [7]"))
    assert not SeedJob(SeedWorkspace.of(Workspace(other.folder, other.projects), 1)).is_done()


class Interrupting:
    """A listener that stands for Ctrl-C after the first seed."""

    def start(self, task: str, total: int | None = None) -> None:
        pass

    def advance(self, n: int = 1) -> None:
        raise KeyboardInterrupt

    def finish(self) -> None:
        pass


def test_an_interrupted_run_leaves_the_seeds_that_are_done(made: tuple[Workspace, dict[str, Any]], tmp_path: Path) -> None:
    workspace = Workspace(tmp_path / "axo", tmp_path / "projects", workers=1)
    shutil.copytree(made[0].folder, workspace.folder)
    shutil.rmtree(workspace.run / "seeds" / "7")
    with pytest.raises(KeyboardInterrupt):
        seeds_of(workspace, (1, 7), Interrupting())
    content = json.loads((workspace.run / "seeds.json").read_text())
    assert ([row["seed"] for row in content["seeds"]], content["asked"]) == ([1], 2)


def test_the_verb_shows_what_there_is(made: tuple[Workspace, dict[str, Any]], capsys: pytest.CaptureFixture[str]) -> None:
    workspace, content = made
    command = ["seeds", str(workspace.folder), "--seeds", "1", "7", "--workers", "1"]
    assert main([*command, "--json"]) == 0
    assert json.loads(capsys.readouterr().out) == content
    assert main(command) == 0
    shown = capsys.readouterr()
    assert "Trained with 2 seeds" in shown.out
    assert "ttbar at 900 kHz [%]" in shown.out
    assert "seeds.json" in shown.err


def test_what_cannot_be_asked(made: tuple[Workspace, dict[str, Any]], tmp_path: Path) -> None:
    for seeds in ((), (3, 3)):
        with pytest.raises(ConfigError, match="seeds must be different whole numbers"):
            seeds_of(made[0], seeds, SILENT)
    with pytest.raises(ConfigError, match=r"model\.toml does not exist; give the folder of a model"):
        seeds_of(Workspace(tmp_path / "axo", tmp_path), (1,), SILENT)
    (tmp_path / "model.toml").write_text('[model]\nname = "toy"\n')
    with pytest.raises(DataError, match=r"events\.json does not exist; make it with: l1ml data generate"):
        seeds_of(Workspace(tmp_path, tmp_path), (1,), SILENT)


def test_a_tagger_has_accuracy_and_areas(tmp_path: Path) -> None:
    for module in ("pythia8mc", "fastjet", "qkeras"):
        pytest.importorskip(module, exc_type=ImportError)
    folder = tmp_path / "models" / "toy_jets"
    (folder / "run" / "events").mkdir(parents=True)
    (folder / "model.toml").write_text(JETS)
    workspace = Workspace(folder, tmp_path / "projects", workers=1)
    config = workspace.recipe.jets
    path = folder / "run" / "events" / "jets.h5"
    write_real_jets(path, 2500, np.random.default_rng(4), config, config.digest(versions()))
    perform(JET_EVENTS, workspace, SILENT)
    content = seeds_of(workspace, (3,), SILENT)
    assert list(content["figures"]) == ["accuracy", *(f"{name} AUC" for name in ("g", "q", "w", "z", "t"))]
    tagging = json.loads((folder / "run" / "seeds" / "3" / "tagging.json").read_text())
    assert content["figures"]["accuracy"]["mean"] == tagging["accuracy"]["efficiency"]
