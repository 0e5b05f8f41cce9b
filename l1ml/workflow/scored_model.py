"""The model of a workspace with the scores of its menu, and crossings as it judges them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from l1ml.data import Events
from l1ml.emulation.integers import IntegerEmulator
from l1ml.model import TriggerModel
from l1ml.trigger.efficiency import check_equal_weights
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import read_toml_menu
from l1ml.trigger.networks import select_scores
from l1ml.trigger.performance import ScoredSample, classical_bits
from l1ml.trigger.performance.importance import Score
from l1ml.workflow.decision_step import unseen_events, unseen_part
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["ScoredModel"]


@dataclass(frozen=True, eq=False, slots=True)
class ScoredModel:
    """A model and what its menu cuts on.

    Parameters
    ----------
    workspace : Workspace
        Where the model and its events are.
    model : TriggerModel
        The model.
    menu : Menu
        The menu of the model, for the scores and the rate of all crossings.
    classical : Menu
        The menu that the scores have to add to.
    emulator : IntegerEmulator
        The integer network.
    """

    workspace: Workspace
    model: TriggerModel
    menu: Menu
    classical: Menu
    emulator: IntegerEmulator

    @classmethod
    def of(cls, workspace: Workspace, classical: Menu | None = None) -> ScoredModel:
        """Model of `workspace`; without a `classical` menu, scores add to the seeds of its own menu."""
        model, menu = workspace.model(), read_toml_menu(workspace.menu_file)
        return cls(workspace, model, menu, classical or menu, IntegerEmulator(model.network))

    def events(self) -> dict[str, Events]:
        """Crossings of each process that no training has seen.

        Raises
        ------
        DataError
            If they have not been made, or those of a signal have different weights.
        """
        return self._checked({name: unseen_events(self.workspace, name, self.model) for name in self.workspace.event_files()})

    def unseen(self, events: Mapping[str, Events]) -> dict[str, Events]:
        """The crossings of `events`, made under other conditions, whose hard collisions no training has seen."""
        return self._checked({name: unseen_part(self.workspace, name, item, self.model) for name, item in events.items()})

    @staticmethod
    def _checked(events: dict[str, Events]) -> dict[str, Events]:
        for name, item in events.items():
            if name != ZERO_BIAS:
                check_equal_weights(name, item.weight)
        return events

    def scores(self) -> dict[str, Score]:
        """Each score of the menu that is of this model, as a function of the input words."""
        mine = [name for name, (network, _) in self.menu.score_outputs.items() if network == self.model.name]
        return {name: partial(self._score, name) for name in mine}

    def _score(self, name: str, words: NDArray[np.int32]) -> NDArray[np.int64]:
        return self._words(words)[name]

    def _words(self, words: NDArray[np.int32]) -> Mapping[str, NDArray[np.int64]]:
        """Score words of the input `words`, for each score."""
        outputs = self.emulator.predict(words).reshape(len(words), self.emulator.n_outputs)
        scores = select_scores(self.menu, {self.model.name: outputs})
        return {name: found.astype(np.int64, copy=False) for name, found in scores.items()}

    def words(self, events: Mapping[str, Events]) -> dict[str, dict[str, NDArray[np.int64]]]:
        """Score words of the crossings of each process, for each score of this model."""
        made = {process: self._words(item.features()) for process, item in events.items()}
        return {name: {process: words[name] for process, words in made.items()} for name in self.scores()}

    def samples(self, events: Mapping[str, Events]) -> dict[str, dict[str, ScoredSample]]:
        """For each score, the crossings of each process as the trigger judges them; network and seeds look at them once."""
        found: dict[str, dict[str, ScoredSample]] = {name: {} for name in self.scores()}
        # a menu without a score of this model may have those of others, which are not here
        for process, item in events.items() if found else ():
            words, fired = self._words(item.features()), classical_bits(self.classical, item).fired
            for name, samples in found.items():
                samples[process] = ScoredSample.of(process, item, words[name], fired)
        return found
