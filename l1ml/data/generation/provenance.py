"""What an event file says about its origin, enough to make it again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from l1ml.data.generation.config import RECIPE_VERSION, GenerationConfig
from l1ml.data.generation.crossings import schema_of
from l1ml.data.generation.level1.trigger_parameters import TRIGGER_PARAMETERS
from l1ml.data.generation.plan import mean_sigma
from l1ml.data.generation.pool import read_header
from l1ml.data.generation.pools import PoolFiles
from l1ml.data.generation.pythia import TUNE, pythia_version
from l1ml.storage import digest_of

__all__ = ["provenance_of", "sample_digest"]

_RANDOM = "numpy PCG64 of SeedSequence(seed, spawn_key=(stream, job)); Pythia is seeded from its first word"


def sample_digest(config: GenerationConfig) -> str:
    """SHA-256 of the configuration, the recipe, the generator version, the schema, and the numbers of the full objects."""
    content: list[Any] = [config.digest, pythia_version(), schema_of(config).digest]
    more = [asdict(TRIGGER_PARAMETERS)] if config.objects == "global_trigger" else []
    return digest_of([*content, *more])


def provenance_of(config: GenerationConfig, files: PoolFiles) -> dict[str, Any]:
    """Generator, versions, seeds, pools with their settings and cross sections; JSON values.

    ``generated`` and ``seconds`` count the collisions of the process itself: those of the pileup pools belong to zero bias.
    """
    from l1ml import __version__

    pools = {name: [read_header(path) for path in getattr(files, name)] for name in ("soft", "hard", "signal")}
    own = pools["signal"] or [*pools["soft"], *pools["hard"]]
    return {
        "generator": "Pythia",
        "generator_version": pythia_version(),
        "tune": TUNE,
        "config": config.to_dict(),
        "recipe_version": RECIPE_VERSION,
        "digest": sample_digest(config),
        "pools": {name: _summary(headers) for name, headers in pools.items() if headers},
        "random": _RANDOM,
        "versions": {"l1ml": __version__, "numpy": np.__version__},
        "generated": sum(header["generated"] for header in own),
        "seconds": sum(header["seconds"] for header in own),
    }


def _summary(headers: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """All jobs of one pool as one."""
    return {
        "settings": headers[0]["settings"],
        "generated": sum(header["generated"] for header in headers),
        "kept": sum(header["kept"] for header in headers),
        "sigma_mb": mean_sigma(headers),
    }
