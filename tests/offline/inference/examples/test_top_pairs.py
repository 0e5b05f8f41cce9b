"""Candidates of top quarks: what is seen of them at an energy scale, and samples of them from Pythia."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from offline.inference.examples import top_pairs
from offline.inference.examples.top_pairs import COLUMNS, TopPairs, TopSample, make_samples


def test_a_scale_moves_masses_and_thresholds() -> None:
    pairs = TopPairs(jet_pt=350.0, subjet_pt=30.0)
    momenta = np.array([[29.5, 400.0], [40.0, 345.0], [40.0, 400.0]])
    rows = np.concatenate([np.tile([170.0, 70.0, 85.0, 110.0], (3, 1)), momenta], axis=1)
    x, passed = pairs.observed(rows, 1.0)
    assert passed.tolist() == [False, False, True]
    assert x.tolist() == [[170.0, 70.0, 85.0, 110.0]]
    x, passed = pairs.observed(rows, np.array([1.02, 1.02, 0.5]))
    assert passed.tolist() == [True, True, False]
    assert x == pytest.approx(1.02 * rows[:2, :4])


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[np.ndarray]]:
    for name in ("pythia8mc", "fastjet", "awkward"):
        pytest.importorskip(name)
    folder = tmp_path_factory.mktemp("samples")
    return folder, make_samples(TopPairs(collisions=150), np.array([165.0, 180.0]), folder, (1, 0))


def test_samples_hold_top_quarks(made: tuple[Path, list[np.ndarray]]) -> None:
    for rows in made[1]:
        assert 20 < len(rows) < 120
        assert rows.shape[1] == len(COLUMNS)
        top, low, middle, high = rows[:, :4].T
        assert ((low <= middle) & (middle <= high)).all()
        # massless subjets would have the sum of the squares of the pairs; their own masses take away from it
        assert (top**2 <= (rows[:, 1:4] ** 2).sum(axis=1) * (1 + 1e-9)).all()
        assert (rows[:, 4] > 30 / 1.06).all()
        assert (rows[:, 5] > 350 / 1.06).all()
    light, heavy = (np.median(rows[:, 0]) for rows in made[1])
    assert 140 < light < heavy < 190


def test_what_is_finished_is_not_made_again(made: tuple[Path, list[np.ndarray]], monkeypatch: pytest.MonkeyPatch) -> None:
    folder, samples = made
    paths = sorted(folder.iterdir())
    # another sample is lost: the same candidates come back
    first = TopSample(TopPairs(collisions=150), 165.0, (1, 0, 0), folder)
    first.path.write_bytes(b"half a file")
    again = make_samples(TopPairs(collisions=150), np.array([165.0, 180.0]), folder, (1, 0))
    np.testing.assert_array_equal(again[0], samples[0])

    def refuse(*_: object) -> None:
        pytest.fail("Pythia was started")

    monkeypatch.setattr(top_pairs, "start", refuse)
    kept = make_samples(TopPairs(collisions=150), np.array([165.0, 180.0]), folder, (1, 0))
    np.testing.assert_array_equal(kept[1], samples[1])
    assert sorted(folder.iterdir()) == paths


def test_another_mass_or_condition_is_another_file(made: tuple[Path, list[np.ndarray]]) -> None:
    sample = TopSample(TopPairs(collisions=150), 165.0, (1, 0, 0), made[0])
    others = [replace(sample, top_mass=165.5), replace(sample, pairs=TopPairs(collisions=150, radius=1.0))]
    assert len({item.path for item in (sample, *others)}) == 3
    assert sample.is_done()
    assert not any(item.is_done() for item in others)
