"""The recipe of `models/jet_linear` with 32 constituents, which is why there is no `models/jet_linear_32`.

The limit was chosen to end below 60,000 LUT by Yosys, at the 1.69 LUT per bit operation of `models/jet_linear`, and a steeper
price to get there. Seed 1 (TensorFlow 2.21.0, one thread, 473 s of CPU beside other work) gave 57.3 % where the floats have
65.9 %, and 58.4 % of the same jets are right by `models/jet_linear`: 27,882 bit operations, and by the estimate of alkaid 0.8.2
45,522 LUT, 41,998 FF and 13 cycles where that one has 33,475, 24,847 and 12. 8 constituents are shipped as
`models/jet_linear_8`, the mixer as `models/jet_mixer`, of which the cards say more.

Jets are those of ``l1ml data generate-jets --n 10000 --radius 0.4``, made here unless the variable JETS names a file.

Run with: JETS=jets.h5 pytest tests/benchmarks/test_jet_linear.py --benchmark-only --benchmark-json=linear.json
"""

from __future__ import annotations

import os
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml.conversion import rtl_project
from l1ml.data import Events, read_events, split_of
from l1ml.data.generation.jet_samples.class_jet_jobs import generate_jets
from l1ml.data.jet_words import jet_words
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.training.tagger import TaggerConfig
from l1ml.workflow.recipe import Recipe, read_recipe

LIMITS = {("linear", 32): (34_000, 1e-5)}
"""Effective bit operations, and the price of one at the end; the recipe has 32,000 and 4e-6 for 16 constituents."""


@cache
def recipe() -> Recipe:
    return read_recipe(Path(__file__).resolve().parents[2] / "models" / "jet_linear")


@cache
def jets() -> Events:
    path = Path(os.environ.get("JETS", "jets_10000.h5"))
    if not path.exists():
        generate_jets(recipe().jets, path)
    return read_events(path)


@pytest.mark.parametrize(("architecture", "slots"), LIMITS)
def test_another_network(benchmark: BenchmarkFixture, tmp_path: Path, architecture: str, slots: int) -> None:
    shipped = recipe().training
    assert isinstance(shipped, TaggerConfig)
    assert shipped.bits is not None
    limit, price = LIMITS[architecture, slots]
    bits = replace(shipped.bits, limit=limit, last_price=price)
    config = replace(shipped, architecture=architecture, slots=slots, bits=bits)
    events = jet_words(jets(), config.schema)
    training = benchmark.pedantic(recipe().family.train, (events, config), {"name": f"{architecture}_{slots}"}, rounds=1)
    model, project = training.model, rtl_project(training.model, recipe().conversion)
    words = events.select(split_of(events.group, config.fractions) == 2).features()[:1000]
    emulators = (KerasEmulator(model), IntegerEmulator(model.network), RtlSimulation(project.write(tmp_path)))
    first, *others = (item.predict(words) for item in emulators)
    for other in others:
        np.testing.assert_array_equal(other, first)
    reference = model.metrics["reference"]
    n_right = reference["n_right"] - reference["n_only_reference"] + reference["n_only_model"]
    benchmark.extra_info.update(
        accuracy=100 * n_right / reference["n"],
        floats=100 * reference["n_right"] / reference["n"],
        bit_operations=model.metrics["bit_operations"],
        estimate=project.manifest["estimate"],
        cpu_seconds=training.cpu_seconds,
    )
