from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from l1ml.errors import ConfigError, DataError
from offline.unfolding import Objects
from offline.unfolding.ratio import Contrast, LogRatio, RatioSettings, fit_log_ratio
from offline.unfolding.ratio.architecture import Architecture
from offline.unfolding.ratio.embedding import Embedding
from offline.unfolding.ratio.scaling import Scaling
from offline.unfolding.ratio.terms import Terms

ARCHITECTURE = Architecture(dimension=1, hidden=(8,), members=2, slots=4, inputs=4, objects=(8, 6))
SMALL = RatioSettings(hidden=(8,), objects=(8,), epochs=2, batch=256, degree=0)


def _objects(n: int, rng: np.random.Generator, slots: int = 4) -> Objects:
    values = rng.normal(0.0, 1.5, (n, slots, 3))
    return Objects(values, rng.random((n, slots)) < 0.4, ("pt", "phi", "eta"), ("phi",))


def _ratio(objects: Objects, rng: np.random.Generator) -> LogRatio:
    """A ratio with random networks, none of whose weights is zero."""
    layers = tuple(
        (kernel + rng.normal(0, 0.3, kernel.shape).astype(np.float32), bias) for kernel, bias in ARCHITECTURE.initial(rng)
    )
    embedding = Embedding.of(objects, np.ones(objects.n), 2)
    return LogRatio(Scaling(np.zeros(1), np.ones(1)), Terms.form(1), np.zeros(3), layers, 0.0, 10.0, embedding=embedding)


@given(seed=st.integers(0, 2**32))
@settings(deadline=None)
def test_the_order_of_objects_and_what_is_in_empty_slots_say_nothing(seed: int) -> None:
    rng = np.random.default_rng(seed)
    objects, columns = _objects(30, rng), rng.normal(size=(30, 1))
    ratio = _ratio(objects, rng)
    wide = Objects.joined([objects, _objects(1, rng, slots=7)]).select(slice(0, 30))
    order = np.argsort(rng.random(wide.valid.shape), axis=1)
    values, valid = np.take_along_axis(wide.values, order[:, :, None], axis=1), np.take_along_axis(wide.valid, order, axis=1)
    values[~valid] = rng.choice([np.nan, np.inf, 1e30])
    values[:, :, 1] += 2 * np.pi * rng.integers(-1, 2, valid.shape)
    changed = replace(wide, values=values, valid=valid)
    np.testing.assert_allclose(ratio(columns, changed), ratio(columns, objects), rtol=0, atol=2e-5)
    empty = objects.count == 0
    assert np.isfinite(ratio(columns, objects)[empty]).all()
    if (~empty).any():
        assert (ratio(columns, objects) != ratio(columns, replace(objects, valid=np.zeros_like(objects.valid))))[~empty].any()


def test_keras_and_numpy_are_one_network(rng: np.random.Generator) -> None:
    from offline.unfolding.ratio.members import load, make_members

    objects, columns = _objects(50, rng), rng.normal(size=(50, 1))
    ratio = _ratio(objects, rng)
    scaled = ratio.scaled(objects)
    assert ratio.embedding is not None
    assert scaled is not None
    model = make_members(ARCHITECTURE)
    load(model, ratio.layers)
    found = np.asarray(model(ratio.embedding.flat(columns, scaled)))
    np.testing.assert_allclose(found, ratio.embedding.forward(ratio.layers, columns, scaled), atol=1e-5)


def test_blocks_change_nothing(rng: np.random.Generator) -> None:
    objects, columns = _objects(9000, rng), rng.normal(size=(9000, 1))
    ratio = _ratio(objects, rng)
    for rows in (slice(0, 10), slice(8190, 8194)):
        np.testing.assert_allclose(ratio(columns, objects)[rows], ratio(columns[rows], objects.select(rows)), atol=1e-5)


def _contrast(n: int, rng: np.random.Generator) -> Contrast:
    """The numerator has more objects; two sets of different numbers of slots."""
    events = np.arange(2 * n, dtype=np.uint64)
    sets = _objects(n, rng, slots=5), _objects(n, rng, slots=4)
    return Contrast.between(
        (rng.normal(size=(n, 1)), np.ones(n), events[:n]), (rng.normal(size=(n, 1)), np.ones(n), events[n:]), sets
    )


def test_the_number_of_objects_is_learned_and_kept_in_arrays(rng: np.random.Generator) -> None:
    contrast = _contrast(4000, rng)
    ratio = fit_log_ratio(contrast, replace(SMALL, epochs=8, learning_rate=1e-2, members=2), seed=1)
    assert contrast.objects is not None
    few, many = (ratio(contrast.values, contrast.objects)[contrast.objects.count == count].mean() for count in (0, 3))
    # Binomial numbers of 5 and 4 slots with the chance 0.4
    assert few == pytest.approx(np.log(0.6), abs=0.2)
    assert many == pytest.approx(np.log(10 / 4 * 0.6), abs=0.2)
    again = LogRatio.from_arrays(ratio.arrays())
    np.testing.assert_array_equal(again(contrast.values, contrast.objects), ratio(contrast.values, contrast.objects))
    warm = fit_log_ratio(contrast, replace(SMALL, epochs=1, members=2), seed=1, start=ratio)
    assert warm.record["start_loss"] <= ratio.record["network_loss"] + 1e-6
    with pytest.raises(ConfigError, match="they must be the same"):
        fit_log_ratio(contrast, replace(SMALL, objects=(5,), members=2), seed=1, start=ratio)
    with pytest.raises(DataError, match="learned from objects"):
        ratio(contrast.values)


def test_sets_without_anything_to_learn_are_refused(rng: np.random.Generator) -> None:
    contrast = _contrast(100, rng)
    assert contrast.objects is not None
    with pytest.raises(ConfigError, match="learned from by networks"):
        fit_log_ratio(contrast, replace(SMALL, hidden=()), seed=1)
    none = replace(contrast.objects, valid=np.zeros_like(contrast.objects.valid))
    with pytest.raises(DataError, match="none of 200 events has an object"):
        fit_log_ratio(replace(contrast, objects=none), SMALL, seed=1)
    with pytest.raises(DataError, match="quantity 0 is 1 in every event"):
        fit_log_ratio(replace(contrast, objects=replace(contrast.objects, values=np.ones((200, 5, 3)))), SMALL, seed=1)
    with pytest.raises(ConfigError, match="layers for objects"):
        replace(SMALL, objects=())
