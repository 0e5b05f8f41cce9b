from __future__ import annotations

import os
import subprocess
import sys

import numpy as np
import pytest

from l1ml.errors import DataError
from offline.density.training import Learner
from offline.unfolding.generative import ConditionalFlow, FlowMatching, Training, TransformerFlowMatching
from offline.unfolding.sample import FloatArray

BRIEF = Training(updates=40, batch_size=512, learning_rate=5e-3)

FLOWS = {
    "flow_matching": FlowMatching(widths=(16,), steps=2),
    "transformer": TransformerFlowMatching(width=8, heads=2, blocks=1, steps=2, gen_objects=2),
    "affine": ConditionalFlow(depth=1, widths=(8,)),
    "spline": ConditionalFlow(depth=1, widths=(8,), transform="spline", bins=4),
}


def _pairs(n: int) -> tuple[FloatArray, FloatArray]:
    rng = np.random.default_rng(1)
    z = rng.normal(size=(n, 2))
    return z, z + rng.normal(size=(n, 2))


def _draws(learner: Learner, conditions: FloatArray) -> FloatArray:
    return learner.draw(conditions, 3, np.random.default_rng(7))


SLOW = [pytest.param(name, marks=pytest.mark.slow) for name in ("transformer", "spline")]


@pytest.mark.parametrize("name", ["flow_matching", "affine", *SLOW])
def test_weights_as_arrays_draw_the_same(name: str) -> None:
    z, x = _pairs(2000)
    learner = Learner(FLOWS[name].density(2, 2, 1))
    before = learner.evaluate([z, x], np.ones(len(z)))
    learner.train([z, x], np.ones(len(z)), BRIEF, 5)
    assert learner.evaluate([z, x], np.ones(len(z))) < before
    other = Learner(FLOWS[name].density(2, 2, 2))
    assert not np.array_equal(_draws(other, x[:50]), _draws(learner, x[:50]))
    other.load(learner.arrays())
    np.testing.assert_array_equal(_draws(other, x[:50]), _draws(learner, x[:50]))
    with pytest.raises(DataError, match="do not fit a network"):
        other.load(learner.arrays()[1:])


def test_negative_weights_take_events_out() -> None:
    z, x = _pairs(4000)
    wrong = z + 3
    weight = np.concatenate([np.ones(4000), np.ones(1000), -np.ones(1000)])
    learner = Learner(FlowMatching(widths=(16,), steps=2).density(2, 2, 1))
    both = [np.concatenate([z, wrong[:1000], wrong[:1000]]), np.concatenate([x, x[:1000], x[:1000]])]
    learner.train(both, weight, Training(updates=150, batch_size=2048, learning_rate=1e-2), 5)
    assert _draws(learner, x).mean() == pytest.approx(0, abs=0.1)


def test_a_loss_that_is_no_number_stops() -> None:
    z, x = _pairs(100)
    learner = Learner(FlowMatching(widths=(4,)).density(2, 2, 1))
    with pytest.raises(DataError, match="loss became nan after"):
        learner.train([np.full_like(z, np.inf), x], np.ones(100), Training(updates=1), 1)


_ON_JAX = """
import keras, numpy as np
from offline.unfolding.generative import FlowMatching, Training
from offline.density.training import Learner
rng = np.random.default_rng(1)
z = rng.normal(size=(10_240, 1))
x = z + rng.normal(size=z.shape)
learner = Learner(FlowMatching(widths=(32, 32), steps=2).density(1, 1, 1))
learner.train([z, x], np.ones(len(z)), Training(updates=150, batch_size=1024, learning_rate=5e-3), 1)
draws = learner.draw(x, 1, rng)
print(keras.backend.backend(), np.polyfit(x[:, 0], draws[:, 0], 1)[0], (draws - x / 2).std())
"""


def test_flow_matching_on_jax() -> None:
    pytest.importorskip("jax")
    environment = os.environ | {"KERAS_BACKEND": "jax"}
    done = subprocess.run([sys.executable, "-c", _ON_JAX], env=environment, capture_output=True, text=True, check=True)
    backend, gain, width = done.stdout.split()
    assert backend == "jax"
    assert (float(gain), float(width)) == pytest.approx((0.5, np.sqrt(0.5)), abs=0.08)
