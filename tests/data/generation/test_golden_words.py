"""The words that shipped models were trained on do not change unless the recipe version does: digests of whole samples."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent))

from conftest import toy_pool

from l1ml.data import LEVEL1_SCHEMA, Events
from l1ml.data.generation import ProcessRecord
from l1ml.data.generation.overlay import Composition, Overlay
from l1ml.data.generation.pythia import pythia_version

OVERLAY = "c472a0e4dd1c6832f0ecbd6537322e21b319ea14ae7e92b7e6c4cd931816446f"
SAMPLES = {
    "zero_bias": ("zero_bias-d818d864.h5", "1e39cccd14da780a42a53b65324f48c6645624fcaef005b8e1a7bff2845d2c52"),
    "haa4b": ("haa4b-d818d864.h5", "2eecd4408f28d0d56991aba8a84870780daba22d4cb67112c03099405ea029bc"),
    "htautau": ("htautau-d818d864.h5", "4db5ca93b7d72841ab5b49c117b38a9f0e808d77a349a47791484bec39229067"),
    "ttbar": ("ttbar-d818d864.h5", "e458db700354c1e1ee01048ec75220aca893966c31f2838a2e40407a2023aaef"),
}
"""Name of the file of `conftest.SMALL`, and the SHA-256 of its words."""


def test_the_overlay_makes_the_words_it_always_made() -> None:
    pool = toy_pool(30, np.random.default_rng(20261122))
    count = np.random.default_rng(5).poisson(60, 100)
    collision = np.random.default_rng(6).integers(0, 30, count.sum())
    composition = Composition(100, np.repeat(np.arange(100), count), collision)
    digest = hashlib.sha256()
    for piece in Overlay(pool).objects(composition, np.random.default_rng(7)):
        for item in LEVEL1_SCHEMA.objects:
            for field in item.fields:
                digest.update(np.ascontiguousarray(piece[item.name][field.column], dtype=np.int32).tobytes())
    assert digest.hexdigest() == OVERLAY


def test_whole_samples_keep_their_names_and_words(records: list[ProcessRecord], sample: dict[str, Events]) -> None:
    if pythia_version() != "8.317.2":
        pytest.skip("the digests are of Pythia 8.317.2")
    found = {name: hashlib.sha256(events.features().tobytes()).hexdigest() for name, events in sample.items()}
    assert {record.process: (record.path.name, found[record.process]) for record in records} == SAMPLES
