from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from offline.calorimeter.simulation import MATERIALS, Stack


def test_a_single_material_is_itself() -> None:
    stack, material = Stack(("PbWO4",), (280.0,), 0.0), MATERIALS["PbWO4"]
    assert (stack.z, stack.radiation_length, stack.critical_energy) == pytest.approx(
        (material.z, material.radiation_length, material.critical_energy)
    )
    # 19.6 mm in the Review of Particle Physics
    assert stack.moliere_radius == pytest.approx(19.6, rel=0.01)
    assert (stack.frequency, stack.electron_signal) == (float("inf"), 1.0)


def test_tungsten_and_silicon_are_nearly_tungsten() -> None:
    stack = Stack(("W", "Si"), (1.4, 0.3), 0.145)
    # 0.8 radiation lengths in the 3.4 mm of a layer of dataset 2
    assert 3.4 / stack.radiation_length == pytest.approx(0.8055, rel=1e-3)
    assert MATERIALS["W"].critical_energy < stack.critical_energy < MATERIALS["Si"].critical_energy
    assert 72 < stack.z < 74
    assert 0.6 < stack.electron_signal < 0.8


@pytest.mark.parametrize(
    ("materials", "thickness", "sampling", "match"),
    [
        (("Wo", "Si"), (1.4, 0.3), 0.1, "'Wo'"),
        (("W", "Si", "Pb"), (1.0, 1.0, 1.0), 0.1, "one or two"),
        (("W", "Si"), (1.4,), 0.1, "one or two"),
        (("W",), (0.0,), 0.1, "one or two"),
        (("W", "Si"), (1.4, 0.3), 0.0, "not 0 where there are two"),
        (("W",), (1.0,), 1.0, "in \\[0, 1\\)"),
    ],
)
def test_what_is_no_stack_is_refused(
    materials: tuple[str, ...], thickness: tuple[float, ...], sampling: float, match: str
) -> None:
    with pytest.raises(ConfigError, match=match):
        Stack(materials, thickness, sampling)
