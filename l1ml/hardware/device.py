"""What an FPGA holds, so that a resource count can be read as a share of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["DEVICES", "Device", "device_like", "family_of"]


@dataclass(frozen=True, slots=True)
class Device:
    """Resources of one part (AMD data sheets DS890 and DS180).

    `bram18` counts 18 kb blocks: one 36 kb tile is two of them.
    """

    part: str
    family: str
    lut: int
    ff: int
    dsp: int
    bram18: int
    uram: int
    carry: int


DEVICES = (
    Device("xcvu13p-flga2577-2-e", "xcup", 1_728_000, 3_456_000, 12_288, 5_376, 1_280, 216_000),
    Device("xcvu9p-flga2104-2L-e", "xcup", 1_182_240, 2_364_480, 6_840, 4_320, 960, 147_780),
    Device("xc7vx690tffg1927-2", "xc7", 433_200, 866_400, 3_600, 2_940, 0, 108_300),
)


def device_like(part: str) -> Device | None:
    """The device that a report calls `part`, None if l1ml does not know it; Vivado leaves out dashes and the temperature grade.

    Examples
    --------
    >>> device_like("xcvu13pflga2577-2").part
    'xcvu13p-flga2577-2-e'
    >>> device_like("xcvu13p") is None
    True
    """
    name = part.replace("-", "").lower()
    package = {device: device.part.rsplit("-", 1)[0] if device.family == "xcup" else device.part for device in DEVICES}
    for device, stem in package.items():
        if name in (device.part.replace("-", "").lower(), stem.replace("-", "").lower()):
            return device
    return None


def family_of(part: str) -> str | None:
    """AMD family that `part` is one of, 7 series or UltraScale+ for everything newer; None for other vendors.

    Examples
    --------
    >>> family_of("xc7k325tffg900-2"), family_of("xcku15p-ffva1760-2-e"), family_of("MPF300")
    ('xc7', 'xcup', None)
    """
    device = device_like(part)
    if device is not None:
        return device.family
    name = part.lower()
    return ("xc7" if name.startswith("xc7") else "xcup") if name.startswith("xc") else None
