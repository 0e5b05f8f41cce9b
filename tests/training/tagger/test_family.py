from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from tagger_toy import real_jets, word_jets

from l1ml.data import split_of
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.training import Training, family_of
from l1ml.training.tagger import DistillationConfig, LearnedBitsConfig, ReferenceConfig, TaggerConfig

pytest.importorskip("qkeras")

FIXED = TaggerConfig(
    hidden=(6,),
    epochs=4,
    pruning_epochs=2,
    batch_size=256,
    learning_rate=0.01,
    fractions=(0.6, 0.2, 0.2),
    n_golden=40,
    reference=ReferenceConfig((8,), epochs=6, batch_size=256, learning_rate=0.02),
    distillation=DistillationConfig(0.5),
)
BITS = LearnedBitsConfig(limit=3000, warm_up=1, first_price=1e-5, last_price=1e-3, settle_epochs=1)
train = family_of("tagger").train


@pytest.fixture(scope="module", params=[None, BITS], ids=["fixed", "learned"])
def training(request: pytest.FixtureRequest) -> Training:
    config = replace(FIXED, bits=request.param)
    return train(word_jets(2500, np.random.default_rng(3)), config, name="toy")


def test_it_tells_the_classes_apart(training: Training) -> None:
    jets = word_jets(2500, np.random.default_rng(3))
    test = jets.select(split_of(jets.group, FIXED.fractions) == 2)
    won = IntegerEmulator(training.model.network).predict(test.features()).argmax(axis=1)
    reference = training.model.metrics["reference"]
    n_right = int((won == test.crossing["process"]).sum())
    assert reference["n"] == test.n
    assert n_right == reference["n_right"] - reference["n_only_reference"] + reference["n_only_model"]
    assert n_right > 0.4 * test.n  # one in five by chance
    assert reference["n_right"] > 0.4 * test.n


def test_keras_and_integers_agree_in_every_word(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([word_jets(1000, rng).features(), random_words(model.input_formats, 10000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()
    scores = IntegerEmulator(model.network).predict(model.golden.inputs)
    np.testing.assert_array_equal(scores, model.golden.scores)
    assert scores.shape == (40, 5)


def test_what_stays_with_the_model(training: Training) -> None:
    assert training.model.metrics["classes"] == ["g", "q", "w", "z", "t"]
    assert training.model.score == "logits of g, q, w, z, t"
    learned = training.model.metrics["training"]["bits"] is not None
    assert (training.model.metrics["bit_operations"] is not None) is learned
    assert {name: len(curve) for name, curve in training.losses.items()} == {"loss": 4, "val_loss": 4}


def test_a_class_without_jets(rng: np.random.Generator) -> None:
    jets = word_jets(500, rng)
    with pytest.raises(DataError, match=r"no jet of z among the .* train jets"):
        train(jets.select(jets.crossing["process"] != 3), FIXED, name="toy")


def test_jets_that_do_not_count_alike(rng: np.random.Generator) -> None:
    jets = word_jets(500, rng)
    with pytest.raises(DataError, match="taggers count all alike"):
        train(replace(jets, weight=rng.uniform(1, 2, 500)), FIXED, name="toy")


def test_words_of_something_else(rng: np.random.Generator) -> None:
    with pytest.raises(SchemaError, match="reads words of 'jet_features', the jets have those of 'class_jets'"):
        train(real_jets(50, rng), FIXED, name="toy")


def test_a_limit_that_no_network_meets(rng: np.random.Generator) -> None:
    config = replace(FIXED, epochs=2, bits=replace(BITS, limit=1))
    with pytest.raises(DataError, match="no network within 1 effective bit operations"):
        train(word_jets(200, rng), config, name="toy")


@pytest.mark.parametrize(
    ("values", "message"),
    [({"architecture": "dens"}, "did you mean 'dense'"), ({"fractions": (0.5, 0.5)}, "train, validation and test")],
)
def test_a_recipe_that_cannot_be_meant(values: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        TaggerConfig(**values)  # type: ignore[arg-type]


def test_a_table_that_cannot_be_meant() -> None:
    with pytest.raises(ConfigError, match="must be positive"):
        ReferenceConfig(epochs=0)
    with pytest.raises(ConfigError, match="at least 1"):
        LearnedBitsConfig(limit=0)
