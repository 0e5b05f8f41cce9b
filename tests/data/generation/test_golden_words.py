"""The words that shipped models were trained on do not change: digests of samples made before there was a choice of objects."""

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
    "zero_bias": ("zero_bias-ed954f6b.h5", "71fa4cd76b25de4c3c300371414769e0c97b589f15ad53f0cc7e1dc2e9d4ead4"),
    "haa4b": ("haa4b-ed954f6b.h5", "52e273617d4bd76129d335d89c98488d9a15951ae00b5167728ce422a8fe0dc3"),
    "htautau": ("htautau-ed954f6b.h5", "5c514eb1c82b166ebb56070b9b2b91539f7df13c6e180fd669d722b460a3a2ee"),
    "ttbar": ("ttbar-ed954f6b.h5", "99d807e2dcc09eb4f28a18dddaa72a33e1f3a8d64d890ee0ea4e6d4ba6400c2b"),
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
