from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from l1ml.errors import DataError
from offline.unfolding import GaussianToy, Measured, Objects, Simulation, check_inputs
from offline.unfolding.classical import Ibu


def objects_of(n: int, rng: np.random.Generator, slots: int = 3) -> Objects:
    """Objects with pt and phi; some events have none, and there are numbers in empty slots."""
    values = np.stack([rng.lognormal(size=(n, slots)), rng.uniform(-np.pi, np.pi, (n, slots))], axis=2)
    return Objects(values, rng.random((n, slots)) < 0.5, ("pt", "phi"), ("phi",))


@pytest.fixture
def objects(rng: np.random.Generator) -> Objects:
    return objects_of(40, rng)


def test_parts_are_joined_with_the_slots_of_the_widest(objects: Objects, rng: np.random.Generator) -> None:
    joined = Objects.joined([objects, objects_of(10, rng, slots=5)])
    assert joined.valid.shape == (50, 5)
    np.testing.assert_array_equal(joined.count[:40], objects.count)
    np.testing.assert_array_equal(joined.column("pt")[:40, :3], objects.column("pt"))
    assert not joined.valid[:40, 3:].any()
    with pytest.raises(DataError, match="they must agree"):
        Objects.joined([objects, replace(objects, angles=())])


def test_arrays_keep_everything(objects: Objects) -> None:
    for each in (objects, replace(objects, angles=())):
        again = Objects.from_arrays(each.arrays())
        assert (again.names, again.angles) == (each.names, each.angles)
        np.testing.assert_array_equal(again.values, each.values)
        np.testing.assert_array_equal(again.valid, each.valid)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"names": ("pt",), "angles": ()}, "do not fit"),
        ({"names": ("pt", "pt"), "angles": ()}, "one or more different quantities"),
        ({"angles": ("eta",)}, "angles among them"),
        ({"values": np.full((40, 3, 2), 143.0)}, "'phi' of an object is 143; an angle is in rad"),
        ({"valid": np.ones((40, 3))}, "do not fit"),
    ],
)
def test_impossible_objects_are_refused(objects: Objects, change: dict[str, object], message: str) -> None:
    with pytest.raises(DataError, match=message):
        replace(objects, **change)


def _pairs(n: int, rng: np.random.Generator) -> tuple[Simulation, Measured]:
    toy = GaussianToy(smear=0.3, misses=0.2)
    mc = toy.simulation(n, rng)
    sets = [objects_of(n, rng, slots) for slots in (3, 2, 4)]
    data = replace(toy.nature(n, rng).measured().columns_only())
    return replace(mc, gen_objects=sets[0], reco_objects=sets[1]), replace(data, objects=sets[2].select(slice(0, data.n)))


def test_samples_carry_their_objects(rng: np.random.Generator) -> None:
    mc, data = _pairs(200, rng)
    few = mc.select(np.arange(0, 200, 3))
    assert few.gen_objects is not None
    assert few.reco_objects is not None
    np.testing.assert_array_equal(few.gen_objects.values, mc.gen_objects.values[::3])
    seen = few.measured().objects
    assert seen is not None
    np.testing.assert_array_equal(seen.valid, few.reco_objects.valid[few.pass_reco])
    both = data.without(data.select(slice(0, 20)))
    assert both.objects is not None
    assert both.objects.n == data.n + 20
    assert both.columns_only().objects is None
    with pytest.raises(DataError, match="one alone has objects"):
        data.without(data.columns_only())


def test_only_objects_that_count_must_be_finite(rng: np.random.Generator) -> None:
    mc, _ = _pairs(200, rng)
    values = mc.reco_objects.values.copy()
    values[~mc.reco_objects.valid | ~mc.pass_reco[:, None]] = np.nan
    replace(mc, reco_objects=replace(mc.reco_objects, values=values))
    with pytest.raises(DataError, match="not finite"):
        replace(mc, reco_objects=replace(mc.reco_objects, values=np.full_like(values, np.nan)))
    with pytest.raises(DataError, match="those of 100 events, expected 200"):
        replace(mc, gen_objects=mc.gen_objects.select(slice(0, 100)))


def test_inputs_whose_objects_do_not_belong_together_are_refused(rng: np.random.Generator) -> None:
    mc, data = _pairs(200, rng)
    check_inputs(mc, data, sets=True)
    with pytest.raises(DataError, match="columns alone"):
        Ibu().fit(mc, data)
    with pytest.raises(DataError, match="one of them has none"):
        check_inputs(mc, data.columns_only(), sets=True)
    with pytest.raises(DataError, match="they must agree"):
        check_inputs(mc, replace(data, objects=replace(data.objects, names=("et", "phi"))), sets=True)
    full = replace(data.objects, valid=np.ones_like(data.objects.valid))
    with pytest.raises(DataError, match="data have 4 to 4, the simulation 0 to 2"):
        check_inputs(mc, replace(data, objects=full), sets=True)
