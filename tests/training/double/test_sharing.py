from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.configuration import from_mapping
from l1ml.data import Events
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.hardware import FixedPoint
from l1ml.model import TriggerModel
from l1ml.model.extraction import extract_network, freeze
from l1ml.training import Training, family_of
from l1ml.training.double import DoubleConfig
from l1ml.training.double.architecture import scored_places
from l1ml.training.double.sharing_config import SharingConfig
from l1ml.training.double.sharing_layers import shared_scores
from l1ml.training.double.sharing_tables import SharingTables

keras = pytest.importorskip("keras")
pytest.importorskip("qkeras")

CONFIG = DoubleConfig(
    hidden=(6,),
    decoder=(6,),
    latent=3,
    epochs=4,
    pruning_epochs=2,
    batch_size=250,
    n_golden=50,
    decorrelation=0.0,
    fractions=(0.6, 0.1, 0.3),
    scored=(("jet",), ("met", "egamma", "muon")),
    sharing=SharingConfig(),
)


@pytest.fixture(scope="module")
def events() -> Events:
    return toy_events(2000, np.random.default_rng(5))


@pytest.fixture(scope="module")
def training(events: Events) -> Training:
    return family_of("double_autoencoder").train(events, CONFIG, name="toy")


@pytest.mark.filterwarnings("ignore:.*object was created by an older:UserWarning")
def test_keras_and_integers_agree_in_both_words_also_once_loaded(
    training: Training, rng: np.random.Generator, tmp_path: Path
) -> None:
    training.model.save(tmp_path)
    model = TriggerModel.load(tmp_path)
    assert (model.network.n_outputs, model.golden.scores.shape) == (2, (50, 2))
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([toy_events(3000, rng).features(), random_words(model.input_formats, 20000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()


def test_the_scores_of_crossings_of_the_same_kind_are_hardly_correlated(training: Training) -> None:
    scores = IntegerEmulator(training.model.network).predict(toy_events(4000, np.random.default_rng(6)).features())
    ranks = np.argsort(np.argsort(scores, axis=0), axis=0)
    assert abs(np.corrcoef(ranks.T)[0, 1]) < 0.2


@pytest.mark.parametrize(
    ("config", "size"),
    [(SharingConfig(), 30.0), (SharingConfig(levels=12, level=0.25, rarity_bits=6, strata_bits=2), 3000.0)],
)
def test_the_layers_give_the_words_of_the_tables(config: SharingConfig, size: float) -> None:
    """Also of errors that need a shift, and of errors far beyond the last entry."""
    rng = np.random.default_rng(2)
    words = np.rint(size * rng.lognormal(size=(4000, 2))).astype(np.int64)
    tables = SharingTables.fit(words, rng.exponential(size=4000), config)
    assert (tables.shift > 0) == (size > 1000)
    tried = np.concatenate([words, rng.integers(0, 2**17, (2000, 2)), rng.integers(0, 700, (2000, 2))])
    errors = keras.Input((2,))
    model = keras.Model(errors, shared_scores(errors, 8, tables))
    freeze(model)
    found = np.asarray(model.predict(tried / 256.0, verbose=0)) * 2.0**config.rarity_bits
    np.testing.assert_array_equal(found, tables.scores(tried))
    format_ = FixedPoint(17, 9, signed=False)
    network = extract_network(keras.Model(*_of_words(errors, 8, tables)), [format_] * 2)
    emulator = IntegerEmulator(network)
    shift = network.output_format.fractional - config.rarity_bits
    np.testing.assert_array_equal(emulator.predict(tried), tables.scores(tried) << shift)


def _of_words(_: object, fractional: int, tables: SharingTables) -> tuple[object, object]:
    """The same layers behind whole words."""
    words = keras.Input((2,))
    errors = keras.layers.Rescaling(2.0**-fractional)(words)
    return words, shared_scores(errors, fractional, tables)


def test_each_autoencoder_reconstructs_its_own_objects() -> None:
    names = CONFIG.schema.features
    first, second = ([names[place] for place in places] for places in scored_places(CONFIG))
    assert {name.split("_")[0] for name in first} == {"jet"}
    assert {name.split("_")[0] for name in second} == {"met", "egamma", "muon"}
    assert (len(first), len(second)) == (10, 9)
    assert [len(places) for places in scored_places(replace(CONFIG, scored=()))] == [19, 19]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({"scored": [["jet"]]}, r"two autoencoders.*\['jet'\]"),
        ({"scored": [["jet"], []]}, "at least one each"),
        ({"scored": [["jets"], ["met"]]}, "'jets'.*jet"),
        ({"sharing": {"levels": 4}}, "reach 2.75"),
        ({"sharing": {"level": 0.1}}, "multiple of 1/16"),
        ({"sharing": {"strata_bits": 5}}, "strata_bits is 1 to 4"),
        ({"sharing": {"rarity_bits": 9}}, "at most 8"),
        ({"sharing": {"width": 3}}, "width"),
    ],
)
def test_a_recipe_that_cannot_be_meant_is_refused(content: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        from_mapping(DoubleConfig, content, "recipe")
