"""A Keras activation with a table for each channel, which no quantiser of QKeras has.

`l1ml.model.channel_tables` reads it. Importing this module makes Keras able to load models that hold one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Self

import numpy as np

from l1ml._optional import require
from l1ml.errors import ConfigError

keras = require("keras")

__all__ = ["ChannelTable"]

_MOST_ENTRIES = 2**12
"""Of one table: a table in firmware is logic, which doubles with each bit of the word that it is read by."""


@keras.saving.register_keras_serializable(package="l1ml")
class ChannelTable:
    """What stands in the table of a channel at the whole number that arrives there: 0 finds the first entry.

    Numbers are rounded, halves to even; one beyond an end of the table finds what stands there.

    Parameters
    ----------
    tables : sequence of sequence of float, shape (channels, entries) or (1, entries)
        Multiples of one power of two that float32 holds; one table is that of all channels.

    Raises
    ------
    ConfigError
        If there is no entry, the tables have different lengths or more than 4096 entries, or one is no finite float32.
    """

    def __init__(self, tables: Sequence[Sequence[float]]) -> None:
        self.tables = [[float(value) for value in table] for table in tables]
        lengths = sorted({len(table) for table in self.tables})
        if len(lengths) != 1 or not 1 <= lengths[0] <= _MOST_ENTRIES:
            msg = f"received tables of {lengths} entries; expected one length of 1 to {_MOST_ENTRIES}"
            raise ConfigError(msg)
        values = np.asarray(self.tables)
        if not np.array_equal(values.astype(np.float32), values):
            msg = "an entry of a table is NaN, or no float32; give multiples of a power of two"
            raise ConfigError(msg)

    def __call__(self, values: Any) -> Any:
        """Entries for `values`, shape (..., channels)."""
        ops, tables = keras.ops, np.asarray(self.tables, np.float32)
        place = ops.clip(ops.round(values), 0, tables.shape[1] - 1)
        first = np.arange(len(tables), dtype=np.int32) * tables.shape[1]
        return ops.take(ops.convert_to_tensor(tables.ravel()), ops.cast(place, "int32") + first)

    def get_config(self) -> dict[str, Any]:
        """Arguments of the constructor."""
        return {"tables": self.tables}

    @classmethod
    def from_config(cls, config: dict[str, Any]) -> Self:
        """The activation of `get_config`."""
        return cls(**config)
