"""Events from nothing: Pythia collisions, a parametrised Level-1 response, and the algorithms of the Level-1 trigger.

Needs ``pip install 'l1ml[generate]'``. The generators are GPL software (Pythia: GPL-2 or later; FastJet core: GPL-2 or later):
they are an optional extra and are only imported when events are generated.
"""

from __future__ import annotations

from l1ml.data.generation.config import GenerationConfig
from l1ml.data.generation.production import PROCESSES, ProcessRecord, generate

__all__ = ["PROCESSES", "GenerationConfig", "ProcessRecord", "generate"]
