"""Other makes of a model, to compare the shipped one with: each a name and what becomes of the recipe."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any

from l1ml.errors import ConfigError, nearest
from l1ml.training.imitation import of_fixed_formats
from l1ml.training.pruning import PruningSchedule
from l1ml.workflow.recipe import Recipe

__all__ = ["SHIPPED", "VARIANTS", "Variant", "eight_bits", "unpruned", "variants_of"]

_BITS = 8
_SIGNED_LEAST = 1
"""Bits of a signed format that are not integer bits: its sign, which QKeras does not count among them."""


@dataclass(frozen=True, slots=True)
class Variant:
    """One make of a model.

    Parameters
    ----------
    name : str
        Its results are in ``run/variants/<name>``.
    recipe : callable
        Recipe of the model to that of the variant.
    is_trained : bool
        Whether it is trained here; without, the weights are those beside the recipe.
    is_float : bool
        Whether nothing of it is quantised: it has no firmware.
    """

    name: str
    recipe: Callable[[Recipe], Recipe]
    is_trained: bool = True
    is_float: bool = False


def unpruned(recipe: Recipe) -> Recipe:
    """`recipe` without pruning and without bits to learn, on the same schedule.

    Where bits are learned instead of anything else there is no early stopping, so what stands in for that takes all epochs, of
    which the best one counts; a teacher of learned bits stops as it does.
    """
    training = of_fixed_formats(recipe.training)
    changes: dict[str, Any] = {"sparsity": 0.0, "pruning": PruningSchedule()}
    if getattr(training, "bits", None) is not None:
        changes |= {"bits": None, "patience": training.epochs}
    return replace(recipe, training=replace(training, **changes))


def eight_bits(recipe: Recipe) -> Recipe:
    """`recipe` with 8 bits for every format and without pruning: what QKeras gives when it is simply asked for 8 bits.

    Integer bits stay those of the recipe: ranges are part of what a network is.

    Raises
    ------
    ConfigError
        If a format has more integer bits than 8 hold.
    """
    formats = recipe.training.quantisation
    names = [item.name for item in fields(formats)]
    for name in names:
        if name.endswith("_integer") and getattr(formats, name) > _BITS - _SIGNED_LEAST:
            msg = f"{_BITS} bits hold no {name} = {getattr(formats, name)} of {recipe.model.name} beside the sign"
            raise ConfigError(msg + "; the variant '8-bit' asks for at most 7")
    plain = unpruned(recipe)
    widths = {name: _BITS for name in names if name.endswith("_bits")}
    return replace(plain, training=replace(plain.training, quantisation=replace(formats, **widths)))


def _as_it_is(recipe: Recipe) -> Recipe:
    return recipe


SHIPPED = Variant("shipped", _as_it_is, is_trained=False)

VARIANTS: Mapping[str, Variant] = {
    item.name: item for item in (Variant("float", unpruned, is_float=True), Variant("8-bit", eight_bits), SHIPPED)
}
"""The same layers in floats, not pruned; every format 8 bits wide, not pruned; the weights beside the recipe."""


def variants_of(names: Sequence[str]) -> tuple[Variant, ...]:
    """The variants called `names`, each once.

    Raises
    ------
    ConfigError
        If there is none of a name, naming the nearest one.
    """
    for name in names:
        if name not in VARIANTS:
            msg = f"there is no variant {name!r}; {nearest(name, VARIANTS)}"
            raise ConfigError(msg)
    return tuple(VARIANTS[name] for name in dict.fromkeys(names))
