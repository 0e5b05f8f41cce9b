from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from shower_toy import sampled_showers

from l1ml.errors import DataError, StorageError
from offline.calorimeter.judging.classifier import ClassifierSettings
from offline.calorimeter.judging.judge import judge
from offline.calorimeter.judging.page import NUMBERS as FILE
from offline.calorimeter.judging.page import PAGE, read_judgement, write_judgement_page
from offline.calorimeter.judging.plots import plot_pareto
from offline.calorimeter.judging.published import Submission
from offline.calorimeter.judging.settings import JudgingSettings

PUBLISHED = (Submission("fast", 0.1, 0.0, 0.9, 0.8, 3.0, None), Submission("no time", 0.1, 0.0, 0.9, 0.8, None, None))

SETTINGS = JudgingSettings(
    repeats=2, distances=2, neighbours=2, batches=1, manifold_showers=60, trainings=1, floor_trainings=0, worst=2
)
SMALL = ClassifierSettings((8,), 1, 250)


@pytest.fixture(scope="module")
def content() -> dict[str, object]:
    rng = np.random.default_rng(7)
    settings = replace(SETTINGS, high=SMALL, low=SMALL)
    truth, generated = sampled_showers(250, rng), sampled_showers(250, rng)
    found = judge(truth, generated, settings, sampler=lambda energies: sampled_showers(len(energies), rng))
    return json.loads(json.dumps(found.to_dict(), allow_nan=False))


def test_the_page_has_numbers_text_and_figures(content: dict[str, object], tmp_path: Path) -> None:
    folder = tmp_path / "page"
    paths = write_judgement_page(content, folder, PUBLISHED)
    names = {path.name for path in paths}
    assert {FILE, PAGE, "average.png", "singles.png", "depth.png", "features.png", "weights_low.png", "pareto.png"} <= names
    text = (folder / PAGE).read_text()
    assert "truth against itself" in text
    assert all(f"({name})" in text for name in names if name.endswith(".png"))
    assert read_judgement(folder) == content


def test_only_a_page_is_replaced(content: dict[str, object], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("mine")
    with pytest.raises(StorageError, match="is not replaced"):
        write_judgement_page(content, tmp_path)
    with pytest.raises(DataError, match="calo evaluate"):
        read_judgement(tmp_path)
    (tmp_path / FILE).write_text("{}")
    with pytest.raises(DataError, match="no judgement of showers"):
        read_judgement(tmp_path)


def test_what_has_no_time_is_not_among_the_published(content: dict[str, object]) -> None:
    assert plot_pareto(PUBLISHED, (5.0, 0.6)).shown == ("fast",)
