from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from l1ml.data.calo_regions import region_image
from l1ml.data.generation.level1.regions import build_regions


def place_of(ring: int, sector: int) -> list[int]:
    """Phi and eta of the region of one tower, or of none."""
    towers = np.zeros((1, 114, 72), np.int32)
    towers[0, ring, sector] = 3
    image = region_image(build_regions(towers)["hw_et"])[0]
    assert image.sum() in {0, 3}
    return [] if not image.any() else np.argwhere(image)[0].tolist()


@given(st.integers(0, 113), st.integers(0, 71))
def test_every_central_tower_is_in_one_region(ring: int, sector: int) -> None:
    centre = abs((ring - 56.5) * 0.087)
    place = place_of(ring, sector)
    if centre > 2.958:
        assert not place
        return
    phi, eta = place
    assert phi == (sector + 3) // 4 % 18
    distance = int(np.digitize(centre, [0.348, 0.696, 1.044, 1.392, 1.74, 2.175]))
    assert eta == (7 + distance if ring >= 57 else 6 - distance)


def test_a_turn_by_a_region_turns_the_image(rng: np.random.Generator) -> None:
    towers = rng.integers(0, 6, (5, 114, 72), dtype=np.int32)
    image = region_image(build_regions(towers)["hw_et"])
    turned = region_image(build_regions(np.roll(towers, 4, axis=2))["hw_et"])
    np.testing.assert_array_equal(turned, np.roll(image, 1, axis=1))
    mirrored = region_image(build_regions(towers[:, ::-1])["hw_et"])
    np.testing.assert_array_equal(mirrored, image[:, :, ::-1])
    assert image.sum() == towers[:, 23:91].sum()


def test_ten_bits_saturate() -> None:
    towers = np.full((1, 114, 72), 255, np.int32)
    assert (build_regions(towers)["hw_et"] == 1023).all()
