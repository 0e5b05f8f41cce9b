"""Whether weights are those of the recipe beside them: a recipe changed after the training describes another model."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from l1ml.configuration import from_mapping
from l1ml.errors import ConfigError, DataError
from l1ml.model import TriggerModel
from l1ml.storage import digest_of
from l1ml.training import DEFAULT_FAMILY, TrainingConfig
from l1ml.workflow.recipe import Recipe

__all__ = ["require_recipe"]


def require_recipe(model: TriggerModel, recipe: Recipe, folder: Path) -> None:
    """Refuse the `model` of `folder` if its family or its table ``[training]`` is not that of `recipe`.

    A model that did not come from a training here, such as an imported one, says nothing about a recipe and passes.

    Raises
    ------
    DataError
        With both digests and the entries that differ.
    """
    if "training" not in model.metrics:
        return
    kept = {"family": model.metrics.get("family", DEFAULT_FAMILY), **_read_again(model.metrics["training"], recipe)}
    asked = {"family": recipe.model.family, **_plain(recipe.training)}
    if digest_of(kept) == digest_of(asked):
        return
    differ = list(_differences(kept, asked, ""))
    shown = "; ".join(differ[:3]) + (f" and {len(differ) - 3} more" if len(differ) > 3 else "")
    msg = (
        f"{folder} holds weights of the training {digest_of(kept)[:8]}, model.toml asks for {digest_of(asked)[:8]}: {shown}; "
        "train again with l1ml train, or restore the model.toml that they were trained with"
    )
    raise DataError(msg)


def _read_again(kept: Mapping[str, Any], recipe: Recipe) -> Mapping[str, Any]:
    """The table that was `kept`, with the defaults of what has become a setting since; as it is if the family cannot read it."""
    try:
        return _plain(from_mapping(recipe.family.config, kept, "the training kept with the weights"))
    except ConfigError:
        return kept


def _plain(config: TrainingConfig) -> dict[str, Any]:
    plain: dict[str, Any] = json.loads(json.dumps(asdict(config)))
    return plain


def _differences(kept: Mapping[str, Any], asked: Mapping[str, Any], prefix: str) -> Iterator[str]:
    """One phrase for each entry that differs, nested tables by their path."""
    for key in sorted({*kept, *asked}):
        one, other = kept.get(key), asked.get(key)
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            yield from _differences(one, other, f"{prefix}{key}.")
        elif one != other:
            yield f"{prefix}{key} is {one} in the weights, {other} in the recipe"
