"""Files in the layout of MadMiner 0.9.6, written here name by name as its `utils/interfaces/hdf5.py` has them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest

from l1ml.errors import DataError
from offline.inference.gold import Morphing, Response, WeightedEvents
from offline.inference.gold.madminer_file import read_madminer, write_madminer


def texts(*values: str) -> Any:
    return np.array([value.encode() for value in values], "S256")


def written(path: Path, **others: Any) -> None:
    """Two samples, of three and one events, three physical benchmarks and a nuisance with one benchmark."""
    content: dict[str, Any] = {
        "parameters/names": texts("cW"),
        "parameters/lha_blocks": texts("dim6"),
        "parameters/lha_ids": [2],
        "parameters/max_power": [2],
        "parameters/val_ranges": [[-1.0, 1.0]],
        "parameters/transforms": texts("None"),
        "benchmarks/names": texts("sm", "w", "minus_w", "scale_up"),
        "benchmarks/values": [[0.0], [1.0], [-1.0], [0.0]],
        "benchmarks/is_nuisance": [0, 0, 0, 1],
        "benchmarks/is_reference": [1, 0, 0, 0],
        "morphing/components": [[0], [1], [2]],
        "morphing/morphing_matrix": np.eye(3),
        "nuisance_parameters/names": texts("scale"),
        "nuisance_parameters/systematics": texts("scales"),
        "nuisance_parameters/benchmark_positive": texts("scale_up"),
        "nuisance_parameters/benchmark_negative": texts("None"),
        "observables/names": texts("pt", "eta"),
        "observables/definitions": texts("j[0].pt", "j[0].eta"),
        "samples/observations": np.arange(8.0).reshape(4, 2),
        "samples/weights": np.array([[1.0, 4.0, 0.0, 1.1], [1.0, 2.0, 2.0, 1.0], [2.0, 2.0, 2.0, 4.0], [1.0, 1.0, 1.0, 1.0]]),
        "samples/sampling_benchmarks": [0, 0, 0, 1],
        "sample_summary/signal_events": [3, 1, 0],
        "sample_summary/background_events": 0,
    }
    with h5py.File(path, "w") as file:
        for name, value in (content | others).items():
            if value is not None:
                file[name] = value


def test_what_madminer_writes_is_read(tmp_path: Path) -> None:
    written(tmp_path / "a.h5")
    found = read_madminer(tmp_path / "a.h5")
    assert found.names == ("cW", "scale")
    assert found.observables == ("pt", "eta")
    # of four made events three are of the first sample
    np.testing.assert_array_equal(found.weights[0], [0.75, 3.0, 0.0])
    np.testing.assert_array_equal(found.weights[3], [0.25, 0.25, 0.25])
    # (1 + c)^2 in the first event; half of a standard deviation is a factor of the square root
    np.testing.assert_allclose(found.weights_at(np.array([0.5, 0.5]))[[0, 2]], [0.75 * 2.25 * 1.1**0.5, 1.5 * 2**0.5])


def test_files_come_back(tmp_path: Path, rng: np.random.Generator) -> None:
    morphing = Morphing.of(("a", "b"), (2, 2), rng.normal(size=(6, 2)))
    response = Response(("one", "two"), rng.normal(size=(30, 2)), 0.1 * rng.normal(size=(30, 2)))
    events = WeightedEvents(("x", "y", "z"), rng.normal(size=(30, 3)), rng.uniform(1, 2, (30, 6)), morphing, response)
    write_madminer(tmp_path / "a.h5", events, reference=2)
    found = read_madminer(tmp_path / "a.h5")
    np.testing.assert_array_equal(found.x, events.x)
    np.testing.assert_array_equal(found.weights, events.weights)
    np.testing.assert_array_equal(found.morphing.powers, morphing.powers)
    np.testing.assert_allclose(found.response.linear, response.linear, atol=1e-12)
    np.testing.assert_allclose(found.response.square, response.square, atol=1e-12)
    assert found.names == events.names


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"morphing/components": None}, "not a file of MadMiner"),
        ({"samples/weights": np.ones((4, 3))}, "weights for 3 benchmarks, and names 4"),
        ({"samples/sampling_benchmarks": [0, 0]}, "4 rows of weights and 2 benchmarks of samples"),
        ({"nuisance_parameters/benchmark_negative": texts("scale_down")}, "no benchmark 'scale_down'"),
    ],
)
def test_damaged_files(tmp_path: Path, change: dict[str, Any], message: str) -> None:
    written(tmp_path / "a.h5", **change)
    with pytest.raises(DataError, match=message):
        read_madminer(tmp_path / "a.h5")


def test_no_file(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="does not exist"):
        read_madminer(tmp_path / "a.h5")
