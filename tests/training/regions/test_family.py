from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stopped_training import Stopped, stop_after

from l1ml.data import Events, split_of
from l1ml.data.calo_regions import CALO_SCHEMA
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, DataError
from l1ml.training import Training, family_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.regions import RegionsConfig, TeacherConfig
from l1ml.training.regions.pictures import turned
from l1ml.training.tagger import LearnedBitsConfig

pytest.importorskip("qkeras")

LIMIT = 40_000
CONFIG = RegionsConfig(
    filters=2,
    hidden=(4,),
    turns=1,
    epochs=20,
    batch_size=64,
    learning_rate=0.02,
    fractions=(0.6, 0.2, 0.2),
    n_golden=30,
    teacher=TeacherConfig(filters=4, latent=2, epochs=2, batch_size=128),
    bits=LearnedBitsConfig(limit=LIMIT, warm_up=1, first_price=1e-6, last_price=1e-4, settle_epochs=1),
)


def crossings(n: int, seed: int = 1) -> Events:
    """A falling spectrum of regions; no objects."""
    rng = np.random.default_rng(seed)
    columns = {
        item.name: {entry.column: np.zeros((n, item.n_slots), np.int32) for entry in item.fields} for item in CALO_SCHEMA.objects
    }
    hardness = rng.exponential(2.0, (n, 1))
    columns["region"]["hw_et"] = np.minimum(rng.exponential(1 + hardness, (n, 252)) ** 1.5, 1023).astype(np.int32)
    number = np.arange(n, dtype=np.uint64)
    return Events(CALO_SCHEMA, columns, rng.uniform(0.5, 1.0, n), number, number)


@pytest.fixture(scope="module")
def training() -> Training:
    return family_of("regions").train(crossings(1200), CONFIG, name="toy")


def test_the_student_knows_what_the_teacher_says(training: Training) -> None:
    said = training.model.metrics["teacher"]
    assert 0.5 < said["explained"] <= 1
    assert 0.5 < said["explained_alike"] <= 1
    assert 0 < training.model.metrics["bit_operations"] <= LIMIT
    assert {name: len(curve) for name, curve in training.losses.items()} == {"loss": 20, "val_loss": 20}


def test_keras_and_integers_agree_in_every_word(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([crossings(500, 7).features(), random_words(model.input_formats, 3000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()
    np.testing.assert_array_equal(IntegerEmulator(model.network).predict(model.golden.inputs).ravel(), model.golden.scores)
    assert model.features[:2] == ("region_0_et", "region_1_et")


def test_a_crossing_turned_by_a_block_has_the_same_score(training: Training) -> None:
    words, emulator = crossings(300, 5).features(), IntegerEmulator(training.model.network)
    scores = emulator.predict(words)
    for steps in range(2, 18, 2):
        np.testing.assert_array_equal(emulator.predict(turned(words, np.full(300, steps))), scores)
    assert (emulator.predict(turned(words, np.full(300, 1))) != scores).any()


def test_the_teacher_alone(training: Training) -> None:
    events = crossings(1200)
    scorer = family_of("regions").float_scorer(events, CONFIG)  # type: ignore[attr-defined]
    test = events.select(split_of(events.group, CONFIG.fractions) == 2).features()
    wanted = np.asarray(scorer(test.astype(np.float32)))[:, 0]
    found = IntegerEmulator(training.model.network).predict(test).ravel()
    assert np.corrcoef(wanted, found)[0, 1] > 0.7


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_to_the_same_result(training: Training, tmp_path: Path) -> None:
    train, checkpoint = family_of("regions").train, Checkpoint(tmp_path / "checkpoint.npz", "k")
    for epochs, expected in ((1, ["checkpoint.teacher.npz"]), (3, ["checkpoint.bits.npz"])):
        with pytest.raises(Stopped):
            train(crossings(1200), CONFIG, name="toy", progress=stop_after(epochs), checkpoint=checkpoint)
        assert sorted(path.name for path in tmp_path.iterdir()) == expected
    done = train(crossings(1200), CONFIG, name="toy", checkpoint=checkpoint)
    assert (done.model.digest, done.losses) == (training.model.digest, training.losses)
    assert not list(tmp_path.iterdir())


def test_too_few_crossings() -> None:
    with pytest.raises(DataError, match="too few; generate more events"):
        family_of("regions").train(crossings(2), CONFIG, name="toy")


def test_there_is_no_student_of_fixed_formats() -> None:
    from l1ml.training.regions.student import build_student

    with pytest.raises(ConfigError, match="has learned bits and no others"):
        build_student(replace(CONFIG, bits=None))
