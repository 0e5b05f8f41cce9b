from __future__ import annotations

import numpy as np
import pytest

from l1ml.data.generation.level1.neighbourhood import find_seeds, local_maxima, window, window_offsets


def towers_at(*places: tuple[int, int, int]) -> np.ndarray:
    towers = np.zeros((1, 114, 72), np.int32)
    for ring, sector, counts in places:
        towers[0, ring, sector] = counts
    return towers


def test_seeds_are_the_towers_at_or_above_the_threshold(rng: np.random.Generator) -> None:
    towers = rng.integers(0, 10, (3, 114, 72)).astype(np.int32)
    seeds = find_seeds(towers, 7)
    np.testing.assert_array_equal(np.stack([seeds.crossing, seeds.ring, seeds.sector]), np.stack(np.nonzero(towers >= 7)))
    np.testing.assert_array_equal(seeds.padded[seeds.position], towers[towers >= 7])


def test_windows_close_in_phi_and_are_empty_beyond_the_last_ring(rng: np.random.Generator) -> None:
    towers = rng.integers(1, 10, (2, 114, 72)).astype(np.int32)
    seeds = find_seeds(towers, 1)
    found = window(seeds, window_offsets(range(-7, 8), range(-7, 8))).reshape(2, 114, 72, 15, 15)
    for ring, sector in ((0, 0), (113, 71), (50, 3), (4, 70)):
        for i, j in ((-7, -7), (7, 7), (0, 5), (-3, 0)):
            inside = 0 <= ring + i < 114
            expected = towers[:, ring + i, (sector + j) % 72] if inside else np.zeros(2)
            np.testing.assert_array_equal(found[:, ring, sector, i + 7, j + 7], expected)


@pytest.mark.parametrize(("ring", "sector"), [(50, 30), (50, 0), (50, 71), (0, 5), (113, 70)])
@pytest.mark.parametrize("distance", [(0, 1), (1, 0), (1, 1), (1, -1), (4, 4), (4, -4)])
def test_of_two_equal_neighbours_exactly_one_survives(ring: int, sector: int, distance: tuple[int, int]) -> None:
    other = (ring + distance[0] if ring < 60 else ring - distance[0], (sector + distance[1]) % 72, 20)
    assert len(local_maxima(find_seeds(towers_at((ring, sector, 20), other), 8), 4).ring) == 1


def test_a_lower_neighbour_inside_the_window_is_beaten_one_outside_is_not() -> None:
    near = local_maxima(find_seeds(towers_at((50, 30, 20), (54, 34, 10)), 8), 4)
    far = local_maxima(find_seeds(towers_at((50, 30, 20), (55, 34, 10)), 8), 4)
    assert (near.ring.tolist(), near.sector.tolist()) == ([50], [30])
    assert far.ring.tolist() == [50, 55]
