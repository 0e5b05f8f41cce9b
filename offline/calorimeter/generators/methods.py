"""Methods by name, and one `fit` for all of them; none brings Keras before it is asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from importlib import import_module
from pathlib import Path
from typing import Any

from l1ml.configuration import from_mapping, read_toml
from l1ml.errors import ConfigError, nearest
from l1ml.progress import SILENT, Progress
from offline.calorimeter.generators.diffusion.settings import DiffusionSettings
from offline.calorimeter.generators.generator import ShowerGenerator
from offline.calorimeter.generators.settings import CascadeSettings
from offline.calorimeter.shower_file import ShowerFile
from offline.calorimeter.showers import Showers

__all__ = ["METHODS", "configured", "fit", "lengthened", "method_settings"]

Settings = CascadeSettings | DiffusionSettings


@dataclass(frozen=True, slots=True)
class _Method:
    """Settings of a method, those that are its own, and where its training is."""

    settings: type[Settings]
    place: str
    own: Mapping[str, Any] = field(default_factory=dict)


_DIFFUSION = "diffusion.fit:fit_diffusion"
_MATCHING = {"noise": "straight", "drawing": {"sampler": "heun", "steps": 16}}

METHODS: Mapping[str, _Method] = {
    "cascade": _Method(CascadeSettings, "cascade_fit:fit_cascade"),
    "diffusion": _Method(DiffusionSettings, _DIFFUSION),
    "flow_matching": _Method(DiffusionSettings, _DIFFUSION, _MATCHING),
}
"""By the name that configurations have for them."""


def method_settings(name: str, table: Mapping[str, Any] | None = None) -> Settings:
    """Settings of the method `name`, from a `table` of those that differ from its defaults.

    Raises
    ------
    ConfigError
        If there is no such method, or it has no such setting.
    """
    if name not in METHODS:
        msg = f"no method is called {name!r}; {nearest(name, METHODS)}"
        raise ConfigError(msg)
    return from_mapping(METHODS[name].settings, {**METHODS[name].own, **(table or {})}, f"method {name}")


def configured(path: Path | None, name: str | None = None, seed: int | None = None) -> Settings:
    """Settings that a TOML file has: the key ``method``, if it is not given as `name`, and beside it those of the method.

    Parameters
    ----------
    path : Path, optional
        The file; there are only defaults without.
    name : str, optional
        The method, in place of that of the file; ``cascade`` if there is neither.
    seed : int, optional
        In place of that of the file.

    Raises
    ------
    ConfigError
        If the file is none, names another method, or has what the method does not.
    """
    table = {} if path is None else read_toml(path)
    asked = table.pop("method", None)
    if name is not None and asked not in {None, name}:
        msg = f"{path} is for the method {asked!r}, and {name!r} was asked for"
        raise ConfigError(msg)
    return method_settings(str(name or asked or "cascade"), table if seed is None else {**table, "seed": seed})


def lengthened(settings: Settings, epochs: Sequence[int] | None = None, updates: int | None = None) -> Settings:
    """`settings` with passes over the showers, of the flow and the rings of a cascade, or updates of a diffusion.

    Raises
    ------
    ConfigError
        If the method counts in another unit.
    """
    if isinstance(settings, CascadeSettings) and updates is None:
        flow, rings = epochs or (settings.flow.epochs, settings.rings.epochs)
        return replace(settings, flow=replace(settings.flow, epochs=flow), rings=replace(settings.rings, epochs=rings))
    if isinstance(settings, DiffusionSettings) and epochs is None:
        n = settings.training.updates if updates is None else updates
        return replace(settings, training=replace(settings.training, updates=n))
    msg = "a cascade is trained in epochs, diffusion and flow matching in updates: give the one that belongs to the method"
    raise ConfigError(msg)


def fit(
    showers: Showers | ShowerFile,
    settings: Settings,
    *,
    threshold: float | None = None,
    folder: Path | None = None,
    progress: Progress = SILENT,
) -> ShowerGenerator:
    """Train the generator that `settings` are of.

    Parameters
    ----------
    showers : Showers or ShowerFile
        What it learns from.
    settings : CascadeSettings or DiffusionSettings
        Method and settings.
    threshold : float, optional
        Energy of a voxel below which there is none, MeV; that of the file, or the smallest there is, when left out.
    folder : Path, optional
        Where it is kept meanwhile: one that was stopped goes on from there, to the same result.
    progress : Progress
        Told about the training.

    Raises
    ------
    ConfigError
        If the method cannot do with the geometry.
    DataError
        If there are too few showers, one is empty or below the threshold, or a layer has no energy in any.
    TrainingError
        If a loss is not finite.
    """
    place = next(method.place for method in METHODS.values() if method.settings is type(settings))
    module, _, name = place.partition(":")
    train: Callable[..., ShowerGenerator] = getattr(import_module(f"offline.calorimeter.generators.{module}"), name)
    return train(showers, settings, threshold=threshold, folder=folder, progress=progress)
