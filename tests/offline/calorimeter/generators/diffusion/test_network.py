from __future__ import annotations

import keras
import numpy as np
import pytest

from l1ml.errors import ConfigError
from offline.calorimeter.generators.diffusion.network import CylinderConvolution, cylinder_network
from offline.calorimeter.generators.diffusion.network_shape import NetworkShape


def _inputs(shape: NetworkShape, n: int, rng: np.random.Generator) -> list[np.ndarray]:
    sizes = shape.grid, (shape.grid[0], shape.n_conditions), (shape.n_common,), (1,)
    return [rng.standard_normal((n, *size)).astype(np.float32) for size in sizes]


def _random(model: keras.Model, rng: np.random.Generator) -> None:
    model.set_weights([0.3 * rng.standard_normal(part.shape) for part in model.get_weights()])


@pytest.mark.parametrize("grid", [(5, 7, 3), (4, 1, 2), (6, 2, 1)])
def test_turning_the_shower_turns_the_output(grid: tuple[int, int, int], rng: np.random.Generator) -> None:
    shape = NetworkShape(grid, 2, 1, (6, 8, 8), 1)
    model = cylinder_network(shape)
    _random(model, rng)
    inputs = _inputs(shape, 3, rng)
    found = np.asarray(model(inputs))
    assert found.shape == inputs[0].shape
    for turn in range(1, grid[1]):
        turned = np.asarray(model([np.roll(inputs[0], turn, axis=2), *inputs[1:]]))
        np.testing.assert_allclose(turned, np.roll(found, turn, axis=2), rtol=1e-5, atol=1e-5 * np.abs(found).max())
    if grid[1] > 2:
        # mirrored, it is another one, and layers and rings are not alike
        mirrored = np.asarray(model([inputs[0][:, :, ::-1], *inputs[1:]]))
        assert np.abs(mirrored - found[:, :, ::-1]).max() > 0.01 * np.abs(found).max()


@pytest.mark.parametrize("apart", [1, 3])
def test_a_convolution_is_the_sum_over_neighbours(apart: int, rng: np.random.Generator) -> None:
    layer, x = CylinderConvolution(4, apart), rng.standard_normal((2, 3, 6, 2)).astype(np.float32)
    found = np.asarray(layer(x))
    kernel, expected = np.asarray(layer.convolution.kernel), np.zeros((2, 3, 6, 4))
    for down in (-1, 0, 1):
        for turn in (-1, 0, 1):
            for at in range(3):
                if 0 <= at + down < 3:
                    seen = np.roll(x, -turn * apart, axis=2)[:, at + down]
                    expected[:, at] += seen @ kernel[down + 1, turn + 1]
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_all_inputs_are_seen_by_all_voxels_of_a_shower(rng: np.random.Generator) -> None:
    shape = NetworkShape((4, 4, 2), 2, 1, (6, 8), 1)
    model = cylinder_network(shape)
    assert not np.asarray(model(_inputs(shape, 2, rng))).any()
    _random(model, rng)
    inputs = _inputs(shape, 2, rng)
    found = np.asarray(model(inputs))
    for at in range(4):
        other = [part.copy() for part in inputs]
        other[at][0].flat[0] += 0.5
        change = np.abs(np.asarray(model(other)) - found)
        assert change[1].max() == 0
        assert (change[0] > 0).mean() > (0.3 if at == 0 else 0.9)


def test_what_is_no_network_is_refused() -> None:
    with pytest.raises(ConfigError, match="4 levels halve the layers 3 times, of which there are 4"):
        NetworkShape((4, 4, 2), 1, 1, (4, 4, 4, 4), 1)
    with pytest.raises(ConfigError, match=r"received the widths \[\] and 1 blocks"):
        NetworkShape((4, 4, 2), 1, 1, (), 1)
