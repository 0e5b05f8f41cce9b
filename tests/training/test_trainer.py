from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, DataError
from l1ml.training import QuantisationConfig, Training, TrainingConfig, train

pytest.importorskip("qkeras")

CONFIG = TrainingConfig(epochs=4, pruning_epochs=2, batch_size=512, n_golden=50)


@pytest.fixture(scope="module")
def training() -> Training:
    return train(toy_events(4000, np.random.default_rng(5)), CONFIG, name="toy")


def test_the_loss_falls_and_is_kept(training: Training) -> None:
    losses = training.losses["loss"]
    assert len(losses) == len(training.losses["val_loss"]) == 4
    assert losses[-1] < losses[0]
    assert training.to_dict()["seed"] == CONFIG.seed
    kept = training.losses["val_loss"][training.best_epoch - 1]
    assert kept == training.model.metrics["val_loss"] == min(training.losses["val_loss"][CONFIG.pruning_epochs :])


def test_keras_and_integers_agree_in_every_word(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([toy_events(3000, rng).features(), random_words(model.input_formats, 20000, rng)])
    report = compare(*((item.name, item.output_format, item.predict(words)) for item in emulators))
    report.require_exact()
    assert report.n_words == 23000


def test_pruning_reaches_the_share_asked_for(training: Training) -> None:
    metrics = training.model.metrics
    n_score = 8  # the ones of the score are never pruned
    assert metrics["n_zero_weights"] >= CONFIG.sparsity * (metrics["n_weights"] - n_score)


def test_only_the_train_and_validation_parts_are_used(training: Training) -> None:
    metrics = training.model.metrics
    assert metrics["n_train"] / 4000 == pytest.approx(0.4, abs=0.03)
    assert metrics["n_validation"] / 4000 == pytest.approx(0.1, abs=0.03)


def test_the_same_seed_gives_the_same_model_with_any_number_of_cores() -> None:
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\n"
        "import numpy as np\n"
        "from toy import toy_events\n"
        "from l1ml.training import TrainingConfig, train\n"
        "config = TrainingConfig(epochs=4, pruning_epochs=2, batch_size=512, n_golden=50)\n"
        "done = train(toy_events(4000, np.random.default_rng(5)), config, name='toy')\n"
        "print(done.model.digest, done.threads)\n"
    )
    folder = str(Path(__file__).parents[1])
    lines = set()
    for cores in ("1", "3"):
        environment = {**os.environ, "TF_NUM_INTRAOP_THREADS": cores}
        done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True, env=environment)
        lines.add(done.stdout.splitlines()[-1])
    (line,) = lines
    assert line.split()[1] == "1"


def test_too_few_events_are_refused(rng: np.random.Generator) -> None:
    with pytest.raises(DataError, match="too few; generate more"):
        train(toy_events(2, rng), CONFIG, name="toy")


@pytest.mark.parametrize("change", [{"sparsity": 1.0}, {"fractions": (0.5, 0.5)}, {"epochs": 0}])
def test_impossible_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        replace(CONFIG, **change)


def test_wider_formats_change_the_network(rng: np.random.Generator) -> None:
    wide = replace(CONFIG, epochs=1, quantisation=QuantisationConfig(latent_bits=12, latent_integer=5))
    events = toy_events(1000, rng)
    narrow = train(events, replace(CONFIG, epochs=1), name="toy").model.output_format
    assert train(events, wide, name="toy").model.output_format.width > narrow.width
