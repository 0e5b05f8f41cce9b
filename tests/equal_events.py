"""What makes two batches the same."""

from __future__ import annotations

import numpy as np

from l1ml.data import Events

__all__ = ["assert_same_events"]


def assert_same_events(found: Events, given: Events) -> None:
    """Every column of both is equal, in value and in type."""
    assert found.schema.digest == given.schema.digest
    assert found.processes == given.processes
    for kind in ("truth", "masks", "crossing"):
        _same(getattr(found, kind), getattr(given, kind))
    assert set(found.collections) == set(given.collections)
    for name, columns in found.collections.items():
        _same(columns, given.collections[name])
    _same(
        {name: getattr(found, name) for name in ("weight", "event", "group")},
        {name: getattr(given, name) for name in ("weight", "event", "group")},
    )


def _same(found: object, given: object) -> None:
    assert set(found) == set(given)  # type: ignore[call-overload]
    for name in found:  # type: ignore[attr-defined]
        assert found[name].dtype == given[name].dtype, name  # type: ignore[index]
        np.testing.assert_array_equal(found[name], given[name], err_msg=name)  # type: ignore[index]
