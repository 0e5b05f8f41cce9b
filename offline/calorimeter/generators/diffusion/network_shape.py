"""What decides the weights of a network, without the network."""

from __future__ import annotations

from dataclasses import dataclass

from l1ml.errors import ConfigError

__all__ = ["NetworkShape"]


@dataclass(frozen=True, slots=True)
class NetworkShape:
    """What decides the weights of a network.

    Parameters
    ----------
    grid : tuple of int
        Layers, sectors and rings.
    n_conditions : int
        Conditions of each layer.
    n_common : int
        Conditions of the shower.
    widths : tuple of int
        Channels of each level, the finest first.
    blocks : int
        Residual blocks of each level on the way down, and as many up.
    """

    grid: tuple[int, ...]
    n_conditions: int
    n_common: int
    widths: tuple[int, ...]
    blocks: int

    def __post_init__(self) -> None:
        if not self.widths or min(*self.widths, self.blocks) < 1:
            msg = (
                f"a network has levels and blocks of 1 or more, received the widths {list(self.widths)} and {self.blocks} blocks"
            )
            raise ConfigError(msg)
        if len(self.grid) != 3 or 2 ** (len(self.widths) - 1) > self.grid[0]:
            msg = f"{len(self.widths)} levels halve the layers {len(self.widths) - 1} times, of which there are {self.grid[0]}"
            raise ConfigError(msg)
