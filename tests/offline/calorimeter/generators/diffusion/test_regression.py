from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from stopped_training import Stopped, stop_after

from l1ml.errors import TrainingError
from l1ml.progress import SILENT
from offline.calorimeter.generators.diffusion import regression
from offline.calorimeter.generators.diffusion.denoiser import Conditions, Denoiser
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.calorimeter.generators.diffusion.regression import Batch, Regression
from offline.calorimeter.generators.diffusion.schedules import NOISES, Edm, StraightPath
from offline.calorimeter.generators.diffusion.voxel_sample import VoxelSample, denoising
from offline.density import Training
from offline.folder_checkpoint import FolderCheckpoint

SHAPE = NetworkShape((4, 3, 2), 2, 1, (8,), 1)


def _sample(n: int, rng: np.random.Generator) -> VoxelSample:
    common = rng.standard_normal((n, 1)).astype(np.float32)
    # data are one number, which the condition gives, and a little noise
    scores = common[:, :, None, None] + 0.1 * rng.standard_normal((n, 4, 3, 2)).astype(np.float32)
    return VoxelSample(scores.astype(np.float32), Conditions(np.zeros((n, 4, 2), np.float32), common), 100)


def test_the_network_learns_the_mean_of_the_data(rng: np.random.Generator) -> None:
    sample, noise = _sample(1100, rng), Edm()
    network = Regression(SHAPE, 1)
    losses = network.train(denoising(sample, noise), 1000, Training(500, 100, 1e-2), task="test", progress=SILENT)
    assert len(losses) == 2
    held = slice(1000, None)
    denoise = Denoiser(SHAPE, noise, network.weights()).given(sample.conditions.select(held))
    # where there is nothing but noise, D is what the condition says
    found = denoise(80.0 * rng.standard_normal((100, 4, 3, 2)).astype(np.float32), 80.0)
    error = (found - sample.conditions.common[held][:, :, None, None]).std()
    assert error < 0.4 * sample.scores[held].std()


@pytest.mark.parametrize("name", NOISES)
def test_batches_are_regressions_to_the_data(name: str, rng: np.random.Generator) -> None:
    sample, noise = _sample(300, rng), NOISES[name]()
    batch = denoising(sample, noise)(np.arange(200), rng)
    assert batch.inputs[0].std() == pytest.approx(1.0, abs=0.15)
    assert [part.shape for part in batch.inputs] == [(200, 4, 3, 2), (200, 4, 2), (200, 1), (200, 1)]
    assert all(part.dtype == np.float32 for part in (*batch.inputs, batch.target, batch.weight))
    assert np.isfinite(batch.target).all()
    expected = [1.0, 2.0] if isinstance(noise, StraightPath) else [1.0, 1.0]
    assert [batch.weight.min(), batch.weight.max()] == pytest.approx(expected, abs=0.01)


def test_a_stopped_training_goes_on_to_the_same_weights(
    tmp_path: Path, rng: np.random.Generator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(regression, "_KEPT_EVERY", 5)
    batches, training, checkpoint = denoising(_sample(300, rng), Edm()), Training(17, 50, 1e-2), FolderCheckpoint(tmp_path, "a")
    whole = Regression(SHAPE, 1)
    losses = whole.train(batches, 200, training, task="test", progress=SILENT)
    with pytest.raises(Stopped):
        Regression(SHAPE, 1).train(batches, 200, training, task="test", progress=stop_after(13), checkpoint=checkpoint)
    assert len(list(tmp_path.iterdir())) == 1
    counted = stop_after(8)
    again = Regression(SHAPE, 1)
    assert again.train(batches, 200, training, task="test", progress=counted, checkpoint=checkpoint) == losses
    for one, other in zip(again.weights(), whole.weights(), strict=True):
        np.testing.assert_array_equal(one, other)
    # a finished one is not done again
    third = Regression(SHAPE, 1)
    assert third.train(batches, 200, training, task="test", progress=stop_after(1), checkpoint=checkpoint) == losses
    np.testing.assert_array_equal(third.weights()[0], whole.weights()[0])


def test_a_loss_that_is_no_number_stops(rng: np.random.Generator) -> None:
    def batches(rows: np.ndarray, rng: np.random.Generator) -> Batch:
        made = denoising(_sample(300, rng), Edm())(rows, rng)
        return made._replace(target=np.full_like(made.target, np.nan))

    with pytest.raises(TrainingError, match="the loss of the test is nan after 3 updates: give a smaller learning rate"):
        Regression(SHAPE, 1).train(batches, 200, Training(3, 50), task="test", progress=SILENT)


_ON_JAX = """
import keras, numpy as np
from l1ml.progress import SILENT
from offline.calorimeter.generators.diffusion.denoiser import Conditions, Denoiser
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape
from offline.calorimeter.generators.diffusion.schedules import Edm
from offline.calorimeter.generators.diffusion.regression import Regression
from offline.calorimeter.generators.diffusion.voxel_sample import VoxelSample, denoising
from offline.density import Training
rng = np.random.default_rng(1)
common = rng.standard_normal((500, 1)).astype(np.float32)
scores = np.broadcast_to(common[:, :, None, None], (500, 4, 3, 2)) * np.float32(1.0)
sample = VoxelSample(scores, Conditions(np.zeros((500, 4, 2), np.float32), common), 100)
network = Regression(NetworkShape((4, 3, 2), 2, 1, (8,), 1), 1)
batches = denoising(sample, Edm())
losses = network.train(batches, 400, Training(300, 100, 1e-2), task="test", progress=SILENT)
given = sample.conditions.select(slice(400, None))
denoise = Denoiser(NetworkShape((4, 3, 2), 2, 1, (8,), 1), Edm(), network.weights()).given(given)
found = denoise(rng.standard_normal((100, 4, 3, 2)).astype(np.float32), 1.0)
print(keras.backend.backend(), np.square(found - scores[400:]).mean() / np.square(scores[400:]).mean())
"""


@pytest.mark.slow
def test_it_learns_on_jax() -> None:
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = subprocess.run([sys.executable, "-c", _ON_JAX], env=environment, capture_output=True, text=True, check=True)
    backend, error = done.stdout.split()
    assert backend == "jax"
    assert float(error) < 0.3
