"""A model of another program as a folder that every later verb reads."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from l1ml._optional import require
from l1ml.data.readers.damage import damage
from l1ml.emulation.comparison import compare
from l1ml.emulation.integers import IntegerEmulator
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, ConversionError, DataError
from l1ml.hardware import FixedPoint
from l1ml.model import GoldenWords, TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.model.folding import fold_normalisation
from l1ml.model.foreign import read_keras2_model, read_qonnx
from l1ml.model.foreign.network_layers import keras_model
from l1ml.model.foreign.word_inputs import on_words
from l1ml.model.keras_file import keras_bytes
from l1ml.model.output_layer import replace_softmax
from l1ml.storage import digest_of, write_text
from l1ml.workflow.recipe import ModelSection, read_recipe

__all__ = ["ForeignModel", "import_model"]

_ZIP_BEGIN = b"PK"
_N_GOLDEN = 512
_SEED = 1


@dataclass(frozen=True, slots=True)
class ForeignModel:
    """Where a model comes from and what its words mean.

    Parameters
    ----------
    path : Path
        A QKeras model (.h5 or .json of Keras 2, .keras of Keras 3), or a QONNX graph (.onnx).
    input_format : FixedPoint, optional
        Format of every number on the link; a Keras file does not say it, a QONNX graph may.
    weights : Path, optional
        The .h5 of the weights of a .json.
    output : {"graph", "logits", "argmax"}
        What the model gives, or without the softmax at its end, or the place of the largest logit.
    after : str, optional
        Layer whose output the link carries instead of the input.
    features : sequence of str
        Names of the inputs; ``input_0``, ``input_1``, ... if none are given.
    """

    path: Path
    input_format: FixedPoint | None = None
    weights: Path | None = None
    output: Literal["graph", "logits", "argmax"] = "graph"
    after: str | None = None
    features: Sequence[str] = ()


def import_model(source: ForeignModel, folder: Path, name: str, *, force: bool = False) -> TriggerModel:
    """Write the model of `source` to `folder`: weights.keras, golden.h5 and, if there is none, a model.toml.

    Raises
    ------
    ConfigError
        If `name` is no identifier, or the model.toml in `folder` has another.
    ConversionError
        On a layer without an exact form, by name; on a model of more than one output word.
    DataError
        If a file is missing or damaged, or `folder` holds a model already and `force` is not set.
    BitMismatchError
        If Keras gives other words than the integer network.
    """
    section = ModelSection(name, f"Imported from {source.path.name}.")
    if (folder / "golden.h5").exists() and not force:
        msg = f"{folder} holds a model already; choose another folder, or --force to replace it"
        raise DataError(msg)
    recipe = folder / "model.toml"
    if recipe.exists() and read_recipe(folder).model.name != name:
        msg = f"{recipe} is of the model {read_recipe(folder).model.name!r}, not {name!r}"
        raise ConfigError(msg)
    model = trigger_model(source, name)
    model.save(folder)
    if not recipe.exists():
        # a JSON text is a TOML text
        write_text(recipe, f"[model]\nname = {json.dumps(section.name)}\ndescription = {json.dumps(section.description)}\n")
    return model


def trigger_model(source: ForeignModel, name: str) -> TriggerModel:
    """The model of `source`, proven equal in Keras and integers on random and extreme words."""
    for path in filter(None, (source.path, source.weights)):
        _begin_of(path)
    model, formats = _of_qonnx(source) if source.path.suffix == ".onnx" else _of_keras(source)
    features = tuple(source.features) or tuple(f"input_{index}" for index in range(len(formats)))
    if len(features) != len(formats):
        msg = f"the model reads {len(formats)} words, {len(features)} names were given"
        raise ConfigError(msg)
    network = extract_network(model, formats)
    n = len(network.stages[-1].low)
    if n != 1:
        msg = f"{source.path} gives {n} words, a score is one: ask for the place of the largest one with --output argmax"
        raise ConversionError(msg)
    words = random_words(formats, _N_GOLDEN, np.random.default_rng(_SEED))
    schema = digest_of({"features": features, "input_format": str(source.input_format)})
    golden = GoldenWords(words, IntegerEmulator(network).predict(words))
    score = f"{source.output} of {source.path.name}"
    found = TriggerModel(name, schema, features, network, score, keras_bytes(model), golden)
    keras = ("Keras", found.output_format, KerasEmulator(found).predict(words))
    compare(keras, ("integers", found.output_format, golden.scores)).require_exact()
    return found


def _of_qonnx(source: ForeignModel) -> tuple[Any, Sequence[FixedPoint]]:
    """Keras model and link of a QONNX file."""
    if source.weights is not None or source.after is not None:
        msg = f"{source.path} is a QONNX file, which has its weights inside and is read whole; leave --weights and --after out"
        raise ConfigError(msg)
    network = read_qonnx(source.path, source.input_format, output=source.output)
    return keras_model(network), network.input_formats


def _of_keras(source: ForeignModel) -> tuple[Any, Sequence[FixedPoint]]:
    """Keras model and link of a Keras file, with frozen weights."""
    format_ = source.input_format
    if format_ is None:
        msg = f"{source.path} does not say what the words on the link are; give --input-format, such as 'ap_fixed<16,6>'"
        raise ConfigError(msg)
    model = on_words(_read(source), format_, after=source.after)
    try:
        model, _ = fold_normalisation(model)
    except ConversionError as error:
        msg = f"{error}; one at the input can be left to what feeds the link, with --after and its name"
        raise ConversionError(msg) from error
    if source.output != "graph":
        model = replace_softmax(model, source.output)
    freeze(model)
    return model, (FixedPoint(format_.width, format_.width, format_.signed),) * int(model.inputs[0].shape[1])


def _read(source: ForeignModel) -> Any:
    """The Keras model of the file, whichever Keras wrote it."""
    if _begin_of(source.path) != _ZIP_BEGIN:
        return read_keras2_model(source.path, source.weights)
    require("qkeras")
    keras = require("keras")
    # Keras loads only what has been registered
    require("l1ml.model.channel_quantiser")
    with damage(source.path, "a .keras file of QKeras layers"):
        return keras.models.load_model(source.path, compile=False)


def _begin_of(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(len(_ZIP_BEGIN))
    except OSError as error:
        msg = f"cannot read {path}: {error.strerror}"
        raise DataError(msg) from error
