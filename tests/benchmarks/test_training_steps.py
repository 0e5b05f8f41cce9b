"""What a step of training costs, piece by piece, and how long the network waits for its crossings.

One batch stays in memory while each piece is repeated; the epoch is that of ``model.fit`` on the crossings of the recipe, which
shuffles and slices them. What an epoch takes beyond its steps is the input: the network is to wait for it no more than a fifth
of the time. The input has threads of its own, so a share of the processor is no share of the wall; the machine must be quiet.

Events are those that ``l1ml run models/NAME`` has left; a model without them is skipped.

Run with: pytest tests/benchmarks/test_training_steps.py --benchmark-only --benchmark-json=training_steps.json
"""

from __future__ import annotations

import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.training import family_of
from l1ml.training.fitting import Arrays
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

MODELS = Path(__file__).parents[2] / "models"
REPEATS, EPOCHS = 30, 4
CLOCKS = ("wall", "processor")
LARGEST_SHARE = 0.2


Times = NDArray[np.float64]
"""Of the wall and of the processor, all threads together."""


def now() -> Times:
    return np.array([time.perf_counter(), time.process_time()])


class Caught(Exception):
    """The model and its arrays, as the loop would have received them."""


def compiled(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Arrays, int]:
    """Compiled model of the recipe, training crossings, and crossings in a batch."""
    workspace = Workspace(MODELS / name, folder)
    if not (workspace.run / "events.json").is_file():
        pytest.skip(f"no events of {name}: run `l1ml data generate models/{name}` first")
    recipe = workspace.recipe

    def catch(model: Any, network: Any, pruning: Any, data: Any, *_: Any, **__: Any) -> None:
        pruning.begin(network)
        raise Caught(model, data[0])

    monkeypatch.setattr(import_module(f"l1ml.training.{recipe.model.family}.family"), "fit", catch)
    with pytest.raises(Caught) as caught:
        family_of(recipe.model.family).train(workspace.events(ZERO_BIAS), recipe.training, name=name)
    model, arrays = caught.value.args
    return model, arrays, recipe.training.batch_size


def milliseconds(work: Callable[[], Any]) -> Times:
    """Of the fastest of some repetitions, after two that trace and warm up."""
    times = []
    for _ in range(REPEATS + 2):
        start = now()
        work()
        times.append(now() - start)
    return 1e3 * np.min(times[2:], axis=0)


def pieces(model: Any, batch: Any) -> dict[str, Times]:
    """Milliseconds of the forward pass, of that with gradients, and of the whole step, on one batch."""
    tensorflow = require("tensorflow")

    @tensorflow.function
    def forward() -> Any:
        return model.compute_loss(batch[0], batch[1], model(batch[0], training=True), batch[2])

    @tensorflow.function
    def gradients() -> Any:
        with tensorflow.GradientTape() as tape:
            loss = model.compute_loss(batch[0], batch[1], model(batch[0], training=True), batch[2])
        return tape.gradient(loss, [item.value for item in model.trainable_variables])

    return {
        "forward": milliseconds(forward),
        "forward and gradients": milliseconds(gradients),
        "step": milliseconds(lambda: model.train_on_batch(*batch)),
    }


def epoch(model: Any, data: Arrays, size: int) -> Times:
    """Milliseconds for each batch of the fastest epoch of a fit, its threads for the input included."""
    marks: list[Times] = []
    mark = require("keras").callbacks.LambdaCallback(
        on_epoch_begin=lambda *_: marks.append(now()), on_epoch_end=lambda *_: marks.append(now())
    )
    model.fit(data[0], data[1], sample_weight=data[2], batch_size=size, epochs=EPOCHS, callbacks=[mark], verbose=0)
    return 1e3 * np.diff(marks, axis=0)[::2].min(axis=0) / -(-len(data[0]) // size)


@pytest.mark.parametrize("name", ["axo", "axo_ae"])
def test_input_is_not_the_limit(benchmark: BenchmarkFixture, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, data, size = compiled(name, tmp_path, monkeypatch)
    tensorflow = require("tensorflow")
    batch = [tensorflow.constant(column[:size]) for column in data]
    found = benchmark.pedantic(lambda: {**pieces(model, batch), "epoch": epoch(model, data, size)}, rounds=1)
    shares = 1.0 - found["step"] / found["epoch"]
    info = {f"{piece}, {clock}": value for piece, times in found.items() for clock, value in zip(CLOCKS, times, strict=True)}
    info |= {f"share of the input, {clock}": share for clock, share in zip(CLOCKS, shares, strict=True)}
    benchmark.extra_info.update({**info, "batch": size, "crossings": len(data[0])})
    assert shares[0] <= LARGEST_SHARE, info
