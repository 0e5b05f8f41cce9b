from __future__ import annotations

import json
import shutil
from dataclasses import replace
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from toy import toy_events

from l1ml.cli.main import main
from l1ml.data import LEVEL1_SCHEMA, EventWriter, read_events
from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.data.ugt_vectors import write_vectors


@pytest.fixture
def folder(tmp_path: Path, rng: np.random.Generator) -> Path:
    """Two event files of two processes, and a vector file."""
    for number, name in enumerate(("signal", "background")):
        identity = np.arange(1000 * number, 1000 * number + 100, dtype=np.uint64)
        with EventWriter(tmp_path / f"{name}.h5", LEVEL1_SCHEMA, process=name, provenance={"seed": number}) as writer:
            writer.append(replace(toy_events(100, rng), event=identity, group=identity))
    pt = np.zeros((N_CROSSINGS, 12), np.int64)
    pt[:, 0] = 80
    write_vectors(tmp_path / "menu_2024.txt", Crossings.from_objects("2024", {"jet": {"pt": pt}}, N_CROSSINGS))
    return tmp_path


def run(capsys: pytest.CaptureFixture[str], *argv: object) -> Any:
    """JSON that a verb prints."""
    assert main(["data", *(str(item) for item in argv), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def fail(capsys: pytest.CaptureFixture[str], *argv: object) -> str:
    """The one line of a verb that must fail."""
    assert main(["data", *(str(item) for item in argv)]) == 1
    captured = capsys.readouterr()
    assert (captured.out, "Traceback" in captured.err) == ("", False)
    return next(line for line in captured.err.splitlines() if line.startswith("l1ml: "))


def test_info_of_any_format(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    info = run(capsys, "info", folder / "signal.h5")
    assert (info["format"], info["processes"], info["n_events"], info["complete"]) == ("l1ml", ["signal"], 100, True)
    info = run(capsys, "info", folder / "menu_2024.txt")
    assert (info["format"], info["era"], info["n_events"]) == ("ugt", "2024", None)
    assert main(["data", "info", str(folder / "menu_2024.txt")]) == 0
    assert "12 jet (pt/eta/phi/displaced/quality)" in capsys.readouterr().out


def test_head(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    rows = run(capsys, "head", folder / "signal.h5", "-n", 3)
    events = read_events(folder / "signal.h5")
    assert [row["event"] for row in rows] == [0, 1, 2]
    met = rows[0]["objects"]["met"][0]
    assert met["hw_pt"] == events.collections["met"]["hw_pt"][0, 0]
    assert met["pt"] == met["hw_pt"] * 0.5
    assert main(["data", "head", str(folder / "menu_2024.txt"), "-n", "1"]) == 0
    shown = capsys.readouterr().out
    assert "pt 80, eta 0" in shown
    assert "pt 40, eta 0" in shown


def test_validate(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert run(capsys, "validate", folder / "signal.h5")["n_problems"] == 0
    with h5py.File(folder / "signal.h5", "a") as file:
        file["collections/jet/hw_phi"][7, 0] = 300
    assert main(["data", "validate", str(folder / "signal.h5")]) == 1
    assert "jet/hw_phi holds 300 at row 7, slot 0: outside 0..255 (8 bits)" in " ".join(
        capsys.readouterr().out.replace("│", " ").split()
    )


def test_convert_merge_split(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    made = run(capsys, "convert", folder / "menu_2024.txt", folder / "v.h5", "--process", "toy", "--set", "era=2024")
    assert made == {"files": [{"path": str(folder / "v.h5"), "n_events": N_CROSSINGS}]}
    run(capsys, "merge", folder / "signal.h5", folder / "background.h5", folder / "m.h5")
    assert run(capsys, "info", folder / "m.h5")["processes"] == ["signal", "background"]
    parts = run(capsys, "split", folder / "m.h5", "--fractions", 0.5, 0.5, "--names", "a", "b")["files"]
    assert [Path(item["path"]).name for item in parts] == ["m-a.h5", "m-b.h5"]
    assert sum(item["n_events"] for item in parts) == 200


def test_mistakes_are_one_line(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    assert "background.h5 exists; --force replaces it" in fail(capsys, "merge", folder / "signal.h5", folder / "background.h5")
    assert "are there twice" in fail(capsys, "merge", folder / "signal.h5", folder / "signal.h5", folder / "m.h5")
    assert "2 shares need as many" in fail(capsys, "split", folder / "signal.h5", "--fractions", 0.5, 0.5)
    assert "no option 'run'" in fail(capsys, "convert", folder / "menu_2024.txt", folder / "v.h5", "--set", "run=1")
    assert "did you mean 'ugt'" in fail(capsys, "convert", folder / "menu_2024.txt", folder / "v.h5", "--format", "ugtt")
    assert "is not a file" in fail(capsys, "info", folder / "none.txt") or "does not exist" in fail(
        capsys, "info", folder / "none.txt"
    )
    assert not (folder / "m.h5").exists()


def test_interruption_leaves_nothing(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = sorted(folder.iterdir())
    monkeypatch.setattr("l1ml.data.event_writer.EventWriter._extend_digests", interrupted)
    assert main(["data", "convert", str(folder / "menu_2024.txt"), str(folder / "v.h5")]) == 130
    assert sorted(folder.iterdir()) == before


def test_recover(capsys: pytest.CaptureFixture[str], folder: Path, rng: np.random.Generator) -> None:
    with EventWriter(folder / "r.h5", LEVEL1_SCHEMA, process="toy", provenance={}) as writer:
        writer.append(toy_events(30, rng))
        shutil.copy(folder / "r.h5.part", folder / "kept")
    (folder / "r.h5").unlink()
    (folder / "kept").rename(folder / "r.h5.part")
    info = run(capsys, "info", folder / "r.h5")
    assert (info["complete"], info["n_events"]) == (False, 30)
    assert run(capsys, "validate", folder / "r.h5")["n_problems"] == 0
    assert len(run(capsys, "head", folder / "r.h5", "-n", 2)) == 2
    assert run(capsys, "recover", folder / "r.h5") == {"files": [{"path": str(folder / "r.h5"), "n_events": 30}]}
    assert len(read_events(folder / "r.h5")) == 30


def test_plot(capsys: pytest.CaptureFixture[str], folder: Path) -> None:
    pytest.importorskip("mplhep")
    made = run(capsys, "plot", folder / "signal.h5", "--output", folder / "plots")
    assert sorted(Path(path).name for path in made["files"]) == [
        f"signal-{name}.png" for name in ("egamma", "jet", "met", "muon")
    ]
    assert all(Path(path).stat().st_size > 1000 for path in made["files"])
