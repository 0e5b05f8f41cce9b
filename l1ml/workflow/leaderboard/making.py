"""What a row needs, made step by step: each is taken where nothing has changed, so that a second run only reads."""

from __future__ import annotations

from dataclasses import dataclass, replace

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.estimate import alkaid_estimate
from l1ml.errors import ConfigError
from l1ml.progress import Part, Progress
from l1ml.workflow.conversion_step import CONVERSION
from l1ml.workflow.leaderboard.float_step import FLOATS, has_floats
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.leaderboard.worth_step import worth_step
from l1ml.workflow.run import steps_of
from l1ml.workflow.step import Step, perform
from l1ml.workflow.synthesis_step import SYNTHESIS
from l1ml.workflow.training_step import TRAINING
from l1ml.workflow.verification_step import verification_step
from l1ml.workflow.workspace import Workspace

__all__ = ["BoardConfig", "build", "measure", "obstacle", "sample_step"]


@dataclass(frozen=True, slots=True)
class BoardConfig:
    """What a leaderboard asks of each variant.

    Parameters
    ----------
    rate_khz : float
        Zero-bias rate at which efficiencies are compared.
    largest_lut : int
        Projects whose estimate is larger are not synthesised by Yosys, whose time grows faster than they do; 0 synthesises none.
    n_random, budget_s : numbers, optional
        Random crossings and seconds of RTL simulation of each verification, in place of those of the recipe.

    Raises
    ------
    ConfigError
        If a number is out of its range.
    """

    rate_khz: float = 1.0
    largest_lut: int = 40_000
    n_random: int | None = None
    budget_s: float | None = None

    def __post_init__(self) -> None:
        if not self.rate_khz > 0 or self.largest_lut < 0:
            received = f"{self.rate_khz!r} kHz and {self.largest_lut!r} LUT"
            msg = f"the rate must be positive and the largest project not negative, received {received}"
            raise ConfigError(msg)


def obstacle(workspace: VariantWorkspace) -> str:
    """Why the variant cannot be made; empty if it can."""
    if workspace.variant.is_float and not has_floats(workspace.recipe):
        return f"the family {workspace.recipe.model.family!r} is not trained in floats"
    if workspace.variant.is_trained and not workspace.variant.is_float and getattr(workspace.recipe.family, "learns_bits", False):
        return f"the family {workspace.recipe.model.family!r} has no network but of learned bits"
    return ""


def measure(workspace: VariantWorkspace, config: BoardConfig, progress: Progress, *, force: bool = False) -> None:
    """Train the variant and find what it is worth; convert it, which gives the estimate of its logic."""
    trained = (FLOATS if workspace.variant.is_float else TRAINING,) if workspace.variant.is_trained else ()
    converted = () if workspace.variant.is_float else (CONVERSION,)
    for step in (*trained, worth_step(config.rate_khz), *converted):
        _perform(step, workspace, progress, force=force)


def build(workspace: VariantWorkspace, config: BoardConfig, progress: Progress, *, force: bool = False) -> None:
    """Count the logic of what `measure` has converted and compare every implementation of it, which takes most of the time."""
    if workspace.variant.is_float:
        return
    if (alkaid_estimate(workspace.project(RTL_LANGUAGES)).lut or 0) <= config.largest_lut:
        _perform(SYNTHESIS, workspace, progress, force=force)
    of_recipe = workspace.recipe.verification
    chosen = {name: getattr(config, name) for name in ("n_random", "budget_s") if getattr(config, name) is not None}
    _perform(verification_step(config=replace(of_recipe, **chosen)), workspace, progress, force=force)


def _perform(step: Step, workspace: VariantWorkspace, progress: Progress, *, force: bool) -> None:
    """Of the shipped variant, what the last run of the model has left is taken where it is the same."""
    heard = Part(progress, f"{workspace.recipe.model.name} {workspace.variant.name}")
    perform(step, workspace, heard, force=force, also=None if workspace.variant.is_trained else workspace.sample)


def sample_step(workspace: Workspace) -> Step:
    """The step that makes the events or jets, which all variants share."""
    return steps_of(workspace)[0]
