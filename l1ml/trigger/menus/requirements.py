"""What a condition of the Global Trigger asks of the objects, in hardware values only.

Every reader of a menu (XML, HTML report, TOML) ends in these values and the evaluation starts from them, so that an object, a
cut or a limit means one thing. No floating point: a limit that the menu states as a decimal is an integer with its decimal
precision beside it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

__all__ = [
    "SCORE_KINDS",
    "UNLIMITED",
    "ConditionKind",
    "ConditionRequirement",
    "CorrelationCut",
    "CorrelationKind",
    "Cut",
    "CutKind",
    "ObjectRequirement",
    "Window",
]

CutKind: TypeAlias = Literal[
    "eta",
    "phi",
    "unconstrained_pt",
    "index",
    "slice",
    "score",
    "cicada_score",
    "quality",
    "isolation",
    "displaced",
    "impact",
    "charge",
    "model",
    "winner",
]
"""Eta to cicada_score carry a window, quality to impact a table, charge and model a text, winner the output of a network."""

CorrelationKind: TypeAlias = Literal[
    "deta", "dphi", "dr", "mass", "mass_upt", "mass_over_dr", "tbpt", "charge", "orm_deta", "orm_dphi", "orm_dr"
]

ConditionKind: TypeAlias = Literal[
    "single",
    "double",
    "triple",
    "quad",
    "sum",
    "tower_count",
    "min_bias",
    "centrality",
    "asymmetry",
    "external",
    "muon_shower",
    "zdc",
    "anomaly",
    "topology",
    "cicada",
    "correlation",
    "invariant_mass",
    "mass_three",
    "mass_upt",
    "mass_over_dr",
    "transverse_mass",
    "overlap_removal",
]

SCORE_KINDS: frozenset[ConditionKind] = frozenset({"anomaly", "topology"})
"""Conditions on the score of a network that runs in the Global Trigger."""

UNLIMITED = 2**63 - 1
"""Upper limit of a correlation cut that has none: the largest signed 64-bit word."""


@dataclass(frozen=True, slots=True)
class Window:
    """Inclusive range of words, ``minimum <= word <= maximum``.

    Parameters
    ----------
    minimum : int
        Lowest word; eta words are signed (two's complement undone), phi, index, slice and scores are not.
    maximum : int, optional
        Highest word; None has no upper limit (scores). Below `minimum` only for phi, where the window wraps through 0:
        ``word >= minimum or word <= maximum``.
    """

    minimum: int
    maximum: int | None = None

    @property
    def wraps(self) -> bool:
        """Whether the window passes through the word 0 of phi."""
        return self.maximum is not None and self.maximum < self.minimum


@dataclass(frozen=True, slots=True)
class Cut:
    """One named cut on one object.

    Parameters
    ----------
    kind : str
        One of `CutKind`.
    name : str
        Name in the menu, such as "MU-QLTY_SNGL".
    window : Window, optional
        For the kinds eta, phi, unconstrained_pt, index, slice, and for score and cicada_score (no maximum).
    table : int, optional
        For quality (16 bit), isolation and impact (4 bit), displaced (2 bit): bit ``w`` is set where the word w passes.
    text : str
        For charge ("positive", "negative") and model ("v4").
    rate_khz : float, optional
        For score: the zero-bias rate that its threshold is derived for; without a window the threshold is still to be derived.
    output : str
        For score and winner: which output of the network, by its label (a class, such as "b") or its number from 0; empty for
        its only one.
    against : str
        For the score of an object: the output that is subtracted. The difference of two logits is a log-likelihood ratio.
    """

    kind: CutKind
    name: str
    window: Window | None = None
    table: int | None = None
    text: str = ""
    rate_khz: float | None = None
    output: str = ""
    against: str = ""


@dataclass(frozen=True, slots=True)
class ObjectRequirement:
    """One object of a condition.

    Parameters
    ----------
    object : str
        Type in the grammar: "MU", "EG", "TAU", "JET", "ETT", "HTM", "MBT0HFP", "TOWERCOUNT", "CENT0", "MUS1", "EXT", "AXO", ...
    threshold_hw : int
        Word that pt, energy or count is compared with; 0 for objects without threshold.
    comparison : str
        ">=" or "==".
    bx_offset : int
        Crossing of the object relative to the decision: -2 to 2; +1 is the next crossing.
    cuts : tuple of Cut
        All must pass, but cuts of the same kind are alternatives: see `windows` and `table`.
    name : str
        Text in the grammar without offset and cuts, such as "MU4p5" or "EXT_ZeroBias_BPTX_AND_VME".
    channel : int, optional
        Bit of an external signal, 0 to 255, where the menu states it (XML); None where only the name is known (HTML report).
    """

    object: str
    threshold_hw: int
    comparison: Literal[">=", "=="] = ">="
    bx_offset: int = 0
    cuts: tuple[Cut, ...] = ()
    name: str = ""
    channel: int | None = None

    def of_kind(self, kind: CutKind) -> tuple[Cut, ...]:
        """Cuts of one kind, in the order of the menu."""
        return tuple(cut for cut in self.cuts if cut.kind == kind)

    def windows(self, kind: CutKind) -> tuple[Window, ...]:
        """Windows of one kind: the object passes inside any of them, or always if there are none."""
        return tuple(cut.window for cut in self.of_kind(kind) if cut.window is not None)

    def table(self, kind: CutKind) -> int | None:
        """Words that pass as set bits, over all cuts of one kind; None if there is no cut."""
        tables = [cut.table for cut in self.of_kind(kind) if cut.table is not None]
        merged = 0
        for table in tables:
            merged |= table
        return merged if tables else None


@dataclass(frozen=True, slots=True)
class CorrelationCut:
    """One named cut between the objects of a condition.

    Parameters
    ----------
    kind : str
        One of `CorrelationKind`; the ``orm_`` kinds remove objects of the first legs near the last one.
    name : str
        Name in the menu, such as "MASS_MASS_7to18".
    minimum, maximum : int
        Inclusive limits times ``10 ** precision`` of: ``|deta|``, ``|dphi|``, ``dR ** 2``, ``mass ** 2 / 2`` (invariant,
        transverse, three-body and unconstrained-pt mass), ``mass ** 2 / 2 / dR ** 2`` and ``pt ** 2`` (tbpt), as the HTML
        report prints them. The last two have no upper limit: `UNLIMITED`. 0 for charge.
    precision : int
        Decimal digits behind the point.
    text : str
        Only for charge: "os" opposite, "ls" like sign.
    """

    kind: CorrelationKind
    name: str
    minimum: int = 0
    maximum: int = 0
    precision: int = 0
    text: str = ""


@dataclass(frozen=True, slots=True)
class ConditionRequirement:
    """One condition: a bit for each crossing.

    Parameters
    ----------
    name : str
        Text in the grammar without white space; the AST refers to conditions by it.
    kind : str
        One of `ConditionKind`; every ``_orm`` function is "overlap_removal" (its last object is the reference).
    objects : tuple of ObjectRequirement
        In the order of the grammar.
    cuts : tuple of CorrelationCut
        All must pass.
    function : str
        Function of the grammar: "comb", "dist", "mass_inv", "mass_inv_3", "mass_inv_upt", "mass_inv_dr", "mass_trv", "comb_orm",
        "dist_orm", "mass_inv_orm", "mass_trv_orm", or "" for a single object.
    """

    name: str
    kind: ConditionKind
    objects: tuple[ObjectRequirement, ...]
    cuts: tuple[CorrelationCut, ...] = ()
    function: str = ""

    @property
    def network(self) -> str | None:
        """Network whose score of the crossing is cut on, as the model cut names it; None for a condition on objects."""
        if self.kind not in SCORE_KINDS:
            return None
        models = [cut.text for cut in self.objects[0].of_kind("model")]
        return models[0] if models else self.objects[0].object

    @property
    def networks(self) -> tuple[str, ...]:
        """Networks whose scores of the crossing or of its objects the condition cuts on, each once."""
        if self.network is not None:
            return (self.network,)
        return tuple(dict.fromkeys(cut.text for item in self.objects for cut in item.of_kind("model")))

    @property
    def score_cuts(self) -> tuple[Cut, ...]:
        """Cuts on the score that a network gives the crossing."""
        return self.objects[0].of_kind("score") if self.kind in SCORE_KINDS else ()

    def score_of(self, cut: Cut) -> str:
        """Name of the score that `cut` is on: that of the network, with the output behind a dot where the cut names one."""
        network = self.network or ""
        return f"{network}.{cut.output}" if cut.output else network

    @property
    def scores(self) -> tuple[str, ...]:
        """Names of the scores that the condition cuts on, each once; all cuts on them must pass."""
        return tuple(self.score_outputs)

    @property
    def score_outputs(self) -> dict[str, str]:
        """Output of the network behind each of `scores`."""
        named = {self.score_of(cut): cut.output for cut in self.score_cuts}
        return named or ({self.network: ""} if self.network else {})

    @property
    def lacks_threshold(self) -> bool:
        """Whether the threshold on a score is still to be derived for a rate."""
        return any(cut.window is None for item in self.objects for cut in item.of_kind("score"))

    def of_kind(self, kind: CorrelationKind) -> tuple[CorrelationCut, ...]:
        """Correlation cuts of one kind, in the order of the menu."""
        return tuple(cut for cut in self.cuts if cut.kind == kind)
