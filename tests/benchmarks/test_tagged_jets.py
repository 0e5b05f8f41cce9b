"""A tagger on each jet of a crossing: jets per second against its bare emulator, and seeds on two top jets.

With one thread of numpy 2.4.6, in processor time of a busy Intel Xeon, a network 16-64-32-32-5 took 2.9 million jets/s from the
columns of the crossings, 0.70 of what its emulator does with words that are laid out (4.2); `models/axo` took 1.0 million
crossings/s. Jets are those of ``l1ml data generate-jets --n 10000 --radius 0.4``, made here unless JETS names a file;
a crossing is two of them at 1 TeV, each in one crossing. One seed of a 16-32-16-5 network in 8 bits (30 epochs, 60 % of the jets)
gave, in 1308 crossings of two tops and 1219 of two quarks or gluons, with Clopper-Pearson intervals of 68 % (16 CPU seconds):

=============================================  ====================  ===================
both jets above 400 GeV and                    two tops, %           quarks, gluons, %
=============================================  ====================  ===================
nothing else                                   97.3 (96.8 to 97.8)   97.4 (96.8 to 97.8)
t the largest of five                          56.1 (54.7 to 57.5)   0.66 (0.43 to 0.98)
t - q at 10 % of other quarks and gluons       88.1 (87.2 to 89.1)   10.7 (9.9 to 11.7)
t - q at 1 % of them                           62.5 (61.2 to 63.9)   0.66 (0.43 to 0.98)
=============================================  ====================  ===================

Run with: JETS=jets.h5 pytest tests/benchmarks/test_tagged_jets.py --benchmark-only
"""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import cache
from itertools import pairwise
from pathlib import Path
from time import process_time
from typing import Any

import numpy as np
import projects
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture
from toy import toy_events

from l1ml._optional import require
from l1ml.data import Events, read_events, split_of
from l1ml.data.generation.jet_samples.class_jet_jobs import generate_jets
from l1ml.data.generation.jet_samples.class_jets import ClassJetsConfig
from l1ml.data.readers.jet_arrays import HLF_NAMES
from l1ml.data.schema import EventSchema, Field, ObjectSchema
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.portable import read_network
from l1ml.hardware import GLOBAL_TRIGGER_SCALES, FixedPoint, HardwareScale
from l1ml.model import Network, TriggerModel
from l1ml.model.operations import Dense, Quantise
from l1ml.trigger import Columns, decide, resolve_thresholds
from l1ml.trigger.efficiency import efficiency
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import menu_from_mapping
from l1ml.trigger.networks import BoundNetwork, NetworkInputs, scores_of
from l1ml.trigger.object_networks import ObjectInputs

AXO = Path(__file__).parents[2] / "models" / "axo"
CLASSES = ("g", "q", "w", "z", "t")
FORMATS = (FixedPoint(12, 12, signed=True),) * len(HLF_NAMES)
_FRACTIONAL = 7


def schema(n_slots: int) -> EventSchema:
    """Jets with pt, eta, phi and the 16 high-level features in 12 bits."""
    features = tuple(Field(name, HardwareScale(2.0**-_FRACTIONAL, 12, signed=True)) for name in HLF_NAMES)
    place = tuple(Field(name, scale) for name, scale in GLOBAL_TRIGGER_SCALES["jet"].items())
    return EventSchema("tagged_jets", 1, (ObjectSchema("jet", n_slots, (*place, *features)),))


def events_of(pt: NDArray[Any], features: NDArray[Any], group: NDArray[Any]) -> Events:
    """Crossings of jets with the words `pt`, shape (n, slots), and `features`, shape (n, slots, 16)."""
    words = {"hw_pt": pt, "hw_eta": np.zeros_like(pt), "hw_phi": np.zeros_like(pt)}
    words |= {f"hw_{name}": features[..., place] * (pt > 0) for place, name in enumerate(HLF_NAMES)}
    columns = {name: values.astype(np.int32) for name, values in words.items()}
    identity = np.arange(len(pt), dtype=np.uint64)
    return Events(schema(pt.shape[1]), {"jet": columns}, np.ones(len(pt)), identity, group.astype(np.uint64))


