from __future__ import annotations

import numpy as np
import pytest
from ugt_toy import toy_menu

from l1ml.trigger import Columns
from l1ml.trigger.edge_crossings import edge_crossings, edge_words
from l1ml.trigger.evaluation import evaluate

MENU = toy_menu("MU5[MU-ETA_1]", "MU0[MU-PHI_WRAP]", "comb{JET50, JET30}", "HTT100", "MU0[MU-UPT_4]")


def test_both_sides_of_every_cut() -> None:
    words = {f"{name} {field}": found.tolist() for (name, field), found in edge_words(MENU).items()}
    assert words == {
        "muon pt": [0, 1, 10, 11],
        "muon eta": [-93, -92, 92, 93],
        "muon phi": [50, 51, 499, 500],
        "jet pt": [59, 60, 99, 100],
        "htt pt": [199, 200],
        "muon unconstrained_pt": [4, 5, 255, 256],
    }


@pytest.mark.parametrize("era", ["2016", "2018", "2022", "2024"])
def test_every_edge_is_among_the_crossings_and_every_word_fits(era: str, rng: np.random.Generator) -> None:
    crossings = edge_crossings(MENU, era, 2000, rng)
    assert crossings.n == 2000
    for (name, field), words in edge_words(MENU).items():
        if field in crossings.objects[name] and (name, field) != ("muon", "unconstrained_pt"):
            assert set(words.tolist()) <= set(np.unique(crossings.objects[name][field]).tolist())
    assert (np.diff(crossings.objects["jet"]["pt"], axis=1) <= 0).all()


def test_every_algorithm_fires_in_some_crossings_and_not_in_others(rng: np.random.Generator) -> None:
    decisions = evaluate(MENU, Columns.of_crossings(edge_crossings(MENU, "2024", 2000, rng)))
    assert all(0.01 < np.mean(bits) < 0.99 for bits in decisions.values())
