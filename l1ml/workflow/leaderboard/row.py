"""One row of a leaderboard: what a variant of a model is worth and what it takes, read from what its steps have left."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from l1ml.conversion.config import RTL_LANGUAGES
from l1ml.conversion.estimate import alkaid_estimate
from l1ml.errors import DataError
from l1ml.trigger.performance.resampling import Resampled
from l1ml.workflow.conversion_step import CONVERSION
from l1ml.workflow.leaderboard.float_step import FLOATS
from l1ml.workflow.leaderboard.variant_workspace import VariantWorkspace
from l1ml.workflow.leaderboard.worth_step import worth_step
from l1ml.workflow.recipe import Recipe
from l1ml.workflow.step import Step, earlier_result
from l1ml.workflow.synthesis_step import SYNTHESIS
from l1ml.workflow.training_step import TRAINING
from l1ml.workflow.verification_step import verification_step

__all__ = ["Count", "Latency", "Row", "Words", "read_row"]


@dataclass(frozen=True, slots=True)
class Count:
    """Logic of a project as one tool counts it; `stage` "estimate" is no synthesis."""

    tool: str
    version: str
    stage: str
    part: str
    lut: int
    ff: int
    dsp: int | None


@dataclass(frozen=True, slots=True)
class Latency:
    """From the first word to the score; `source` says who measured or estimated it."""

    cycles: int
    ns: float
    source: str


@dataclass(frozen=True, slots=True)
class Words:
    """Score words compared in the pair that saw the fewest, number of pairs, different words in all of them."""

    compared: int
    pairs: int
    different: int


@dataclass(frozen=True, slots=True)
class Row:
    """One variant of one model; what has not been made is None or absent.

    Parameters
    ----------
    model, variant : str
        Which one.
    numbers : str
        Its formats and pruning in words.
    digest : str or None
        Of the model, or of the weights of one in floats.
    seed : int
        Of its training.
    figures : mapping of str to Resampled
        What it is worth; shares between 0 and 1.
    unresolved : mapping of str to str
        Rates that the sample does not resolve, and why.
    counts : tuple of Count
        Logic, the estimate first.
    latency : Latency or None
        Measured in the simulated RTL where that has run.
    words : Words or None
        Verification.
    note : str
        Why a part is missing, where that has a reason.
    """

    model: str
    variant: str
    numbers: str
    digest: str | None
    seed: int
    figures: Mapping[str, Resampled]
    unresolved: Mapping[str, str]
    counts: tuple[Count, ...]
    latency: Latency | None
    words: Words | None
    note: str = ""

    @property
    def count(self) -> Count | None:
        """The count of the latest stage."""
        return self.counts[-1] if self.counts else None

    def to_dict(self) -> dict[str, Any]:
        """Plain values for JSON; of the draws only the error that they give."""
        figures = {name: {"value": item.value, "error": item.error} for name, item in self.figures.items()}
        parts = {"latency": self.latency and asdict(self.latency), "words": self.words and asdict(self.words)}
        names = ("model", "variant", "numbers", "digest", "seed")
        return {
            **{name: getattr(self, name) for name in names},
            "figures": figures,
            "unresolved": dict(self.unresolved),
            "counts": [asdict(item) for item in self.counts],
            **parts,
            "note": self.note,
        }


def read_row(workspace: VariantWorkspace, rate_khz: float, note: str = "") -> Row:
    """The row of what is there and still follows from the recipe; nothing is made."""
    trained = _there(FLOATS if workspace.variant.is_float else TRAINING, workspace) if workspace.variant.is_trained else {}
    worth = None if trained is None else _there(worth_step(rate_khz), workspace)
    has_firmware = trained is not None and not workspace.variant.is_float
    verification = _there(_any_verification(workspace), workspace) if has_firmware else None
    counts = _counts(workspace) if has_firmware else ()
    figures = {} if worth is None else worth["figures"]
    return Row(
        model=workspace.recipe.model.name,
        variant=workspace.variant.name,
        numbers=numbers_of(workspace.recipe, is_float=workspace.variant.is_float),
        digest=_digest(workspace) if trained is not None else None,
        seed=workspace.recipe.training.seed,
        figures={name: Resampled(item["value"], tuple(item["draws"])) for name, item in figures.items()},
        unresolved={} if worth is None else worth["unresolved"],
        counts=counts,
        latency=_latency(workspace, verification, has_estimate=bool(counts)),
        words=None if verification is None else _words(verification),
        note=note,
    )


def numbers_of(recipe: Recipe, *, is_float: bool) -> str:
    """Formats and pruning of a recipe in words."""
    training = recipe.training
    if is_float:
        return "float32"
    bits = getattr(training, "bits", None)
    if bits is not None:
        return f"bits learned of each {bits.granularity}"
    formats = training.quantisation
    pruned = f"{100 * training.sparsity:.0f} % pruned" if training.sparsity else "not pruned"
    return f"weights {formats.weight_bits}, activations {formats.activation_bits} bits, {pruned}"


def _any_verification(workspace: VariantWorkspace) -> Step:
    """The step for the fewest crossings: an earlier result of any size is taken, since the row says how many it saw."""
    return verification_step(config=replace(workspace.recipe.verification, n_random=1, budget_s=0.0))


def _there(step: Step, workspace: VariantWorkspace) -> dict[str, Any] | None:
    """What `step` has left, if it is current; None too where what it starts from is not there."""
    try:
        return earlier_result(step, workspace)
    except DataError:
        return None


def _digest(workspace: VariantWorkspace) -> str | None:
    if workspace.variant.is_float:
        content = _there(FLOATS, workspace)
        return None if content is None else str(content["weights_digest"])
    try:
        return workspace.model().digest
    except DataError:
        return None


def _counts(workspace: VariantWorkspace) -> tuple[Count, ...]:
    """Every count of the RTL, the estimate first; that of a conversion where no synthesis was asked for."""
    if _there(CONVERSION, workspace) is None:
        return ()
    synthesis = _there(SYNTHESIS, workspace)
    reports = [alkaid_estimate(workspace.project(RTL_LANGUAGES)).to_dict()] if synthesis is None else synthesis["reports"]
    names = ("tool", "version", "stage", "part", "lut", "ff", "dsp")
    return tuple(Count(**{name: item[name] for name in names}) for item in reports if item["stage"] != "hls")


def _latency(workspace: VariantWorkspace, verification: Mapping[str, Any] | None, *, has_estimate: bool) -> Latency | None:
    measured = None if verification is None else verification["latency"]
    if measured is not None:
        return Latency(measured["cycles"], measured["latency_ns"], str(measured["measured_by"]))
    if not has_estimate:
        return None
    report = alkaid_estimate(workspace.project(RTL_LANGUAGES))
    cycles, clock_ns = report.latency_cycles or 0, report.clock_ns or 0.0
    return Latency(cycles, cycles * clock_ns, f"{report.tool} {report.version}, estimate")


def _words(verification: Mapping[str, Any]) -> Words:
    pairs = verification["pairs"]
    return Words(min(item["n_words"] for item in pairs), len(pairs), sum(item["n_mismatched"] for item in pairs))