def per_second(n: int, work: Callable[[], object]) -> float:
    """Of the fastest of five, in processor time: other work on the machine does not count."""
    times = []
    for _ in range(5):
        start = process_time()
        work()
        times.append(process_time() - start)
    return n / min(times)


def test_jets_per_second(benchmark: BenchmarkFixture) -> None:
    """16-64-32-32-5 with random weights on the jets of 65536 crossings, six of ten slots filled; beside it `models/axo`."""
    rng, n = np.random.default_rng(1), 1 << 16
    pt = -np.sort(-np.where(rng.random((n, 10)) < 0.6, rng.integers(1, 2000, (n, 10)), 0), axis=1)
    events = events_of(pt, rng.integers(-2048, 2048, (n, 10, 16)), np.arange(n))
    sizes, operations = (16, 64, 32, 32, 5), []
    for n_in, n_out in pairwise(sizes):
        operations += [Dense(rng.integers(-31, 32, (n_in, n_out)), 6, rng.integers(-31, 32, n_out), 6)]
        operations += [Quantise(FixedPoint.parse("ap_ufixed<8,8,AP_RND,AP_SAT>"))] if n_out != sizes[-1] else []
    emulator = IntegerEmulator(Network(FORMATS, operations))
    tagger = BoundNetwork(emulator, "0" * 64, ObjectInputs("jet", HLF_NAMES), CLASSES)
    axo, level1 = read_network(AXO), toy_events(n, rng)
    crossing = BoundNetwork(axo.emulator, axo.digest, NetworkInputs.of_level1())
    rows = rng.integers(-2048, 2048, (int((pt > 0).sum()), 16)).astype(np.int32)
    benchmark(lambda: tagger.scores(Columns.of_events(events)))
    rates = {
        "jets": per_second(len(rows), lambda: tagger.scores(Columns.of_events(events))),
        "bare": per_second(len(rows), lambda: emulator.predict(rows)),
        "crossings_of_axo": per_second(n, lambda: crossing.scores(Columns.of_events(level1))),
    }
    ratios = {"ratio_to_bare": rates["jets"] / rates["bare"], "ratio": rates["jets"] / rates["crossings_of_axo"]}
    benchmark.extra_info.update(rates | ratios)


@cache
def jets() -> tuple[NDArray[np.int32], NDArray[np.int64], NDArray[np.int64], NDArray[Any], NDArray[np.int8]]:
    """Features in words, classes, pt words, collisions and parts (0 train, 1 validation, 2 test) of generated jets."""
    path = Path(os.environ.get("JETS", "jets_hlf.h5"))
    if not path.exists():
        generate_jets(ClassJetsConfig(jets=10000, radius=0.4), path)
    events = read_events(path)
    part = split_of(events.group, (0.6, 0.15, 0.25))
    real = np.stack([events.collections["jet"][name][:, 0] for name in HLF_NAMES], axis=1).astype(np.float64)
    mean, width = real[part == 0].mean(axis=0), real[part == 0].std(axis=0)
    words = np.clip(np.rint((real - mean) / width * 2**_FRACTIONAL), -2048, 2047).astype(np.int32)
    pt = GLOBAL_TRIGGER_SCALES["jet"]["pt"].to_hw(events.collections["jet"]["pt"][:, 0], "floor").astype(np.int64)
    return words, events.crossing["process"], pt, events.group, part


