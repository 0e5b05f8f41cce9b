from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from rich_events import RICH_SCHEMA, rich_events
from toy import toy_events

from l1ml.data import LEVEL1_SCHEMA, Events, EventWriter, split_of
from l1ml.data.batches import BatchSource
from l1ml.errors import ConfigError, DataError, SchemaError

_SIZES = {"signal": 20_000, "background": 9_000}


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[Path, Events]:
    """Two files of two processes; the pt of the missing energy says which row it is."""
    rng, made, first = np.random.default_rng(5), {}, 0
    for process, n in _SIZES.items():
        identity = np.arange(first, first + n, dtype=np.uint64)
        events = replace(toy_events(n, rng), event=identity, group=identity, weight=np.arange(first, first + n, dtype=np.float64))
        path = tmp_path_factory.mktemp("batches") / f"{process}.h5"
        with EventWriter(path, LEVEL1_SCHEMA, process=process, provenance={}) as writer:
            writer.append(events)
        made[path] = events
        first += n
    return made


def epoch(source: BatchSource) -> tuple[np.ndarray, ...]:
    """All rows of one epoch."""
    return tuple(np.concatenate(column) for column in zip(*(source[index] for index in range(len(source))), strict=True))


def test_an_epoch_has_every_row_once_with_its_own_label_and_weight(files: dict[Path, Events]) -> None:
    with BatchSource(list(files), batch_size=1000, mixed_blocks=2) as source:
        inputs, labels, weights = epoch(source)
        assert (len(source), source.n_events, source.processes) == (29, 29_000, ("signal", "background"))
        assert (inputs.dtype, weights.dtype) == (np.float32, np.float32)
    np.testing.assert_array_equal(np.sort(weights), np.arange(29_000))
    np.testing.assert_array_equal(labels, weights >= _SIZES["signal"])
    features = np.concatenate([events.features() for events in files.values()])
    np.testing.assert_array_equal(inputs, features[weights.astype(np.int64)])


def test_the_order_follows_from_seed_and_epoch(files: dict[Path, Events]) -> None:
    def weights(seed: int, epochs: int) -> np.ndarray:
        with BatchSource(list(files), batch_size=512, seed=seed) as source:
            for _ in range(epochs):
                source.on_epoch_end()
            return epoch(source)[2]

    first = weights(1, 0)
    np.testing.assert_array_equal(first, weights(1, 0))
    for other in (weights(2, 0), weights(1, 1)):
        assert (first != other).mean() > 0.99
        np.testing.assert_array_equal(np.sort(first), np.sort(other))
    # neighbours in the file are far apart: the distance of random rows is a third of all of them
    assert np.abs(np.diff(first)).mean() > 0.25 * sum(_SIZES.values())


def test_parts_are_those_of_the_split(files: dict[Path, Events]) -> None:
    seen = []
    for part in range(3):
        with BatchSource(list(files), batch_size=777, fractions=(0.5, 0.2, 0.3), part=part, shuffle=False) as source:
            seen.append(epoch(source)[2])
    group = np.arange(29_000, dtype=np.uint64)
    for part, weights in enumerate(seen):
        np.testing.assert_array_equal(weights, np.nonzero(split_of(group, (0.5, 0.2, 0.3)) == part)[0])


def test_threads_and_copies_see_the_same_batches(files: dict[Path, Events]) -> None:
    with BatchSource(list(files), batch_size=512, mixed_blocks=1) as source:
        expected = [source[index][2] for index in range(len(source))]
        order = np.random.default_rng(0).permutation(len(source))
        copy = pickle.loads(pickle.dumps(source))
        with ThreadPoolExecutor(4) as pool:
            for index, batch in zip(order, pool.map(source.__getitem__, order), strict=True):
                np.testing.assert_array_equal(batch[2], expected[index])
        np.testing.assert_array_equal(copy[3][2], expected[3])
        copy.close()


def test_inputs_and_labels_may_be_anything(tmp_path: Path, rng: np.random.Generator) -> None:
    events = rich_events(500, rng)
    with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=events.processes, provenance={}) as writer:
        writer.append(events)
    with BatchSource(
        [tmp_path / "a.h5"],
        batch_size=500,
        shuffle=False,
        objects=["constituent"],
        inputs=lambda events: events.collections["constituent"]["pt"],
        labels=lambda events: events.truth["gen_ht"],
    ) as source:
        inputs, labels, _ = source[0]
    np.testing.assert_array_equal(inputs, events.collections["constituent"]["pt"])
    np.testing.assert_array_equal(labels, events.truth["gen_ht"])
    with BatchSource([tmp_path / "a.h5"], batch_size=500, shuffle=False) as source:
        np.testing.assert_array_equal(source[0][1], events.crossing["process"])


def test_what_cannot_be_is_refused(files: dict[Path, Events], tmp_path: Path, rng: np.random.Generator) -> None:
    with pytest.raises(ConfigError, match="out of range"):
        BatchSource(list(files), batch_size=0)
    with pytest.raises(ConfigError, match="add up to 1"):
        BatchSource(list(files), batch_size=1, fractions=(0.5, 0.4))
    events = rich_events(3, rng)
    with EventWriter(tmp_path / "a.h5", RICH_SCHEMA, process=events.processes, provenance={}) as writer:
        writer.append(events)
    with pytest.raises(SchemaError, match="they do not mix"):
        BatchSource([tmp_path / "a.h5", *files], batch_size=1)
    with pytest.raises(DataError, match=r"no crossing of a\.h5 is in part 1"):
        BatchSource([tmp_path / "a.h5"], batch_size=1, fractions=(1 - 1e-7, 1e-7), part=1)
    with BatchSource(list(files), batch_size=29_000) as source, pytest.raises(IndexError, match="batches 0 to 0"):
        source[1]


def test_keras_may_ask_in_any_order(files: dict[Path, Events]) -> None:
    pytest.importorskip("keras")
    with BatchSource(list(files), batch_size=1000, mixed_blocks=1) as source:
        expected = [source[index][2] for index in range(len(source))]
        dataset = source.as_keras()
        order = np.random.default_rng(0).permutation(len(source)).tolist()
        np.testing.assert_array_equal(dataset[order[0]][2], dataset[order[0]][2])
        for turn, index in enumerate(order):
            np.testing.assert_array_equal(dataset[index][2], expected[turn])
        dataset.on_epoch_end()
        assert (dataset[7][2] != expected[0]).any()


def test_keras_trains_on_it(files: dict[Path, Events]) -> None:
    keras = pytest.importorskip("keras")
    keras.utils.set_random_seed(1)
    with BatchSource(list(files), batch_size=2000) as source:
        model = keras.Sequential([keras.layers.Input((57,)), keras.layers.Dense(1, activation="sigmoid")])
        model.compile(loss="binary_crossentropy")
        dataset = source.as_keras(workers=2, max_queue_size=4)
        history = model.fit(dataset, epochs=2, verbose=0)
        assert len(dataset) == 15
    assert len(history.history["loss"]) == 2
    assert source.epoch >= 2
