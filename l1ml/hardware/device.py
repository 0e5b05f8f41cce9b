"""What an FPGA holds, so that a resource count can be read as a share of it."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError, nearest

__all__ = ["DEVICES", "Device", "device_like", "find_device"]


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


def find_device(part: str) -> Device:
    """The device called `part`.

    Raises
    ------
    ConfigError
        If l1ml does not know the part.
    """
    for device in DEVICES:
        if device.part == part:
            return device
    msg = f"unknown part {part!r}; {nearest(part, [device.part for device in DEVICES])}"
    raise ConfigError(msg)


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
