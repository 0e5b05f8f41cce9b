from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.training import Training, family_of
from l1ml.training.autoencoder import AutoencoderConfig, AutoencoderFormats

keras = pytest.importorskip("keras")
pytest.importorskip("qkeras")
train = family_of("autoencoder").train

CONFIG = AutoencoderConfig(hidden=(8,), decoder=(6,), epochs=4, pruning_epochs=2, batch_size=512, n_golden=50)
PT = [index for index, name in enumerate(LEVEL1_SCHEMA.features) if name.endswith("_pt")]


@pytest.fixture(scope="module")
def training() -> Training:
    return train(toy_events(4000, np.random.default_rng(5)), CONFIG, name="toy")


def test_the_loss_falls(training: Training) -> None:
    losses = training.losses["loss"]
    assert losses[-1] < losses[0]
    assert training.model.metrics["family"] == "autoencoder"


def test_keras_and_integers_agree_in_every_word(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([toy_events(3000, rng).features(), random_words(model.input_formats, 20000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()


def test_the_score_is_the_squared_distance_of_the_scaled_words_from_their_reconstruction(
    training: Training, rng: np.random.Generator
) -> None:
    scorer, formats = training.model.keras(), CONFIG.quantisation
    words = toy_events(500, rng).features().astype(np.float32)
    layers = [scorer.get_layer(name).output for name in ("input_quantiser", "reconstruction")]
    scaled, made = (np.asarray(values, np.float64) for values in keras.Model(scorer.input, layers)(words))
    lsb, top = 2.0 ** (1 + formats.difference_integer - formats.difference_bits), 2.0**formats.difference_integer
    difference = np.clip(np.rint((scaled[:, PT] - made) / lsb) * lsb, -top, top - lsb)
    np.testing.assert_array_equal(np.asarray(scorer(words), np.float64)[:, 0], (difference**2).sum(axis=1))


def test_pruning_reaches_the_share_asked_for(training: Training) -> None:
    metrics = training.model.metrics
    assert metrics["n_zero_weights"] >= CONFIG.sparsity * (metrics["n_weights"] - len(PT))


def test_angles_are_scored_when_asked_for(rng: np.random.Generator) -> None:
    events = toy_events(1000, rng)
    scorer = train(events, replace(CONFIG, epochs=1, angles=True), name="toy").model.keras()
    assert scorer.get_layer("difference").output.shape[-1] == len(LEVEL1_SCHEMA.features)


@pytest.mark.parametrize("change", [{"latent": 0}, {"sparsity": 1.0}, {"quantisation": AutoencoderFormats(difference_bits=1)}])
def test_impossible_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        replace(CONFIG, **change)
