from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from stopped_training import Stopped, stop_after

from l1ml.data import Events
from l1ml.data.generation.drift_chamber import ChamberConfig, chamber_hits
from l1ml.data.hit_words import hit_events
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.hardware.detector import Detector, DetectorLayer
from l1ml.model.graphs import NearestRule, PatternRule
from l1ml.training import Training, family_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.graph import HitFilterConfig
from l1ml.training.graph.family import hit_loss, rejected
from l1ml.training.tagger import LearnedBitsConfig

pytest.importorskip("qkeras")

DETECTOR = Detector("chamber", tuple(DetectorLayer(20.0 + 4 * index, 4, 0.5 * (index % 2)) for index in range(4)), 20.0)
CONFIG = HitFilterConfig(
    hidden=(3,),
    detector=DETECTOR,
    pattern=PatternRule(((1, 0), (1, 1))),
    epochs=3,
    batch_size=200,
    learning_rate=0.02,
    fractions=(0.6, 0.2, 0.2),
    n_golden=20,
    bits=LearnedBitsConfig(limit=10**6, warm_up=1, first_price=1e-9, last_price=1e-8, settle_epochs=1),
)
train = family_of("hit_filter").train


def crossings(n: int, config: HitFilterConfig = CONFIG) -> Events:
    hits = chamber_hits(config.detector, ChamberConfig(occupancy=0.1), n, np.random.default_rng(1))
    return hit_events(config.schema, hits.words, hits.of_track)


@pytest.fixture(scope="module")
def training() -> Training:
    return train(crossings(2000), CONFIG, name="toy")


def test_keras_and_integers_agree_and_nothing_scores_without_a_hit(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([crossings(300).features(), random_words(model.input_formats, 1000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()
    scores = emulators[1].predict(words)
    assert scores.shape == (1300, 16)
    assert not scores[words == 0].any()
    assert scores[words > 0].any()
    assert model.features[:5] == ("layer_0_0_time", "layer_0_1_time", "layer_0_2_time", "layer_0_3_time", "layer_1_0_time")


def test_the_model_says_how_it_was_made(training: Training) -> None:
    metrics = training.model.metrics
    assert (metrics["family"], metrics["training"]["detector"]["name"]) == ("hit_filter", "chamber")
    assert metrics["bit_operations"] > 0
    assert metrics["possible_edges"] == 2 * 3 * 7  # between each two layers 4 + 4 steps, one of them off the end, both ways


@pytest.mark.slow
def test_a_training_that_was_stopped_goes_on_to_the_same_result(training: Training, tmp_path: Path) -> None:
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "k")
    with pytest.raises(Stopped):
        train(crossings(2000), CONFIG, name="toy", progress=stop_after(2), checkpoint=checkpoint)
    done = train(crossings(2000), CONFIG, name="toy", checkpoint=checkpoint)
    assert (done.model.digest, done.losses) == (training.model.digest, training.losses)
    assert not list(tmp_path.iterdir())


def test_the_loss_is_that_of_hits_only() -> None:
    targets, scores = np.array([[1.0, 0.0, -1.0, -1.0]], np.float32), np.array([[2.0, -1.0, 0.0, 9.0]], np.float32)
    wanted = (np.log1p(np.exp(-2.0)) + np.log1p(np.exp(-1.0))) / 4
    assert float(np.asarray(hit_loss(targets, scores))[0]) == pytest.approx(wanted, rel=1e-5)


def test_what_is_rejected_where_a_share_of_the_tracks_is_kept() -> None:
    targets = np.array([[1, 1, 1, 1, 0, 0, 0, -1]])
    scores = np.array([[0, 3, 4, 5, 2, 3, -1, 9]])
    assert rejected(0.75, targets, scores) == pytest.approx(2 / 3)  # below 3: the background at 2 and -1
    assert rejected(0.99, targets, scores) == pytest.approx(1 / 3)
    with pytest.raises(DataError, match="received 7 of tracks and 0 of background"):
        rejected(0.9, np.where(targets == 0, 1, targets), scores)


def test_bits_are_learned_or_nothing_is() -> None:
    with pytest.raises(ConfigError, match="has learned bits and no others"):
        train(crossings(50), replace(CONFIG, bits=None), name="toy")


def test_events_of_another_detector_are_refused() -> None:
    other = replace(CONFIG, detector=replace(DETECTOR, layers=DETECTOR.layers[:3]))
    with pytest.raises(
        SchemaError,
        match=r"the recipe reads words of '(.+)' \(\w{8}\), the sample has those of '\1' \(\w{8}\); generate it again",
    ):
        train(crossings(50, other), CONFIG, name="toy")


@pytest.mark.parametrize(
    ("change", "message"),
    [({"nearest": NearestRule(1, 2)}, "a graph has one"), ({"hidden": ()}, "a width for one round"), ({"kept": 1.0}, "kept 1.0")],
)
def test_impossible_settings_are_refused(change: dict[str, object], message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        replace(CONFIG, **change)
