from __future__ import annotations

import numpy as np
import pytest

from offline.calorimeter.judging.response import Overall, response_by_energy


def _sample(rng: np.random.Generator, n: int, mean: float, width: float) -> tuple[np.ndarray, np.ndarray]:
    incident = 10 ** rng.uniform(3, 5, n)
    return incident, incident * mean * (1 + width * rng.normal(size=n))


def test_mean_and_width_have_errors_that_are_their_scatter(rng: np.random.Generator) -> None:
    truth, generated = _sample(rng, 6000, 0.9, 0.10), _sample(rng, 6000, 0.9 * 1.01, 0.12)
    rows = [row.to_dict() for row in response_by_energy((truth[0], generated[0]), (truth[1], generated[1]))]
    assert len(rows) == 6
    columns = ((f"{name}_ratio", f"{name}_ratio_error") for name in ("mean", "width"))
    means, widths = (np.array([[row[name] for row in rows] for name in pair]) for pair in columns)
    assert np.abs((means[0] - 1.01) / means[1]).max() < 3.5
    assert np.abs((widths[0] - 1.2) / widths[1]).max() < 3.5
    assert means[1] == pytest.approx(np.full(6, 0.111 * np.sqrt(2 / 1000)), rel=0.2)
    overall = Overall.of(response_by_energy((truth[0], generated[0]), (truth[1], generated[1])))
    assert overall is not None
    assert overall.width == pytest.approx(1.2, abs=4 * overall.width_error)
    assert overall.width_error == pytest.approx(widths[1].mean() / np.sqrt(6), rel=0.1)
    assert overall.to_dict()["width_sigma"] > 8


def test_few_energies_are_bins_of_their_own(rng: np.random.Generator) -> None:
    energies = np.repeat([256.0, 512.0, 1024.0], [100, 100, 5])
    seen = energies * rng.uniform(0.8, 1.0, len(energies))
    rows = response_by_energy((energies, energies), (seen, seen))
    assert [row.low for row in rows] == [256.0, 512.0]
    assert rows[0].truth.n == 100


def test_no_energy_at_all_has_no_ratio() -> None:
    energies = np.full(50, 1000.0)
    (row,) = rows = response_by_energy((energies, energies), (np.zeros(50), np.zeros(50)))
    assert Overall.of(rows) is None
    assert row.to_dict()["mean_ratio"] is None
    assert row.to_dict()["width_sigma"] is None
