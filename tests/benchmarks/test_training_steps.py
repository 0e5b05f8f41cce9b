"""What an epoch of training costs, piece by piece, and how long the network waits for its crossings.

One batch stays in memory while each piece of its step is repeated, and the fastest time counts. What an epoch of ``fit`` takes
beyond the steps of all its batches in memory is the input: no more than a tenth of the processor is to go there. Beside it
stands the same for arrays, of which Keras gathers each batch anew.

Found (axo, TensorFlow 2.21.0, Keras 3.15.1, one thread, milliseconds of the processor for a batch of 2,048 crossings): forward
2.1, backward 1.5, metrics and all that is left 1.5, the optimiser less than the others scatter; an epoch of 23 batches 126, its
checkpoint 12 more. The input takes 1.0 % of the epoch, and would take 29 % as Keras gathers it (one run on a shared machine).

Events are those that ``l1ml run models/NAME`` has left; a model without them is skipped. The first network of a recipe is
measured: of a classifier of jets that is its reference in floats.

Run with: pytest tests/benchmarks/test_training_steps.py --benchmark-only --benchmark-json=training_steps.json
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from pytest_benchmark.fixture import BenchmarkFixture

from l1ml._optional import require
from l1ml.training.checkpoint import Checkpoint
from l1ml.training.resumption import Resumption
from l1ml.workflow.workspace import Workspace

MODELS = Path(__file__).parents[2] / "models"
REPEATS, EPOCHS = 30, 9
CLOCKS = ("wall", "processor")
LARGEST_SHARE = 0.1

Times = NDArray[np.float64]
"""Milliseconds of the wall and of the processor, all threads together."""


def now() -> Times:
    return 1e3 * np.array([time.perf_counter(), time.process_time()])


class Caught(Exception):
    """A compiled model and what its ``fit`` was given."""


def compiled(name: str, folder: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, Mapping[str, Any]]:
    """The first model that the recipe trains, and the arguments of its ``fit``."""
    workspace = Workspace(MODELS / name, folder)
    if not (workspace.run / "events.json").is_file():
        pytest.skip(f"no events of {name}: run `l1ml data generate models/{name}` first")
    recipe = workspace.recipe

    def catch(model: Any, **arguments: Any) -> None:
        raise Caught(model, arguments)

    events = workspace.events(recipe.training.sample.process)
    with monkeypatch.context() as patched:
        patched.setattr(require("keras").Model, "fit", catch)
        with pytest.raises(Caught) as caught:
            recipe.family.train(events, recipe.training, name=name)
    model, arguments = caught.value.args
    return model, arguments


def fastest(work: Callable[[], Any], repeats: int = REPEATS) -> Times:
    """Of some repetitions, after two that trace and warm up."""
    times = []
    for _ in range(repeats + 2):
        start = now()
        work()
        times.append(now() - start)
    return np.min(times[2:], axis=0)


def of_a_step(model: Any, batch: Any) -> dict[str, Times]:
    """Forward pass, what gradients add, what the optimiser and then the metrics (with all that is left) add, on one batch."""
    tensorflow = require("tensorflow")
    inputs, targets, *weights = batch
    model(inputs, training=True)  # makes what a first batch makes
    variables = [item.value for item in model.trainable_variables]

    def loss() -> Any:
        return model.compute_loss(inputs, targets, model(inputs, training=True), *weights)

    def gradients() -> Any:
        with tensorflow.GradientTape() as tape:
            value = loss()
        return tape.gradient(value, variables)

    def update() -> None:
        model.optimizer.apply_gradients(zip(gradients(), model.trainable_variables, strict=True))

    parts = [fastest(tensorflow.function(work)) for work in (loss, gradients, update)]
    parts.append(fastest(lambda: model.train_on_batch(*batch)))
    names = ("forward", "backward", "optimiser", "metrics")
    return dict(zip(names, np.diff(parts, axis=0, prepend=np.zeros((1, 2))), strict=True))


def of_an_epoch(model: Any, batches: Sequence[Any], ways: Mapping[str, Mapping[str, Any]]) -> dict[str, Times]:
    """All `batches` in memory, one after the other, and fed by ``fit`` in each of `ways`: by turns, of each the fastest."""
    marks = list[Times]()
    mark = require("keras").callbacks.LambdaCallback(
        on_epoch_begin=lambda *_: marks.append(now()), on_epoch_end=lambda *_: marks.append(now())
    )

    def steps() -> None:
        marks.append(now())
        for batch in batches:
            model.train_on_batch(*batch)
        marks.append(now())

    works = {"steps": steps} | {name: partial(model.fit, **given, callbacks=[mark], verbose=0) for name, given in ways.items()}
    found = {name: list[Times]() for name in works}
    for _ in range(EPOCHS):
        for name, work in works.items():
            marks.clear()
            work()
            found[name].append(marks[1] - marks[0])
    return {name: np.min(times[1:], axis=0) for name, times in found.items()}


def by_clock(found: Mapping[str, Times]) -> dict[str, float]:
    return {
        f"{piece}, {clock}": float(value) for piece, times in found.items() for clock, value in zip(CLOCKS, times, strict=True)
    }


@pytest.mark.parametrize("name", ["axo", "axo_ae", "jet_hlf_10k"])
def test_input_is_not_the_limit(benchmark: BenchmarkFixture, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, arguments = compiled(name, tmp_path, monkeypatch)
    batches = list(arguments["x"])
    columns = [np.concatenate(column) for column in zip(*batches, strict=True)]
    gathered = dict(zip(("x", "y", "sample_weight"), columns, strict=False)) | {"batch_size": len(batches[0][0])}
    ways = {"fed": {"x": arguments["x"], "shuffle": False}, "gathered by Keras": gathered}
    resumption = Resumption(model, Checkpoint(tmp_path / "checkpoint.npz", "k"))

    def measure() -> tuple[dict[str, Times], dict[str, Times]]:
        step = of_a_step(model, batches[0])
        epoch = of_an_epoch(model, batches, ways)
        return step, epoch | {"checkpoint": fastest(lambda: resumption.save({}, model.get_weights()), 5)}

    step, epoch = benchmark.pedantic(measure, rounds=1)
    shares = {name: 1 - epoch["steps"] / epoch[name] for name in ways}
    info = {"milliseconds of a batch": by_clock(step), "milliseconds of an epoch": by_clock(epoch), "input": by_clock(shares)}
    benchmark.extra_info.update({**info, "batch": len(batches[0][0]), "batches": len(batches), "crossings": len(columns[0])})
    assert shares["fed"][1] <= LARGEST_SHARE, info
