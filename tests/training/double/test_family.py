from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.data import Events
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.progress import Checking
from l1ml.training import Training, family_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.distance_correlation import distance_correlation_squared
from l1ml.training.double import DoubleConfig
from l1ml.training.double.loss import whole_batches

keras = pytest.importorskip("keras")
pytest.importorskip("qkeras")
train = family_of("double_autoencoder").train

CONFIG = DoubleConfig(
    hidden=(6,), decoder=(6,), latent=3, epochs=6, pruning_epochs=2, batch_size=250, n_golden=50, decorrelation=20.0
)
WITHOUT = replace(CONFIG, decorrelation=0.0)


@pytest.fixture(scope="module")
def events() -> Events:
    return toy_events(2000, np.random.default_rng(5))


@pytest.fixture(scope="module")
def training(events: Events) -> Training:
    return train(events, CONFIG, name="toy")


@pytest.fixture(scope="module")
def without(events: Events) -> Training:
    """The same without decorrelation."""
    return train(events, WITHOUT, name="toy")


def test_keras_and_integers_agree_in_both_words(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    assert (model.metrics["family"], model.network.n_outputs, model.golden.scores.shape) == ("double_autoencoder", 2, (50, 2))
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([toy_events(3000, rng).features(), random_words(model.input_formats, 20000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()


def test_the_loss_takes_the_correlation_away(training: Training, without: Training) -> None:
    left, there = (item.model.metrics["distance_correlation_squared"] for item in (training, without))
    assert left < 0.5 * there
    words = toy_events(2000, np.random.default_rng(6)).features()
    scores = IntegerEmulator(training.model.network).predict(words).astype(np.float64)
    unseen = float(distance_correlation_squared(scores[:, 0], scores[:, 1], np.ones(len(scores))))
    assert unseen == pytest.approx(left, abs=0.1)


def test_crossings_of_no_weight_fill_the_last_batch(rng: np.random.Generator) -> None:
    events = toy_events(1234, rng)
    words, weight, ones = whole_batches(events, 500)
    assert words.shape == (1500, events.features().shape[1])
    assert np.count_nonzero(weight) == 1234
    assert [np.count_nonzero(part) for part in np.split(weight, 3)] == [412, 411, 411]
    np.testing.assert_array_equal(np.sort(words[weight[:, 0] > 0], axis=0), np.sort(events.features(), axis=0))
    assert ones.all()


def test_a_training_that_was_killed_goes_on_to_the_same_words(events: Events, without: Training, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "key")

    epochs = iter((None, None, None, "killed"))

    def check() -> None:
        if next(epochs) is not None:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        train(events, WITHOUT, name="toy", progress=Checking(check), checkpoint=checkpoint)
    assert train(events, WITHOUT, name="toy", checkpoint=checkpoint).model.digest == without.model.digest


@pytest.mark.parametrize("weight", [-1.0, float("nan")])
def test_a_weight_below_zero_is_refused(weight: float) -> None:
    with pytest.raises(ConfigError, match="decorrelation"):
        replace(CONFIG, decorrelation=weight)
