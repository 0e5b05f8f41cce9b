from __future__ import annotations

import json
import shutil
from pathlib import Path

import h5py
import numpy as np
import pytest
from toy import toy_events

from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA, EventWriter

AXO = Path(__file__).parents[2] / "models" / "axo"


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """The shipped model beside toy events, as `l1ml data generate` would list them."""
    target = tmp_path / "axo"
    (target / "run").mkdir(parents=True)
    for name in ("model.toml", "menu.toml", "weights.keras", "golden.h5"):
        shutil.copy(AXO / name, target / name)
    processes = []
    for process, hardness in {"zero_bias": 1.0, "ttbar": 3.0}.items():
        with EventWriter(target / "run" / f"{process}.h5", LEVEL1_SCHEMA, process=process, provenance={}) as writer:
            writer.append(toy_events(4000, rng, hardness=hardness))
        processes.append({"process": process, "path": f"{process}.h5", "digest": process})
    (target / "run" / "events.json").write_text(json.dumps({"processes": processes}))
    return target


def fail(capsys: pytest.CaptureFixture[str], folder: Path) -> str:
    assert main(["menu", "rates", str(folder)]) == 1
    captured = capsys.readouterr()
    assert captured.out == ""
    assert not (folder / "run" / "decision.json").exists()
    assert not (folder / "run" / "menu.toml").exists()
    (line,) = [line for line in captured.err.splitlines() if line.startswith("l1ml: ")]
    return line


def edit_menu(folder: Path, old: str, new: str) -> None:
    path = folder / "menu.toml"
    assert old in path.read_text()
    path.write_text(path.read_text().replace(old, new, 1))


def test_rates_and_resolved_thresholds(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert main(["menu", "rates", str(folder), "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    names = [row["name"] for row in content["rates"]["rows"]]
    assert names[-3:] == ["L1_AXO_1kHz", "L1_AXO_5kHz", "L1_AXO_10kHz"]
    resolved = (folder / "run" / "menu.toml").read_text()
    assert content["model_digest"] in resolved
    assert main(["menu", "rates", str(folder)]) == 0
    assert "L1_AXO_1kHz" in capsys.readouterr().out


def test_an_unknown_key_in_the_menu(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    edit_menu(folder, "alternatives", "alternative")
    assert "did you mean 'alternatives'?" in fail(capsys, folder)


def test_a_threshold_of_another_model(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    edit_menu(folder, "rate_khz = 1.0", "minimum = 100")
    edit_menu(folder, "[object_cuts]", f'[networks]\naxo = "{"0" * 64}"\n[object_cuts]')
    assert "belong to model 000000000000" in fail(capsys, folder)


@pytest.mark.parametrize("process", ["zero_bias", "ttbar"])
def test_a_truncated_event_file(capsys: pytest.CaptureFixture[str], folder: Path, process: str) -> None:
    path = folder / "run" / f"{process}.h5"
    path.write_bytes(path.read_bytes()[:3000])
    assert "truncated or damaged" in fail(capsys, folder)


def test_a_missing_event_file(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    (folder / "run" / "ttbar.h5").unlink()
    assert "does not exist; make events with: l1ml data generate" in fail(capsys, folder)


def test_another_schema_digest(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    with h5py.File(folder / "run" / "ttbar.h5", "a") as file:
        file.attrs["schema_digest"] = "0" * 64
    assert "SchemaError" in fail(capsys, folder)


def test_a_nan_weight(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    with h5py.File(folder / "run" / "zero_bias.h5", "a") as file:
        file["weight"][7] = np.nan
    assert "weight is NaN" in fail(capsys, folder)
