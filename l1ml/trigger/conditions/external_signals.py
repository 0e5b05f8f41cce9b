"""Which bit of the 256 external signals carries which name: the cabling, dated as the menus name it.

The HTML report of a menu names its cabling ("External Signals Set") but not the bits; the XML states the bits, and then this
table is not used. Source: the indices of ``ext_cond`` in the VHDL of the public menus of 2022 to 2025
(cms-l1-globaltrigger/cms-l1-menu); their cablings of 2018, 2023 and 2024 agree on every name.
"""

from __future__ import annotations

from l1ml.errors import ConfigError, nearest

__all__ = ["EXTERNAL_SIGNALS", "external_channel"]

EXTERNAL_SIGNALS: dict[str, int] = {
    "BPTX_BeamGas_Ref1_VME": 0,
    "BPTX_BeamGas_Ref2_VME": 1,
    "BPTX_BeamGas_B1_VME": 2,
    "BPTX_BeamGas_B2_VME": 3,
    "ZeroBias_BPTX_AND_VME": 4,
    "BPTX_B1_VME": 5,
    "BPTX_B2_VME": 6,
    "BPTX_OR_VME": 7,
    "BPTX_AND_Ref1_VME": 8,
    "BPTX_B1NotB2_VME": 9,
    "BPTX_B2NotB1_VME": 10,
    "BPTX_NotOR_VME": 11,
    "BPTX_AND_Ref3_VME": 16,
    "BPTX_OR_Ref3_VME": 17,
    "BPTX_RefAND_VME": 18,
    "BPTX_FirstCollidingBunch_VME": 19,
    "BPTX_AND_Ref4_VME": 20,
    "BPTX_OR_Ref4_VME": 21,
    "BPTX_LastCollisionInTrain_VME": 22,
    "BPTX_FirstCollisionInTrain_VME": 23,
    "HCAL_LaserMon_1": 32,
    "HCAL_LaserMon_4": 35,
    "TOTEM_1": 40,
    "TOTEM_2": 41,
    "TOTEM_3": 42,
    "TOTEM_4": 43,
}


def external_channel(name: str) -> int:
    """Bit of the external signal `name` (with or without the prefix "EXT_").

    Raises
    ------
    ConfigError
        On a name that no cabling has.

    Examples
    --------
    >>> external_channel("EXT_ZeroBias_BPTX_AND_VME")
    4
    """
    signal = name.removeprefix("EXT_")
    if signal not in EXTERNAL_SIGNALS:
        msg = f"no external signal is called {signal!r}; {nearest(signal, EXTERNAL_SIGNALS)}"
        raise ConfigError(msg)
    return EXTERNAL_SIGNALS[signal]
