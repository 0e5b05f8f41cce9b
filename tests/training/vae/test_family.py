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
from l1ml.errors import ConfigError, DataError, TrainingError
from l1ml.progress import Checking
from l1ml.training import QuantisationConfig, Training, family_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.vae import VaeConfig

pytest.importorskip("qkeras")
train = family_of("vae").train

CONFIG = VaeConfig(epochs=4, pruning_epochs=2, batch_size=512, n_golden=50)


@pytest.fixture(scope="module")
def training() -> Training:
    return train(toy_events(4000, np.random.default_rng(5)), CONFIG, name="toy")


def test_the_loss_falls_and_is_kept(training: Training) -> None:
    losses = training.losses["loss"]
    assert len(losses) == len(training.losses["val_loss"]) == 4
    assert losses[-1] < losses[0]
    assert training.to_dict()["seed"] == CONFIG.seed
    assert training.to_dict()["cpu_seconds"] > 0
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
        "from l1ml.training import family_of\n"
        "from l1ml.training.vae import VaeConfig\n"
        "config = VaeConfig(epochs=4, pruning_epochs=2, batch_size=512, n_golden=50)\n"
        "done = family_of('vae').train(toy_events(4000, np.random.default_rng(5)), config, name='toy')\n"
        "print(done.model.digest, done.threads)\n"
    )
    folder = str(Path(__file__).parents[2])
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


class Stopped(Exception):
    """What a test stops a training with."""


def test_a_training_that_was_stopped_goes_on_to_the_same_result(training: Training, tmp_path: Path) -> None:
    events = toy_events(4000, np.random.default_rng(5))
    checkpoint = Checkpoint(tmp_path / "checkpoint.npz", "this one")
    epochs = iter(range(3))

    def stop() -> None:
        if next(epochs) == 2:
            raise Stopped

    with pytest.raises(Stopped):
        train(events, CONFIG, name="toy", progress=Checking(stop), checkpoint=checkpoint)
    state = checkpoint.load()
    assert state is not None
    assert (state.facts["done"], len(state.facts["losses"]["loss"])) == (3, 3)
    told: list[None] = []
    resumed = train(events, CONFIG, name="toy", progress=Checking(lambda: told.append(None)), checkpoint=checkpoint)
    assert len(told) == 2  # three epochs at once, then the one that was left
    assert resumed.losses == training.losses
    assert (resumed.best_epoch, resumed.model.digest) == (training.best_epoch, training.model.digest)
    assert not checkpoint.path.exists()


@pytest.mark.slow
def test_a_training_that_was_killed_goes_on_to_the_same_result(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from toy import toy_events\n"
        "from l1ml.progress import Checking\n"
        "from l1ml.training import family_of\n"
        "from l1ml.training.checkpoint import Checkpoint\n"
        "from l1ml.training.vae import VaeConfig\n"
        "config = VaeConfig(epochs=6, pruning_epochs=2, batch_size=512, n_golden=50)\n"
        "left = iter(range(int(sys.argv[3])))\n"
        "check = lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL)\n"
        "done = family_of('vae').train(toy_events(4000, np.random.default_rng(5)), config, name='toy',\n"
        "    progress=Checking(check), checkpoint=Checkpoint(Path(sys.argv[2]), 'k'))\n"
        "print(done.model.digest, done.losses)\n"
    )
    folder = str(Path(__file__).parents[2])

    def run(name: str, epochs: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, folder, str(tmp_path / name), str(epochs)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = run("whole.npz", 100)
    assert whole.returncode == 0, whole.stderr
    assert run("killed.npz", 3).returncode == -9
    assert (tmp_path / "killed.npz").is_file()
    assert run("killed.npz", 100).stdout == whole.stdout


@pytest.mark.parametrize("weight", [0.0, np.nan])
def test_crossings_that_weigh_nothing_are_refused(weight: float, rng: np.random.Generator) -> None:
    events = toy_events(400, rng)
    with pytest.raises(DataError, match=r"the weights of the \d+ train crossings add up to (0|nan)"):
        train(replace(events, weight=np.full(events.n, weight)), CONFIG, name="toy")


def test_a_network_that_says_the_same_of_all_crossings_is_refused(rng: np.random.Generator) -> None:
    bare = replace(CONFIG, sparsity=0.999, hidden=(4, 4))
    with pytest.raises(TrainingError, match=r"all \d+ test crossings have the same score, \[\d+\]; \d+ of \d+ weights are zero"):
        train(toy_events(1000, rng), bare, name="toy")
