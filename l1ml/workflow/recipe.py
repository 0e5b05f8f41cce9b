"""model.toml: everything that decides what a run makes, one table per room."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from l1ml.configuration import from_mapping, read_toml
from l1ml.conversion.config import ConversionConfig
from l1ml.data.generation.config import OBJECT_SETS, GenerationConfig
from l1ml.data.generation.crossings import schema_of
from l1ml.data.generation.hit_samples import HitsConfig
from l1ml.data.generation.jet_samples.class_jets import ClassJetsConfig
from l1ml.emulation.verification import VerificationConfig
from l1ml.errors import ConfigError
from l1ml.reporting.verdict import Criteria
from l1ml.training import CROSSINGS, DEFAULT_FAMILY, HITS, JETS, Family, TrainingConfig, family_of
from l1ml.training.vae import VaeConfig
from l1ml.trigger.tagging import TaggingConfig
from l1ml.workflow.closure_config import ClosureConfig
from l1ml.workflow.scan_config import ScanConfig

__all__ = ["ModelSection", "Recipe", "read_recipe"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ModelSection:
    """Name of the model (a C++ and Verilog identifier in small letters), one line about it, and its family."""

    name: str
    description: str = ""
    family: str = DEFAULT_FAMILY

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"a model name has small letters, digits and underscores and begins with a letter, received {self.name!r}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Content of model.toml; `training` is of the class that the family of the model reads.

    Of `events`, `jets` and `hits` only the one counts that the family trains on. `tagging` says what is asked of a classifier of
    jets, `filtering` the same of a filter of hits (the signal are those of tracks), `closure` on what the background estimate of
    two scores is tested, `criteria` what the verdict of a report asks for.
    """

    model: ModelSection
    events: GenerationConfig = field(default_factory=GenerationConfig)
    jets: ClassJetsConfig = field(default_factory=ClassJetsConfig)
    hits: HitsConfig = field(default_factory=HitsConfig)
    training: TrainingConfig = field(default_factory=VaeConfig)
    conversion: ConversionConfig = field(default_factory=ConversionConfig)
    verification: VerificationConfig = field(default_factory=VerificationConfig)
    scan: ScanConfig = field(default_factory=ScanConfig)
    tagging: TaggingConfig = field(default_factory=TaggingConfig)
    filtering: TaggingConfig = field(default_factory=lambda: TaggingConfig((0.9, 0.95, 0.98, 0.99), (0.5, 0.2)))
    closure: ClosureConfig | None = None
    criteria: Criteria = field(default_factory=Criteria)

    @property
    def family(self) -> Family:
        """How the model is trained."""
        return family_of(self.model.family)

    def scaled(self, factor: float) -> Recipe:
        """With `factor` times the sample."""
        jets = replace(self.jets, jets=max(round(factor * self.jets.jets), 1))
        hits = replace(self.hits, crossings=max(round(factor * self.hits.crossings), 1))
        return replace(self, events=replace(self.events, scale=factor), jets=jets, hits=hits)


def read_recipe(folder: Path) -> Recipe:
    """Recipe of the model in `folder`.

    Raises
    ------
    ConfigError
        If model.toml is missing, is not TOML, or says something that cannot be meant.
    """
    path = folder / "model.toml"
    content = read_toml(path)
    table = content.pop("training", {})
    recipe = from_mapping(Recipe, content, str(path))
    _check_tables(content, recipe, path)
    if not isinstance(table, Mapping):
        msg = f"{path}.training must be a table, received {table!r}"
        raise ConfigError(msg)
    recipe = replace(recipe, training=from_mapping(recipe.family.config, table, f"{path}.training"))
    _check_schema(recipe, path)
    return recipe


def _check_schema(recipe: Recipe, path: Path) -> None:
    """Refuse crossings of other words than the family reads."""
    made, read = schema_of(recipe.events), recipe.training.schema
    if recipe.training.sample is HITS:
        _check_time_bits(recipe, path)
    if recipe.training.sample is CROSSINGS and made.digest != read.digest:
        known = [name for name in OBJECT_SETS if schema_of(replace(recipe.events, objects=name)).digest == read.digest]
        what = f"objects = {recipe.events.objects!r} in [events] makes the words {made.name!r}"
        msg = f"{path}: {what}, the family {recipe.model.family!r} reads {read.name!r}: write objects = {known[0]!r}"
        raise ConfigError(msg)


def _check_time_bits(recipe: Recipe, path: Path) -> None:
    """Refuse drift times of another width than the family reads."""
    made, read = recipe.hits.chamber.time_bits, getattr(recipe.training, "time_bits", None)
    if made != read:
        msg = (
            f"{path}: [hits.chamber] makes drift times of {made} bits, [training] reads {read}: write the same time_bits in both"
        )
        raise ConfigError(msg)


def _check_tables(content: Mapping[str, Any], recipe: Recipe, path: Path) -> None:
    """Refuse tables about a sample that the family does not train on: they would decide nothing."""
    kind = recipe.family.config.sample
    of_kinds = ((CROSSINGS, ("events", "scan", "closure")), (JETS, ("jets", "tagging")), (HITS, ("hits", "filtering")))
    for other, tables in of_kinds:
        for table in tables:
            if table in content and other is not kind:
                what = f"is about {other.name}, the family {recipe.model.family!r} trains on {kind.name}"
                msg = f"{path}: the table [{table}] {what}: its sample is that of [{kind.table}]"
                raise ConfigError(msg)