@cache
def tagger() -> TriggerModel:
    """16-32-16-5 in 8 bits, 30 epochs, seed 1."""
    keras, qkeras = require("keras"), require("qkeras")
    keras.utils.set_random_seed(1)
    words, classes, _, _, part = jets()
    weights = {f"{name}_quantizer": projects.bits(8, 1) for name in ("kernel", "bias")}
    inputs = keras.Input((16,))
    x = qkeras.QActivation(projects.bits(8, 3), name="grid")(keras.layers.Rescaling(2.0**-_FRACTIONAL, name="shift")(inputs))
    for index, width in enumerate((32, 16)):
        x = qkeras.QDense(width, activation=qkeras.quantized_relu(8, 3), **weights, name=f"dense_{index}")(x)
    network = keras.Model(inputs, qkeras.QDense(5, **weights, name="logits")(x))
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    network.compile(optimizer=keras.optimizers.Adam(0.003), loss=loss)
    network.fit(words[part == 0].astype(np.float32), classes[part == 0], batch_size=512, epochs=30, verbose=0)
    return projects.trigger_model(network, "tagger", FORMATS)


def pairs(of: tuple[str, ...], *, seed: int = 1) -> Events:
    """Crossings of two unseen jets of the classes `of`, each jet in one crossing."""
    words, classes, pt, _, part = jets()
    rows = np.flatnonzero((part == 2) & np.isin(classes, [CLASSES.index(name) for name in of]))
    rows = np.random.default_rng(seed).permutation(rows)[: len(rows) // 2 * 2].reshape(-1, 2)
    rows = np.take_along_axis(rows, np.argsort(-pt[rows], axis=1), axis=1)
    return events_of(pt[rows], words[rows], np.arange(len(rows)))


def menu_of(share: float) -> Menu:
    """Two jets above 400 GeV: alone, both of the class t, and both more like t than like q at `share` of the rate."""
    legs = {
        "Jet400": "JET400",
        "TopWinner": "JET400[JET-MODEL_tagger, JET-TAG_t]",
        "Top": "JET400[JET-MODEL_tagger, JET-SCORE_t-q]",
    }
    entries = [{"name": f"L1_Double{name}", "expression": f"comb{{{leg}, {leg}}}"} for name, leg in legs.items()]
    cuts: dict[str, Any] = {
        "JET-MODEL_tagger": {"kind": "model", "text": "tagger"},
        "JET-TAG_t": {"kind": "winner", "output": "t"},
        "JET-SCORE_t-q": {"kind": "score", "output": "t", "against": "q", "rate_khz": share * CrossingRate().khz},
    }
    return menu_from_mapping({"name": "tops", "algorithm": entries, "object_cuts": cuts}, "menu.toml")


@pytest.mark.parametrize("share", [0.1, 0.01])
def test_two_top_jets(benchmark: BenchmarkFixture, share: float) -> None:
    """Efficiency for two top jets, and for two quarks or gluons: half of their pairs give the threshold, the others count."""
    model, menu = tagger(), menu_of(share)
    networks = {
        "tagger": BoundNetwork(IntegerEmulator(model.network), model.digest, ObjectInputs("jet", HLF_NAMES), CLASSES),
    }
    background = pairs(("g", "q"))
    half = background.n // 2
    derive, count = background.select(np.arange(half)), background.select(np.arange(half, background.n))

    def derived() -> Menu:
        columns = Columns.of_events(derive)
        scores = scores_of(menu, columns, networks)
        return resolve_thresholds(menu, scores, derive.weight, {"tagger": model.digest}, columns)

    resolved = benchmark.pedantic(derived, rounds=1)
    for name, events in (("two tops", pairs(("t",))), ("two quarks or gluons", count)):
        columns = Columns.of_events(events)
        decisions = decide(resolved, columns, scores_of(resolved, columns, networks))
        found = {seed: efficiency(decisions[seed], events.group).to_dict() for seed in decisions.names}
        benchmark.extra_info[name] = found
    assert benchmark.extra_info["two tops"]["L1_DoubleTop"]["low"] > found["L1_DoubleTop"]["high"]
