"""The shipped networks on the constituents of jets: what order means to them, what they cost, what they say of public jets."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import numpy as np
import pytest
from jet_networks import permuted
from public_jets import public_jets, with_error

from l1ml.conversion import rtl_project
from l1ml.emulation import IntegerEmulator
from l1ml.model import TriggerModel
from l1ml.training.tagger.config import TaggerConfig
from l1ml.workflow.recipe import read_recipe

MODELS = Path(__file__).parents[2] / "models"
PUBLIC = {"jet_linear_8": 58.3, "jet_linear": 61.2, "jet_deepsets": 64.45, "jet_mixer": 60.85}
"""Accuracy on public jets that models/README.md quotes, by folder, in per cent."""
NETWORKS = tuple(PUBLIC)
ORDERED = ("jet_mixer",)
"""To which the order of the constituents means something."""
UNORDERED = tuple(name for name in NETWORKS if name not in ORDERED)


@cache
def model(name: str) -> TriggerModel:
    return TriggerModel.load(MODELS / name)


@cache
def slots(name: str) -> int:
    training = read_recipe(MODELS / name).training
    assert isinstance(training, TaggerConfig)
    return training.slots


def logits(name: str, words: np.ndarray) -> np.ndarray:
    return IntegerEmulator(model(name).network).predict(words)


def test_every_network_on_constituents_is_here() -> None:
    recipes = {path.parent.name: read_recipe(path.parent) for path in MODELS.glob("*/golden.h5")}
    found = {name for name, recipe in recipes.items() if getattr(recipe.training, "architecture", "dense") != "dense"}
    assert found == set(NETWORKS)


@pytest.mark.parametrize("name", UNORDERED)
def test_no_order_of_the_constituents_changes_a_word(name: str) -> None:
    golden, order = model(name).golden, np.random.default_rng(3).permutation(slots(name))
    np.testing.assert_array_equal(logits(name, permuted(golden.inputs, order)), golden.scores)
    assert len(np.unique(golden.scores, axis=0)) > 0.9 * len(golden.scores)


@pytest.mark.parametrize("name", ORDERED)
def test_another_order_changes_most_jets(name: str) -> None:
    golden, order = model(name).golden, np.random.default_rng(3).permutation(slots(name))
    changed = (logits(name, permuted(golden.inputs, order)) != golden.scores).any(axis=1)
    assert changed.mean() > 0.5


@pytest.mark.parametrize("name", NETWORKS)
def test_every_class_wins_some_golden_jets(name: str) -> None:
    assert set(model(name).golden.scores.argmax(axis=1)) == set(range(5))


@pytest.mark.parametrize("name", NETWORKS)
def test_a_folder_is_small(name: str) -> None:
    assert sum(path.stat().st_size for path in (MODELS / name).iterdir() if path.is_file()) < 1_000_000


@pytest.mark.slow
@pytest.mark.parametrize("name", NETWORKS)
def test_a_jet_enters_in_every_clock_and_is_named_within_60_ns(name: str) -> None:
    manifest = rtl_project(model(name), read_recipe(MODELS / name).conversion).manifest
    assert manifest["estimate"]["interval_cycles"] == 1
    assert manifest["estimate"]["latency_cycles"] * float(manifest["clock_ns"]) <= 60.0


@pytest.mark.parametrize("name", NETWORKS)
def test_public_jets(name: str, real_data: Path) -> None:
    """None of which was trained on; the integer words make it the same on every machine."""
    jets = public_jets(real_data / "l1-jetid-constituents", slots(name))
    found = logits(name, jets.words.astype(np.int64)).argmax(axis=1) == jets.classes
    assert with_error(found)["accuracy"] == pytest.approx(PUBLIC[name], abs=0.05)
