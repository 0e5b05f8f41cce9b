"""Step 7: what the scores of a model are worth at the rates of a trigger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np

from l1ml.errors import ConfigError
from l1ml.progress import Progress
from l1ml.training import CROSSINGS
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.menu_source import MenuSource
from l1ml.trigger.performance import classical_bits
from l1ml.trigger.performance.background import background_estimate
from l1ml.trigger.performance.score_performance import score_performance
from l1ml.trigger.rates.sample import WeightedSample
from l1ml.workflow.decision_step import decision_inputs
from l1ml.workflow.scored_model import ScoredModel
from l1ml.workflow.step import Step
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["EvaluationConfig", "evaluation_inputs", "evaluation_step"]

_PARTS = 4
"""Of the evaluation of a score, for the progress."""


@dataclass(frozen=True, slots=True)
class EvaluationConfig:
    """What is asked about a model.

    Parameters
    ----------
    rates_khz : tuple of float
        Zero-bias rates of the working points, positive.
    shift_percent : float
        Shift of the energy scale, positive and below 100.
    classical : MenuSource, optional
        Menu that the scores have to add to; by default the seeds of the model's own menu that cut on no score.
    seed : int
        Of the permutations.

    Raises
    ------
    ConfigError
        If a rate or the shift is out of its range.
    """

    rates_khz: tuple[float, ...] = (0.3, 1.0, 5.0, 10.0)
    shift_percent: float = 5.0
    classical: MenuSource | None = None
    seed: int = 1

    def __post_init__(self) -> None:
        if not self.rates_khz or not all(rate > 0 for rate in self.rates_khz):
            msg = f"working points need positive rates in kHz, received {list(self.rates_khz)}"
            raise ConfigError(msg)
        if not 0 < self.shift_percent < 100:
            msg = f"the shift of the energy scale must be above 0 and below 100 per cent, received {self.shift_percent!r}"
            raise ConfigError(msg)

    def classical_menu(self) -> Menu | None:
        """The menu behind `classical`."""
        return None if self.classical is None else self.classical.read()[0]


def evaluation_inputs(config: EvaluationConfig, workspace: Workspace) -> dict[str, Any]:
    """What decides the samples, scores and rates of an evaluation."""
    return {
        **decision_inputs(workspace),
        "rates_khz": config.rates_khz,
        "classical": config.classical and config.classical.content(),
    }


def evaluation_step(config: EvaluationConfig | None = None) -> Step:
    """The step for `config`; it leaves ``evaluation.json``."""
    chosen = config or EvaluationConfig()

    def inputs(workspace: Workspace) -> Any:
        return {**evaluation_inputs(chosen, workspace), "shift_percent": chosen.shift_percent, "seed": chosen.seed}

    return Step("evaluation", "evaluate", inputs, partial(_work, chosen), sample=CROSSINGS)


def _work(config: EvaluationConfig, workspace: Workspace, progress: Progress) -> dict[str, Any]:
    scored = ScoredModel.of(workspace, config.classical_menu())
    events, scores = scored.events(), scored.scores()
    progress.start("evaluation", _PARTS * len(scores))
    khz, rng = scored.menu.rates.khz, np.random.default_rng(config.seed)
    found = {}
    for name, samples in scored.samples(events).items():
        score, shift = scores[name], config.shift_percent
        result = score_performance(
            events, samples, score, config.rates_khz, khz, shift_percent=shift, rng=rng, advance=progress.advance
        )
        found[name] = result.to_dict()
    progress.finish()
    bits = classical_bits(scored.classical, events[ZERO_BIAS].select(slice(0, 1)))
    words = scored.words(events)
    background = {"background": background_estimate(words, WeightedSample.of(events[ZERO_BIAS]))} if len(words) == 2 else {}
    return {
        "model_digest": scored.model.digest,
        "classical": {"menu": scored.classical.name, "seeds": list(bits.seeds), "undecided": dict(bits.undecided)},
        "crossing_rate_khz": khz,
        "shift_percent": config.shift_percent,
        "scores": found,
        **background,
    }
