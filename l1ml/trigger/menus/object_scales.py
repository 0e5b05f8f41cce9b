"""Scales of the objects of the menu grammar, for menus written by hand in physical units.

Source: "Scales for inputs to the uGT" (mp7_ugt_legacy documentation, May 2024).
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from l1ml.errors import ConfigError, nearest
from l1ml.hardware.objects import GLOBAL_TRIGGER_SCALES
from l1ml.hardware.scales import HardwareScale
from l1ml.trigger.menus.object_types import split_object

__all__ = ["object_scales", "threshold_scale", "threshold_word"]

_COUNT = HardwareScale(1.0, 13)
_CALORIMETER = GLOBAL_TRIGGER_SCALES["egamma"]
_SUM = {"pt": GLOBAL_TRIGGER_SCALES["met"]["pt"], "phi": GLOBAL_TRIGGER_SCALES["met"]["phi"]}

_SCALES: Mapping[str, Mapping[str, HardwareScale]] = MappingProxyType(
    {
        "MU": GLOBAL_TRIGGER_SCALES["muon"],
        "EG": _CALORIMETER,
        "TAU": _CALORIMETER,
        "JET": GLOBAL_TRIGGER_SCALES["jet"],
        **dict.fromkeys(("ETM", "HTM", "ETMHF", "HTMHF", "ETT", "ETTEM", "HTT"), _SUM),
        "TOWERCOUNT": {"pt": _COUNT},
    }
)


def object_scales(object_type: str) -> Mapping[str, HardwareScale]:
    """Scale of each field ("pt", "eta", "phi") of an object type of the grammar.

    Raises
    ------
    ConfigError
        If the type has no scale that is known here.
    """
    if object_type not in _SCALES:
        msg = f"no scale is known for {object_type!r}; {nearest(object_type, _SCALES)}; state the hardware word instead"
        raise ConfigError(msg)
    return _SCALES[object_type]


def threshold_scale(object_type: str) -> HardwareScale:
    """Scale of the quantity that the threshold of an object type is compared with."""
    return object_scales(object_type)["pt"]


def threshold_word(name: str) -> int:
    """Word of the threshold in the name of an object, rounded up: ``pt >= threshold`` keeps its meaning.

    Raises
    ------
    ConfigError
        If the object is unknown, has no scale here, or the word cannot hold the threshold.

    Examples
    --------
    >>> threshold_word("MU22"), threshold_word("EG14p1"), threshold_word("MU0")
    (45, 29, 1)
    """
    text = split_object(name)
    scale = threshold_scale(text.object)
    value = float(text.threshold.replace("p", "."))
    top = float(scale.to_physical(scale.max_word))
    if value > top:
        msg = f"{name}: the threshold is outside of the hardware word, 0 to {top:g} {scale.unit}".rstrip()
        raise ConfigError(msg)
    return int(scale.to_hw(value, "ceil"))
