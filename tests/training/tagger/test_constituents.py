from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import projects
import pytest
from bits_toy import shaken
from hypothesis import given, settings
from hypothesis import strategies as st
from jet_networks import EIGHT_BITS, formats, network, permuted

from l1ml.conversion import ConversionConfig, hls_project, rtl_project
from l1ml.data import Events
from l1ml.data.constituent_words import constituents_schema
from l1ml.determinism import seed_everything
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.c_simulation import CSimulation
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.rtl_simulation import RtlSimulation
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.model import TriggerModel
from l1ml.training.bits import count_bit_operations, freeze_bits
from l1ml.training.bits.cost import BitOperations
from l1ml.training.bits.multiplications import multiplications
from l1ml.training.tagger.config import TaggerConfig
from l1ml.training.tagger.layers import FloatLayers, LearnedLayers
from l1ml.training.tagger.sample import field_shifts

NAMES = ("deepsets", "linear", "mixer")
SMALL = TaggerConfig(architecture="linear", slots=4, embedding=(6, 4, 4))
FORMATS = formats(SMALL.slots)


def words(n: int, seed: int = 5) -> np.ndarray:
    return random_words(FORMATS, n, np.random.default_rng(seed))


@cache
def model(name: str, kind: str) -> TriggerModel:
    """A small network with random weights, and random bits where they are learned."""
    seed_everything(1)
    sizes = replace(SMALL, architecture=name)
    if kind == "fixed":
        return projects.trigger_model(network(sizes, EIGHT_BITS, (8,)), name, FORMATS)
    learned = shaken(network(sizes, LearnedLayers("weight"), (8,)), words(500))
    return projects.trigger_model(freeze_bits(learned), name, FORMATS)


@pytest.mark.parametrize("kind", ["fixed", "learned"])
@pytest.mark.parametrize("name", NAMES)
def test_the_integers_say_what_keras_says(name: str, kind: str) -> None:
    jets = words(2000)
    logits = IntegerEmulator(model(name, kind).network).predict(jets)
    assert logits.shape == (2000, 5)
    assert len(np.unique(logits)) > 20
    np.testing.assert_array_equal(logits, KerasEmulator(model(name, kind)).predict(jets))


@pytest.mark.parametrize("name", ["linear", *(pytest.param(name, marks=pytest.mark.slow) for name in ("deepsets", "mixer"))])
def test_so_do_c_simulation_and_rtl(name: str, tmp_path: Path) -> None:
    trained, jets = model(name, "learned"), words(500)
    logits = IntegerEmulator(trained.network).predict(jets)
    c_simulation = CSimulation(hls_project(trained, ConversionConfig()).write(tmp_path))
    rtl = RtlSimulation(rtl_project(trained, ConversionConfig()).write(tmp_path))
    for other in (c_simulation, rtl):
        np.testing.assert_array_equal(other.predict(jets), logits)


@settings(max_examples=20, deadline=None)
@given(st.sampled_from(["deepsets", "linear"]), st.sampled_from(["fixed", "learned"]), st.permutations(range(SMALL.slots)))
def test_no_order_of_the_constituents_changes_a_word(name: str, kind: str, order: list[int]) -> None:
    emulator = IntegerEmulator(model(name, kind).network)
    np.testing.assert_array_equal(emulator.predict(permuted(words(300), order)), emulator.predict(words(300)))


def test_the_mixer_sees_the_order() -> None:
    emulator = IntegerEmulator(model("mixer", "fixed").network)
    assert (emulator.predict(permuted(words(300), [1, 0, 2, 3])) != emulator.predict(words(300))).any()


@pytest.mark.parametrize(
    ("name", "positions"),
    [
        ("deepsets", {"each_0": 4, "each_1": 4, "each_2": 4, "head_0": 1, "logits": 1}),
        ("linear", {"each_0": 4, "meeting_own": 4, "meeting_all": 1, "after_0": 4, "head_0": 1, "logits": 1}),
        ("mixer", {"each": 4, "mixed": 6, "after_0": 4, "head_0": 1, "logits": 1}),
    ],
)
def test_bit_operations_count_every_constituent_and_what_is_common_once(name: str, positions: dict[str, int]) -> None:
    seed_everything(1)
    learned = shaken(network(replace(SMALL, architecture=name), LearnedLayers("weight"), (16,)), words(500))
    assert {item.layer.name: item.positions for item in multiplications(learned)} == positions
    assert 0 < count_bit_operations(freeze_bits(learned)) <= float(BitOperations(learned).total())


@pytest.mark.parametrize("name", NAMES)
def test_floats_have_the_same_layers(name: str) -> None:
    sizes = replace(SMALL, architecture=name)
    shapes = [[weight.shape for weight in network(sizes, layers).weights] for layers in (FloatLayers(), EIGHT_BITS)]
    assert shapes[0] == shapes[1]


@pytest.mark.parametrize("name", ["deepsets", "linear"])
def test_a_mean_that_is_no_shift_is_refused(name: str) -> None:
    with pytest.raises(ConfigError, match="the mean of 6 constituents is no shift; use a power of two"):
        network(TaggerConfig(architecture=name, slots=6), FloatLayers())


@pytest.mark.parametrize("name", ["linear", "mixer"])
def test_too_few_widths_are_refused(name: str) -> None:
    with pytest.raises(ConfigError, match=f"architecture '{name}' needs 2 widths at least"):
        network(TaggerConfig(architecture=name, embedding=(8,)), FloatLayers())


@given(st.permutations(range(SMALL.slots)))
def test_shifts_are_the_same_in_every_slot(order: list[int]) -> None:
    schema = constituents_schema(SMALL.slots)
    rng = np.random.default_rng(1)
    # the later the slot, the smaller its words
    columns = {field.column: rng.integers(0, 100 >> np.arange(4), (50, 4)) for field in schema.objects[0].fields}
    moved = {name: np.ascontiguousarray(words[:, order]).astype(np.int32) for name, words in columns.items()}
    events = Events(schema, {"constituent": moved}, np.ones(50), np.arange(50), np.arange(50, dtype=np.uint64))
    shifts = field_shifts(events)
    assert (shifts.reshape(4, 3) == shifts[:3]).all()
    assert (shifts > 0).all()
