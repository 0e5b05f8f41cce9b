from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from ugt_toy import decided, random_crossings, toy_menu

from l1ml.data.ugt_vectors import Crossings, write_vectors
from l1ml.errors import StorageError
from l1ml.reporting import shift_page as module
from l1ml.reporting.rendering import RenderedFigure
from l1ml.reporting.shift_page import NUMBERS, PAGE, shift_page, write_shift_page
from l1ml.trigger.monitoring import ComparisonFiles, RunComparison, compare_files

image = pytest.importorskip("matplotlib.image")

MENU = toy_menu("MU5", "comb{JET50, JET30}", "HTT100", "AXO[AXO-MODEL_v4]")


@pytest.fixture(scope="module")
def comparison(tmp_path_factory: pytest.TempPathFactory) -> RunComparison:
    """A run with a seed that is wrong in 40 crossings, against a reference."""
    rng, folder = np.random.default_rng(5), tmp_path_factory.mktemp("files")
    orbit = decided(MENU, random_crossings(rng, 3564))
    bits = orbit.algorithms.copy()
    bits[200:240, 1] ^= True
    write_vectors(folder / "run_2024.txt", Crossings.from_words("2024", orbit.words, algorithms=bits))
    write_vectors(folder / "reference_2024.txt", decided(MENU, random_crossings(rng, 3564)))
    return compare_files(ComparisonFiles(folder / "run_2024.txt", menu=MENU, reference=(folder / "reference_2024.txt",)))


def test_page_with_its_pictures(tmp_path: Path, comparison: RunComparison) -> None:
    paths = write_shift_page(comparison, tmp_path / "page")
    assert [path.name for path in paths] == [
        "comparison.json",
        *(f"{name}.png" for name in ("seeds", "mismatches_bx", "mismatches_time", "drift", "drift_seeds")),
        "comparison.md",
    ]
    text = paths[-1].read_text()
    assert text.startswith("# ALARM: 1 of 3 seeds mismatch; most A1: ")
    assert "mismatches cluster in bx 192 to 255" in text or "mismatches cluster in bx 2" in text
    assert "| A1" in text
    assert "comb{JET50,JET30} is " in text
    assert "| A3" in text
    for path in paths[1:-1]:
        assert f"]({path.name})" in text
        pixels = image.imread(io.BytesIO(path.read_bytes()))
        assert pixels.shape[1] > 400
        assert pixels.std() > 0.01
    content = json.loads(paths[0].read_text())
    assert content["status"] == "ALARM"
    assert content["seeds"][0]["in_bx"]["p_value"] <= 0.001
    assert sum(content["in_bx"]["mismatches"]) == content["crossings_with_mismatch"]
    assert len(content["drift"]["quantities"]) > 30


def older_page(folder: Path) -> Path:
    """What an earlier comparison left."""
    folder.mkdir()
    for name in (NUMBERS, PAGE, "old.png"):
        (folder / name).write_text("old")
    return folder


def test_only_an_older_page_is_replaced(tmp_path: Path, comparison: RunComparison) -> None:
    folder = older_page(tmp_path / "page")
    assert len(write_shift_page(comparison, folder)) == len(list(folder.iterdir())) == 7
    (folder / "thesis.tex").write_text("everything")
    with pytest.raises(StorageError, match="holds something else than an older comparison"):
        write_shift_page(comparison, folder)
    assert (folder / "thesis.tex").read_text() == "everything"
    (tmp_path / "file").write_text("")
    with pytest.raises(StorageError, match="something else"):
        write_shift_page(comparison, tmp_path / "file")


def test_ctrl_c_leaves_nothing_half_written(tmp_path: Path, comparison: RunComparison, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    before = sorted(path.name for path in older_page(tmp_path / "old").iterdir())
    monkeypatch.setattr(module, "render_shift_figures", lambda _: [RenderedFigure("seeds", "text", b"png")])
    monkeypatch.setattr("l1ml.reporting.page_folder.write_text", interrupted)
    for name in ("new", "old"):
        with pytest.raises(KeyboardInterrupt):
            write_shift_page(comparison, tmp_path / name)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert sorted(path.name for path in (tmp_path / "old").iterdir()) == before


def test_a_run_without_mismatch_or_reference(tmp_path: Path, rng: np.random.Generator) -> None:
    write_vectors(tmp_path / "run_2024.txt", decided(MENU, random_crossings(rng, 3564)))
    found = compare_files(ComparisonFiles(tmp_path / "run_2024.txt", menu=MENU))
    text = "\n\n".join(shift_page(found))
    assert text.startswith("# OK: 3 seeds")
    assert "none: drift was not tested" in text
    assert "3 other seeds fire and agree in every crossing; 0 never fire." in text
    assert [path.name for path in write_shift_page(found, tmp_path / "page")][-2:] == ["mismatches_time.png", "comparison.md"]
