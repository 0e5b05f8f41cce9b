"""Small networks on the words of the Global Trigger, orbits for them, and what Python says about both."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import projects
from numpy.typing import NDArray

from l1ml._optional import require
from l1ml.conversion import ConversionConfig, rtl_project
from l1ml.conversion.shell import ScoreCut
from l1ml.data.ugt_crossings import N_CROSSINGS, Crossings
from l1ml.emulation import IntegerEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.hardware import GLOBAL_TRIGGER_SCALES, FixedPoint
from l1ml.hardware.ugt_layouts import ugt_layout
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.trigger.conditions.columns import Columns, event_collection
from l1ml.trigger.evaluation import evaluate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import menu_from_mapping
from l1ml.trigger.networks import BoundNetwork, NetworkInputs, scores_of

FIRMWARE = Path(__file__).parents[1] / "firmware"

MIXED = (("met", 1), ("egamma", 2), ("muon", 1), ("jet", 2))
"""Objects of the anomaly-like network: a square at its end, so the score has no sign."""

JETS = (("jet", 2),)
"""Objects of the tagger-like network: three scores with a sign, one for each class."""

Objects = tuple[tuple[str, int], ...]


@cache
def toy_model(objects: Objects) -> TriggerModel:
    """A network of one hidden layer on pt, eta and phi of `objects`; squared at its end if it reads more than one kind."""
    qkeras, keras = require("qkeras"), require("keras")
    features, formats = zip(*_words(objects), strict=True)
    layers = [
        keras.layers.Rescaling(scale=[2.0 ** (3 - item.width) for item in formats], name="scale"),
        qkeras.QActivation(projects.bits(6, 2), name="inputs"),
        qkeras.QDense(4, kernel_quantizer=projects.bits(4, 1), bias_quantizer=projects.bits(4, 1), name="dense_0"),
        qkeras.QActivation(qkeras.quantized_relu(6, 3), name="relu"),
        qkeras.QDense(2 if len(objects) > 1 else 3, kernel_quantizer=projects.bits(4, 1), use_bias=False, name="dense_1"),
    ]
    if len(objects) > 1:
        ones = qkeras.QDense(1, use_bias=False, kernel_quantizer=projects.bits(2, 1), kernel_initializer="ones", name="score")
        layers += [qkeras.QActivation(projects.bits(6, 3, symmetric=1), name="latent"), "square", ones]
    network = projects.keras_model(layers, len(features))
    source = np.random.default_rng(3)
    for layer in network.layers:
        if layer.name.startswith("dense"):
            layer.set_weights([source.normal(0, 0.8, weight.shape) for weight in layer.get_weights()])
    return _trigger_model("jets" if len(objects) == 1 else "mixed", network, features, formats)


def _words(objects: Objects) -> list[tuple[str, FixedPoint]]:
    """Name and format of each input word."""
    scales = [(f"{name}_{slot}", GLOBAL_TRIGGER_SCALES[name]) for name, n_slots in objects for slot in range(n_slots)]
    return [(f"{item}_{field}", scale.format) for item, fields in scales for field, scale in fields.items()]


def _trigger_model(name: str, network: object, features: tuple[str, ...], formats: tuple[FixedPoint, ...]) -> TriggerModel:
    freeze(network)
    integers = extract_network(network, formats)
    with tempfile.TemporaryDirectory() as folder:
        network.save(Path(folder) / "weights.keras")
        weights = (Path(folder) / "weights.keras").read_bytes()
    words = random_words(formats, 64, np.random.default_rng(0))
    golden = GoldenWords(words, IntegerEmulator(integers).predict(words))
    return TriggerModel(name, "0" * 64, features, integers, "toy", weights, golden)


@cache
def _root() -> Path:
    root = Path(tempfile.mkdtemp(prefix="l1ml-shell-"))
    atexit.register(shutil.rmtree, root, ignore_errors=True)
    return root


def written(model: TriggerModel) -> Path:
    """Folder of the ``verilog`` project of `model`."""
    return rtl_project(model, ConversionConfig()).write(_root())


@cache
def toy_project(objects: Objects) -> Path:
    """Folder of the ``verilog`` project of a toy network."""
    return written(toy_model(objects))


def random_orbit(rng: np.random.Generator, n: int = N_CROSSINGS, era: str = "2024") -> Crossings:
    """Crossings with every bit of every word at random, but for falling pt spectra; bits without a meaning are set too."""
    layout = ugt_layout(era)
    words = {
        column.name: rng.integers(0, 2**64, (n, column.n_words), np.uint64) >> np.uint64(64 - column.layout.n_bits)
        for column in layout.columns
    }
    objects = layout.decode(words)
    for fields in objects.values():
        if "pt" in fields:
            top = int(fields["pt"].max())
            fields["pt"] = np.minimum(rng.exponential(top / 12, fields["pt"].shape), top).astype(np.int64)
    return Crossings.from_words(era, layout.encode(objects, n, layout.unused(words)))


def score_menu(thresholds: Mapping[str, int | ScoreCut], digest: str) -> Menu:
    """Menu with one algorithm for each threshold on a score of the network ``axo``."""
    scores: dict[str, dict[str, str | int]] = {}
    for name, cut in thresholds.items():
        output = {"output": cut.score} if isinstance(cut, ScoreCut) else {}
        word = cut.minimum if isinstance(cut, ScoreCut) else cut
        scores[f"AXO-SCORE_{name}"] = {"kind": "score", "minimum": word, **output}
    entries = [{"name": name, "expression": f"AXO[AXO-MODEL_axo, AXO-SCORE_{name}]"} for name in thresholds]
    cuts = {"AXO-MODEL_axo": {"kind": "model", "text": "axo"}, **scores}
    return menu_from_mapping({"name": "toy", "algorithm": entries, "object_cuts": cuts, "networks": {"axo": digest}}, "toy")


def python_scores(model: TriggerModel, objects: Objects, crossings: Crossings) -> NDArray[np.int64]:
    """Score words of `crossings` by the integer emulator, from decoded fields."""
    return IntegerEmulator(model.network).predict(_inputs(objects).words(Columns.of_crossings(crossings), 0))


def _inputs(objects: Objects) -> NetworkInputs:
    """The words as they are."""
    return NetworkInputs(tuple((event_collection(name), n_slots) for name, n_slots in objects), "word")


def python_bits(
    model: TriggerModel, objects: Objects, crossings: Crossings, thresholds: Mapping[str, int | ScoreCut]
) -> NDArray[np.bool_]:
    """Algorithm bits of `crossings` by the menu, shape (n, n_thresholds)."""
    columns, menu = Columns.of_crossings(crossings), score_menu(thresholds, model.digest)
    network = BoundNetwork(IntegerEmulator(model.network), model.digest, _inputs(objects))
    decisions = evaluate(menu, columns, scores_of(menu, columns, {"axo": network}))
    return np.stack([decisions[name] for name in thresholds], axis=1)
