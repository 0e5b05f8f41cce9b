"""model.toml: everything that decides what a run makes, one table per room."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from l1ml.configuration import from_mapping, read_toml
from l1ml.conversion.config import ConversionConfig
from l1ml.data.generation.config import GenerationConfig
from l1ml.emulation.verification import VerificationConfig
from l1ml.errors import ConfigError
from l1ml.training.config import TrainingConfig
from l1ml.workflow.scan_config import ScanConfig

__all__ = ["ModelSection", "Recipe", "read_recipe"]

_NAME = re.compile(r"[a-z][a-z0-9_]*")


@dataclass(frozen=True, slots=True)
class ModelSection:
    """Name of the model (a C++ and Verilog identifier in small letters) and one line about it."""

    name: str
    description: str = ""

    def __post_init__(self) -> None:
        if not _NAME.fullmatch(self.name):
            msg = f"a model name has small letters, digits and underscores and begins with a letter, received {self.name!r}"
            raise ConfigError(msg)


@dataclass(frozen=True, slots=True)
class Recipe:
    """Content of model.toml."""

    model: ModelSection
    events: GenerationConfig = field(default_factory=GenerationConfig)
    training: TrainingConfig = field(default_factory=TrainingConfig)
    conversion: ConversionConfig = field(default_factory=ConversionConfig)
    verification: VerificationConfig = field(default_factory=VerificationConfig)
    scan: ScanConfig = field(default_factory=ScanConfig)


def read_recipe(folder: Path) -> Recipe:
    """Recipe of the model in `folder`.

    Raises
    ------
    ConfigError
        If model.toml is missing, is not TOML, or says something that cannot be meant.
    """
    path = folder / "model.toml"
    return from_mapping(Recipe, read_toml(path), str(path))
