from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA
from l1ml.emulation import IntegerEmulator, compare
from l1ml.emulation.keras import KerasEmulator
from l1ml.emulation.stimuli import random_words
from l1ml.errors import ConfigError, TrainingError
from l1ml.progress import Checking
from l1ml.training import Training, family_of
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.contrastive import ContrastiveConfig, ContrastiveFormats
from l1ml.training.contrastive.architecture import build_projector
from l1ml.training.contrastive.views import draw_views

keras = pytest.importorskip("keras")
pytest.importorskip("qkeras")
train = family_of("contrastive").train

CONFIG = ContrastiveConfig(epochs=3, pruning_epochs=1, batch_size=512, n_golden=50, views=3)


@pytest.fixture(scope="module")
def training() -> Training:
    return train(toy_events(4000, np.random.default_rng(5)), CONFIG, name="toy")


def test_both_losses_fall(training: Training) -> None:
    for key in ("loss", "features_loss"):
        curve = training.losses[key]
        assert len(curve) == len(training.losses[key.replace("loss", "val_loss")]) == CONFIG.epochs
        assert curve[-1] < curve[0]
    assert training.model.metrics["family"] == "contrastive"


def test_keras_and_integers_agree_in_every_word(training: Training, rng: np.random.Generator) -> None:
    model = training.model
    emulators = (KerasEmulator(model), IntegerEmulator(model.network))
    words = np.concatenate([toy_events(3000, rng).features(), random_words(model.input_formats, 20000, rng)])
    compare(*((item.name, item.output_format, item.predict(words)) for item in emulators)).require_exact()


def test_the_score_is_the_squared_distance_of_the_features_from_their_reconstruction(
    training: Training, rng: np.random.Generator
) -> None:
    scorer, formats = training.model.keras(), CONFIG.quantisation
    words = toy_events(500, rng).features().astype(np.float32)
    layers = [scorer.get_layer(name).output for name in ("features", "reconstruction")]
    features, made = (np.asarray(values, np.float64) for values in keras.Model(scorer.input, layers)(words))
    assert features.shape == (500, CONFIG.features)
    lsb, top = 2.0 ** (1 + formats.difference_integer - formats.difference_bits), 2.0**formats.difference_integer
    difference = np.clip(np.rint((features - made) / lsb) * lsb, -top, top - lsb)
    np.testing.assert_array_equal(np.asarray(scorer(words), np.float64)[:, 0], (difference**2).sum(axis=1))


def test_the_widths_are_those_of_the_deployed_generation(training: Training) -> None:
    kernels = [layer.kernel.shape for layer in training.model.keras().layers if hasattr(layer, "kernel")]
    assert [tuple(shape) for shape in kernels] == [
        (57, 29), (29, 10), (10, 9), (9, 6), (6, 4), (4, 6), (6, 9), (9, 10), (10, 1)
    ]  # fmt: skip


def test_pruning_reaches_the_share_asked_for(training: Training) -> None:
    metrics = training.model.metrics
    assert metrics["n_zero_weights"] >= CONFIG.sparsity * (metrics["n_weights"] - CONFIG.features) - 8


def test_without_a_projector_the_loss_sees_the_features_themselves(rng: np.random.Generator) -> None:
    features = rng.normal(size=(20, CONFIG.features)).astype(np.float32)
    np.testing.assert_array_equal(build_projector(replace(CONFIG, projector=()))(features), features)
    assert build_projector(CONFIG)(features).shape == (20, 32)


def test_features_that_collapse_are_no_model(rng: np.random.Generator) -> None:
    config = replace(CONFIG, epochs=2, sparsity=0.999, pruning_epochs=1)
    with pytest.raises(TrainingError, match="of 10 features have collapsed"):
        train(toy_events(1000, rng), config, name="toy")


def test_views_differ_and_their_words_fit_the_link(rng: np.random.Generator) -> None:
    views = draw_views(toy_events(200, rng), CONFIG, rng)
    assert views.shape == (200, 3, 57)
    assert (views[:, 0] != views[:, 1]).any(axis=1).mean() > 0.9
    for index, form in enumerate(LEVEL1_SCHEMA.feature_formats):
        assert form.contains(views[..., index].astype(np.int64)).all()


@pytest.mark.parametrize(
    "change",
    [
        {"features": 0},
        {"views": 1},
        {"weight_power": -0.5},
        {"resolution": 1.0},
        {"loss_probability": 1.5},
        {"soft_pt": -1.0},
        {"covariance": float("nan")},
        {"sparsity": 1.0},
        {"quantisation": ContrastiveFormats(difference_bits=1)},
    ],
)
def test_impossible_settings_are_refused(change: dict[str, object]) -> None:
    with pytest.raises(ConfigError):
        replace(CONFIG, **change)


class Stopped(Exception):
    """What a listener raises."""


def test_a_training_that_was_stopped_in_its_second_stage_goes_on_to_the_same_result(training: Training, tmp_path: Path) -> None:
    left = iter(range(CONFIG.epochs + 1))

    def check() -> None:
        if next(left, None) is None:
            raise Stopped

    events, checkpoint = toy_events(4000, np.random.default_rng(5)), Checkpoint(tmp_path / "checkpoint.npz", "k")
    with pytest.raises(Stopped):
        train(events, CONFIG, name="toy", progress=Checking(check), checkpoint=checkpoint)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["checkpoint.features.npz", "checkpoint.npz"]
    done = train(events, CONFIG, name="toy", checkpoint=checkpoint)
    assert (done.model.digest, done.losses) == (training.model.digest, training.losses)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_training_killed_in_either_stage_goes_on_to_the_same_result(tmp_path: Path) -> None:
    code = (
        "import os, signal, sys; sys.path.insert(0, sys.argv[1])\n"
        "from pathlib import Path\n"
        "import numpy as np\n"
        "from toy import toy_events\n"
        "from l1ml.progress import Checking\n"
        "from l1ml.training import family_of\n"
        "from l1ml.training.checkpoint import Checkpoint\n"
        "from l1ml.training.contrastive import ContrastiveConfig\n"
        "config = ContrastiveConfig(epochs=4, pruning_epochs=1, batch_size=512, n_golden=50, views=3)\n"
        "left = iter(range(int(sys.argv[3])))\n"
        "check = lambda: next(left, None) is None and os.kill(os.getpid(), signal.SIGKILL)\n"
        "done = family_of('contrastive').train(toy_events(2000, np.random.default_rng(5)), config, name='toy',\n"
        "    progress=Checking(check), checkpoint=Checkpoint(Path(sys.argv[2]), 'k'))\n"
        "print(done.model.digest, done.losses)\n"
    )
    folder = str(Path(__file__).parents[2])

    def run(name: str, epochs: int) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-c", code, folder, str(tmp_path / name), str(epochs)]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    whole = run("whole.npz", 100)
    assert whole.returncode == 0, whole.stderr
    assert run("killed.npz", 2).returncode == -9  # in the third epoch of the features
    assert not (tmp_path / "killed.features.npz").is_file()
    # two more epochs of the features (and the note of those that are done), two of the detector
    assert run("killed.npz", 4).returncode == -9
    assert (tmp_path / "killed.features.npz").is_file()
    assert run("killed.npz", 100).stdout == whole.stdout
    assert not list(tmp_path.iterdir())
