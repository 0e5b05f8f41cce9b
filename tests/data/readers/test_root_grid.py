from __future__ import annotations

import numpy as np
import pytest
from root_toy import angle, coarse

from l1ml.data.readers.root_grid import angle_grid, energy_grid


@pytest.mark.parametrize("n_bits", [10, 12, 23])
@pytest.mark.parametrize(("step", "n_turn"), [(0.0435, 144), (0.010908, 576)])
def test_every_word_of_phi_can_be_told(n_bits: int, step: float, n_turn: int) -> None:
    words = np.arange(n_turn)
    told, on_grid = angle_grid(step, n_turn).words(coarse(angle(words, step), n_bits))
    assert on_grid.all()
    np.testing.assert_array_equal(told, words)


@pytest.mark.parametrize("n_bits", [10, 12, 23])
@pytest.mark.parametrize(("step", "most"), [(0.0435, 127), (0.010875, 255)])
def test_every_word_of_eta_can_be_told(n_bits: int, step: float, most: int) -> None:
    words = np.arange(-most, most + 1)
    told, on_grid = angle_grid(step).words(coarse(words * step, n_bits))
    assert on_grid.all()
    np.testing.assert_array_equal(told, words)


def test_energies_are_exact() -> None:
    words = np.arange(4096)
    for given in (words * 0.5, words * 0.5 + 1e-6):
        told, on_grid = energy_grid().words(given.astype(np.float32))
        assert on_grid.all()
        np.testing.assert_array_equal(told, words)
    assert not energy_grid().words(np.array([0.25, 10.1, 1e38, np.nan, np.inf, -np.inf]))[1].any()


def test_what_is_between_two_words_is_on_no_grid() -> None:
    for step, n_turn in ((0.0435, 144), (0.010908, 576)):
        between = angle(np.arange(n_turn) + 0.5, step)
        assert not angle_grid(step, n_turn).words(between.astype(np.float32))[1].any()
    # a grid of 2 pi / 144, as other software has it, drifts away from that of CMSSW
    other = angle(np.arange(144), 2 * np.pi / 144)
    assert np.count_nonzero(angle_grid(0.0435, 144).words(other)[1]) < 30
