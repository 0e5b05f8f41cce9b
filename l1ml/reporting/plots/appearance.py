"""What all figures share: axes when none are given, a colour and a name for each process."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from l1ml._optional import require
from l1ml.trigger.study import ZERO_BIAS

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["COLOURS", "axes_or_new", "plain", "process_colours", "process_label", "seed_label", "typeset", "with_unit"]

COLOURS = ("#3f90da", "#bd1f01", "#ffa90e", "#832db6", "#94a4a2", "#a96b59", "#e76300", "#b9ac70", "#717581", "#92dadd")
"""Ten colours that colour-blind readers can tell apart (M. Petroff, arXiv:2107.02270)."""

_ZERO_BIAS_COLOUR = "#555555"

_TYPESET: Mapping[str, str] = {
    "e/gamma": r"e/$\gamma$",
    "egamma": r"e/$\gamma$",
    "|eta| <=": r"$|\eta| \leq$",
    " eta": r" $\eta$",
    " phi": r" $\phi$",
    "met pt": "MET",
    "met ": "MET ",
}

_PROCESS_LABELS: Mapping[str, str] = {
    ZERO_BIAS: "zero bias",
    "haa4b": r"$H \rightarrow aa \rightarrow 4b$",
    "htautau": r"$gg \rightarrow H \rightarrow \tau\tau$",
    "ttbar": r"$t\bar{t}$",
    "a4l": r"$A \rightarrow 4\ell$",
    "lqbtau": r"$LQ \rightarrow b\tau$",
    "h0tautau": r"$h^0 \rightarrow \tau\tau$",
    "hchtaunu": r"$h^\pm \rightarrow \tau\nu$",
    "haa4b_displaced": r"$H \rightarrow aa \rightarrow 4b$, displaced",
    "haa4tau_displaced": r"$H \rightarrow aa \rightarrow 4\tau$, displaced",
    "suep": "soft hidden-valley shower",
}


def axes_or_new(ax: Axes | None) -> Axes:
    """`ax`, or the axes of a new figure that no window belongs to."""
    if ax is not None:
        return ax
    made: Axes = require("matplotlib.figure").Figure(layout="constrained").add_subplot()
    return made


def process_label(name: str) -> str:
    """How a process is called in a legend; an unknown one keeps its name."""
    return _PROCESS_LABELS.get(name, name.replace("_", " "))


def process_colours(names: Iterable[str]) -> dict[str, str]:
    """Colour of each process: grey for zero bias, the palette in order for the others."""
    signals = [name for name in names if name != ZERO_BIAS]
    return {ZERO_BIAS: _ZERO_BIAS_COLOUR, **{name: COLOURS[index % len(COLOURS)] for index, name in enumerate(signals)}}


def seed_label(name: str) -> str:
    """Name of an algorithm without the prefix that all share."""
    return name.removeprefix("L1_").replace("_", " ")


def with_unit(quantity: str, unit: str) -> str:
    """Axis label; a pure number has no brackets."""
    return f"{typeset(quantity)} [{unit}]" if unit else typeset(quantity)


def typeset(quantity: str) -> str:
    """Name of a quantity with Greek letters and signs as a figure shows them."""
    for plain_text, drawn in _TYPESET.items():
        quantity = quantity.replace(plain_text, drawn)
    return quantity


def plain(result: Any) -> Mapping[str, Any]:
    """Plain values of a result: the entry of report.json itself, or what its ``to_dict`` gives."""
    values: Mapping[str, Any] = result if isinstance(result, Mapping) else result.to_dict()
    return values
