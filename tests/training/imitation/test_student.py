"""Students on toy crossings: of two teachers with random weights, and, asked for with -m slow, those of all families."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stopped_training import Stopped, stop_after
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError
from l1ml.model.extraction import extract_network, freeze
from l1ml.training import QuantisationConfig, Training, family_of
from l1ml.training.autoencoder import AutoencoderConfig
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.double import DoubleConfig
from l1ml.training.fitting import Fit
from l1ml.training.imitation import ImitationConfig, of_fixed_formats
from l1ml.training.imitation.handover import student_of
from l1ml.training.imitation.student import Student
from l1ml.training.imitation.target import explained, log_scores, mean_log_scores
from l1ml.training.imitation.teachers import Course
from l1ml.training.sample import feature_shifts, presence
from l1ml.training.vae import VaeConfig

keras = pytest.importorskip("keras")
pytest.importorskip("qkeras")

LIMIT = 6000
BITS = ImitationConfig(
    limit=LIMIT, epochs=15, batch_size=300, learning_rate=0.02, warm_up=2, first_price=1e-6, last_price=1e-3, settle_epochs=1
)
SMALL: dict[str, Any] = {"hidden": (8,), "epochs": 3, "pruning_epochs": 1, "batch_size": 512, "n_golden": 50, "bits": BITS}
CONFIGS = {"vae": VaeConfig(latent=4, **SMALL), "autoencoder": AutoencoderConfig(decoder=(6,), **SMALL)}
WIDE = QuantisationConfig(input_bits=12, input_integer=7, activation_bits=14, activation_integer=9, latent_bits=12)
"""Formats in which nothing saturates."""


@cache
def words(n: int = 900, seed: int = 5) -> np.ndarray:
    return toy_events(n, np.random.default_rng(seed)).features().astype(np.float32)


@cache
def teacher(seed: int = 1) -> Student:
    """Of random weights."""
    from l1ml.training.vae.architecture import build_encoder, build_scorer

    events = toy_events(900, np.random.default_rng(5))
    keras.utils.set_random_seed(seed)
    encoder = build_encoder(replace(CONFIGS["vae"], quantisation=WIDE), feature_shifts(events.features(), presence(events)))
    return Student(build_scorer(encoder), Fit({"loss": [2.0, 1.0]}, 2), {"known": 1})


@cache
def student() -> Student:
    from l1ml.training.imitation.learning import imitate

    return imitate([teacher(), teacher(2)], (words(), words(300, 6), words(300, 7)), BITS, seed=1)


def test_the_student_is_like_its_teachers_and_cheaper() -> None:
    figures = student().figures
    assert 0.3 < figures["explained"] <= 1
    assert 0 < figures["bit_operations"] <= LIMIT
    assert figures["known"] == 1
    lengths = {name: len(curve) for name, curve in student().fit.losses.items()}
    assert lengths == {"loss": BITS.epochs, "val_loss": BITS.epochs, "teacher_loss": 2, "teacher_2_loss": 2}


def test_what_it_explains_is_the_mean_of_the_logarithms_of_their_scores() -> None:
    one, two = (teacher(seed).scorer for seed in (1, 2))
    wanted, *each = (mean_log_scores(scorers, words(300, 7)) for scorers in ([one, two], [one], [two]))
    found = log_scores(student().scorer, words(300, 7))
    assert explained(wanted, found) == student().figures["explained"]
    assert explained(wanted, found) > max(explained(alone, found) for alone in each)


def test_keras_and_integers_agree_in_every_word(rng: np.random.Generator) -> None:
    scorer = student().scorer
    freeze(scorer)
    network = extract_network(scorer, LEVEL1_SCHEMA.feature_formats)
    given = np.concatenate([words().astype(np.int32), random_words(network.input_formats, 5000, rng)])
    outputs = np.asarray(scorer(given.astype(np.float32)), np.float64)
    np.testing.assert_array_equal(network.output_format.to_words(outputs)[:, 0], IntegerEmulator(network).predict(given).ravel())
    roots = np.asarray(keras.Model(scorer.input, scorer.get_layer("squares").input[0])(given.astype(np.float32)), np.float64)
    np.testing.assert_array_equal(outputs[:, 0], (roots**2).sum(axis=1))


def test_a_student_begins_as_its_teacher() -> None:
    from l1ml.training.imitation.learning import learning_copy

    copy = learning_copy(teacher().scorer, words(), replace(BITS, rounding="even"))
    copy(words(), training=True)  # the largest activations are seen
    roots = np.asarray(copy(words()), np.float64)
    assert len(np.unique(roots)) > 10
    np.testing.assert_array_equal((roots**2).sum(axis=1), np.asarray(teacher().scorer(words()), np.float64)[:, 0])


def test_without_bits_the_teacher_is_what_is_trained() -> None:
    for config in CONFIGS.values():
        assert of_fixed_formats(config) == replace(config, bits=None)
    course = Course(lambda _config, **_options: teacher(), lambda: None)
    assert student_of(course, [], CONFIGS["vae"], None) == (teacher(), ())


def test_impossible_settings_are_refused() -> None:
    with pytest.raises(ConfigError, match="must be at least 1, received 0"):
        ImitationConfig(limit=0)
    with pytest.raises(ConfigError, match=r"has two scores and learns no bits; leave \[training.bits\] out"):
        DoubleConfig(bits=BITS)


def trained(family: str, **options: Any) -> Training:
    return family_of(family).train(toy_events(3000, np.random.default_rng(5)), CONFIGS[family], name="toy", **options)


@pytest.mark.slow
@pytest.mark.parametrize("family", CONFIGS)
def test_a_family_hands_over_the_student(family: str, rng: np.random.Generator) -> None:
    training = trained(family)
    model = training.model
    assert 0.5 < model.metrics["explained"] <= 1
    assert model.metrics["training"]["bits"]["limit"] == LIMIT
    assert len(training.losses["teacher_loss"]) == SMALL["epochs"]
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    given = np.concatenate([toy_events(2000, rng).features(), random_words(model.input_formats, 20000, rng)])
    compare(*((item.name, item.output_format, item.predict(given)) for item in emulators)).require_exact()


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_to_the_same_result(tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "k")
    whole = trained("vae")
    with pytest.raises(Stopped):
        trained("vae", progress=stop_after(7), checkpoint=checkpoint)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.bits.npz", "checkpoint.teacher_1.npz"]
    done = trained("vae", checkpoint=checkpoint)
    assert (done.model.digest, done.losses) == (whole.model.digest, whole.losses)
    assert not list(tmp_path.iterdir())
