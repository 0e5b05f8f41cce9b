from __future__ import annotations

import json
import time
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import h5py
import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from l1ml.data.event_layout import as_text
from l1ml.errors import DataError, SchemaError
from offline.unfolding import Replica, Unfolded
from offline.unfolding.unfolded_file import read_unfolded, write_unfolded


def unfolded(n: int = 300, replicas: int = 3, seed: int = 1) -> Unfolded:
    rng = np.random.default_rng(seed)
    own = [Replica("ensemble", i, short(rng.random(n + i)), short(rng.normal(size=(n + i, 2)))) for i in range(replicas)]
    shared = [Replica("systematic:JES up", i, short(rng.normal(size=n))) for i in range(replicas)]
    return Unfolded(
        "toy method",
        ("pt", "mass / GeV".replace("/", "in")),
        rng.normal(size=(n, 2)),
        rng.normal(1.0, 0.1, n),
        rng.integers(0, 2**63, n, dtype=np.uint64) + np.uint64(2**63),
        rng.random((4, n)),
        (*shared, *own),
        {"seed": 1, "units": {"pt": "GeV"}, "losses": [0.5, 0.25], "settings": {"bins": 3}},
    )


def short(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """What single precision makes of `values`: all that files keep of replicas."""
    return values.astype(np.float32).astype(np.float64)


def equal(one: Unfolded, two: Unfolded) -> bool:
    arrays = all(np.array_equal(getattr(one, name), getattr(two, name)) for name in ("gen", "weight", "event"))
    iterations = np.array_equal(one.iterations, two.iterations) if one.iterations is not None else two.iterations is None
    replicas = len(one.replicas) == len(two.replicas) and all(
        (a.kind, a.index) == (b.kind, b.index)
        and np.array_equal(a.weight, b.weight)
        and (np.array_equal(a.gen, b.gen) if a.gen is not None else b.gen is None)
        for a, b in zip(one.replicas, two.replicas, strict=True)
    )
    return arrays and iterations and replicas and (one.method, one.names, one.record) == (two.method, two.names, two.record)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 50), st.integers(0, 3), st.integers(0, 9))
def test_what_is_read_is_what_was_written(tmp_path: Path, n: int, replicas: int, seed: int) -> None:
    value = unfolded(n, replicas, seed)
    write_unfolded(tmp_path / "a.h5", value)
    assert equal(read_unfolded(tmp_path / "a.h5"), value)
    bare = replace(value, iterations=None, replicas=(), record={})
    write_unfolded(tmp_path / "a.h5", bare)
    assert equal(read_unfolded(tmp_path / "a.h5"), bare)
    assert [path.name for path in tmp_path.iterdir()] == ["a.h5"]


def test_replicas_keep_24_bits_and_sums_more(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    value, path = unfolded(100_000, 0), tmp_path / "a.h5"
    weight = rng.exponential(size=100_000) * rng.poisson(1, 100_000) * rng.choice([-1.0, 1.0, 1e-60, 1e200], 100_000)
    ordinary = Replica("mc", 0, np.where(np.abs(weight) < 1e3, weight, 1.0))
    write_unfolded(path, value.with_replicas((ordinary, Replica("mc", 1, weight))))
    first, second = (replica.weight for replica in read_unfolded(path).replicas)
    np.testing.assert_array_equal(second == 0, weight == 0)
    np.testing.assert_allclose(second, weight, rtol=2.0**-24)
    usual = np.abs(ordinary.weight) > 1e-30
    np.testing.assert_array_equal(first[usual], short(ordinary.weight)[usual])
    assert first.sum() == pytest.approx(ordinary.weight.sum(), rel=1e-9)
    with h5py.File(path) as file:
        kept = file["replicas/mc/weight"]
        assert kept.dtype == np.float64
        assert kept.id.get_storage_size() < 0.6 * kept.nbytes


def test_equal_content_makes_equal_bytes(tmp_path: Path) -> None:
    write_unfolded(tmp_path / "a.h5", unfolded())
    time.sleep(1.1)
    write_unfolded(tmp_path / "b.h5", unfolded())
    assert (tmp_path / "a.h5").read_bytes() == (tmp_path / "b.h5").read_bytes()


def test_layout_is_that_of_the_specification(tmp_path: Path) -> None:
    value = unfolded()
    write_unfolded(tmp_path / "a.h5", value)
    with h5py.File(tmp_path / "a.h5") as file:
        assert (file.attrs["format"], file.attrs["format_version"], file.attrs["method"]) == (b"l1ml-unfolded", 1, b"toy method")
        assert json.loads(file["events"].attrs["names"]) == list(value.names)
        assert (file["events/gen/pt"].attrs["unit"], file["events/gen/mass in GeV"].attrs["unit"]) == (b"GeV", b"")
        assert file["normalisation"].attrs["total"] == value.total
        assert json.loads(file["replicas"].attrs["kinds"]) == ["systematic:JES up", "ensemble"]
        padded = file["replicas/ensemble/weight"][0]
        assert padded.shape == (302,)
        assert not padded[300:].any()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_a_changed_byte_never_goes_unnoticed(tmp_path: Path, data: st.DataObject) -> None:
    path = tmp_path / "a.h5"
    value = unfolded(40, 2)
    write_unfolded(path, value)
    content = bytearray(path.read_bytes())
    content[data.draw(st.integers(0, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    path.write_bytes(content)
    with suppress(DataError, SchemaError):
        # bytes that HDF5 does not use may be anything
        assert equal(read_unfolded(path), value)


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0, 0.99))
def test_a_truncated_file_is_named(tmp_path: Path, share: float) -> None:
    path = tmp_path / "a.h5"
    write_unfolded(path, unfolded(40, 2))
    content = path.read_bytes()
    path.write_bytes(content[: int(share * len(content))])
    with pytest.raises(DataError, match=r"a\.h5 is not a readable file of an unfolded distribution \(truncated or damaged\)"):
        read_unfolded(path)


def test_missing_foreign_newer_and_edited_files(tmp_path: Path) -> None:
    path = tmp_path / "a.h5"
    with pytest.raises(DataError, match="does not exist; make it with: l1ml-offline unfold run"):
        read_unfolded(path)
    write_unfolded(path, unfolded())
    with h5py.File(path, "a") as file:
        file["events/weight"][0] = 7.0
    with pytest.raises(DataError, match="is damaged or was edited"):
        read_unfolded(path)
    with h5py.File(path, "a") as file:
        file.attrs["format_version"] = 2
    with pytest.raises(SchemaError, match="has format version 2"):
        read_unfolded(path)
    with h5py.File(path, "a") as file:
        file.attrs["format"] = as_text("l1ml-events")
    with pytest.raises(SchemaError, match="its attribute 'format' is 'l1ml-events'"):
        read_unfolded(path)


def test_what_cannot_be_written(tmp_path: Path) -> None:
    value = unfolded()
    path = tmp_path / "a.h5"
    with pytest.raises(DataError, match="'pt/x' cannot be the name of a dataset"):
        write_unfolded(path, replace(value, names=("pt/x", "mass")))
    with pytest.raises(DataError, match="is not JSON"):
        write_unfolded(path, replace(value, record={"loss": float("nan")}))
    with pytest.raises(DataError, match="1 of 2 replicas of the kind 'data' have their own events"):
        write_unfolded(
            path, replace(value, replicas=(Replica("data", 0, value.weight), Replica("data", 1, value.weight, value.gen)))
        )
    assert not list(tmp_path.iterdir())
