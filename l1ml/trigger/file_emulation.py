"""Networks and a menu over files of crossings in one pass: scores and algorithm bits, into a decision file."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from l1ml.data.event_layout import part_path
from l1ml.data.events import Events
from l1ml.data.schema import LEVEL1_SCHEMA
from l1ml.emulation.blas_threads import one_blas_thread
from l1ml.emulation.portable import PortableNetwork
from l1ml.errors import ConfigError, DataError, SchemaError
from l1ml.hardware import FixedPoint
from l1ml.progress import SILENT, Progress
from l1ml.storage import digest_of
from l1ml.trigger.crossing_source import CrossingBatch, CrossingSource, total_crossings
from l1ml.trigger.decision_file import DecisionBatch, DecisionHeader
from l1ml.trigger.decision_writer import DecisionWriter
from l1ml.trigger.decisions import Decisions, FinalDecisionLogic
from l1ml.trigger.evaluation import Decision, evaluate
from l1ml.trigger.menus.menu import Menu
from l1ml.trigger.menus.toml_menu import toml_of_menu
from l1ml.trigger.networks import BoundNetwork, NetworkInputs, select_scores

__all__ = ["Emulation", "emulate_files"]

_Given = TypeVar("_Given")
_Result = TypeVar("_Result")
_INT32_BITS = 31
"""Bits of a magnitude that int32 holds."""


@dataclass(frozen=True)
class Emulation:
    """What is computed of every crossing.

    Parameters
    ----------
    networks : mapping of str to PortableNetwork or BoundNetwork
        By the name that menus and the decision file call them. A portable network reads the events of its own schema, or, if
        that is `LEVEL1_SCHEMA`, the same words of any crossings.
    menu : Menu, optional
        Decided with the scores of the networks.

    Raises
    ------
    ConfigError
        If nothing is asked for, or the menu has thresholds on another model.
    """

    networks: Mapping[str, PortableNetwork | BoundNetwork]
    menu: Menu | None = None

    def __post_init__(self) -> None:
        if not self.networks and self.menu is None:
            msg = "there is nothing to emulate: name a model, the file of a network, or a menu"
            raise ConfigError(msg)
        for name in self.networks:
            if not name or "/" in name:
                msg = f"a network is called {name!r}, which cannot be the name of a column; give it another one"
                raise ConfigError(msg)
        if self.menu is not None:
            self.menu.check_networks(self.digests)

    @property
    def digests(self) -> dict[str, str]:
        """Digest of each network."""
        return {name: network.digest for name, network in self.networks.items()}

    @property
    def bindings(self) -> dict[str, list[Any]]:
        """What decides the words of each bound network, and how the menu calls its outputs, besides its digest."""
        return {name: network.binding for name, network in self.networks.items() if isinstance(network, BoundNetwork)}

    def header(self, sources: Sequence[CrossingSource]) -> DecisionHeader:
        """Header of a decision file, before the first batch says which algorithms have bits."""
        files = tuple({"file": source.path.name, "digest": source.digest} for source in sources)
        if self.menu is None:
            return DecisionHeader(networks=self.digests, sources=files)
        digest = digest_of(toml_of_menu(self.menu).encode())
        return DecisionHeader(self.menu.name, digest, networks=self.digests, sources=files)

    def evaluate(self, given: tuple[CrossingBatch, Mapping[str, int]], *, alone: bool = False) -> Evaluated:
        """Scores and conditions of a batch, which depend on no other batch; `given` is the batch and the place after it.

        `alone` says that no other thread of this process computes meanwhile: numpy then works on what fits its own cache.

        Raises
        ------
        DataError, SchemaError
            If the crossings are not what a network reads.
        ConfigError
            If a threshold of the menu is not derived.
        """
        batch, place = given
        scores = {name: _scores(name, network, batch, alone=alone) for name, network in self.networks.items()}
        if self.menu is None:
            return Evaluated(batch, place, scores, {})
        labels = {name: _labels(network) for name, network in self.networks.items()}
        collections = {name: _collection(network) for name, network in self.networks.items()}
        rows = {name: words.reshape(_shape(batch.n, words, of_objects=bool(collections[name]))) for name, words in scores.items()}
        own = select_scores(self.menu, rows, labels, collections)
        return Evaluated(batch, place, scores, evaluate(self.menu, batch.columns, own))

    def narrow(self, scores: Mapping[str, NDArray[np.integer[Any]]]) -> dict[str, NDArray[Any]]:
        """Score words in the type that they have in a decision file."""
        return {name: words.astype(_score_type(self.networks[name]), copy=False) for name, words in scores.items()}


@dataclass(frozen=True, slots=True, eq=False)
class Evaluated:
    """A batch, the place after it in the sources, its scores, and what the conditions of a menu say."""

    batch: CrossingBatch
    place: Mapping[str, int]
    scores: Mapping[str, NDArray[np.integer[Any]]]
    conditions: Mapping[str, Decision]


def emulate_files(
    emulation: Emulation,
    sources: Sequence[CrossingSource],
    output: Path,
    *,
    threads: int = 1,
    resumable: bool = True,
    progress: Progress = SILENT,
) -> int:
    """Write the decision file `output` of all crossings of `sources`; a run that was cut off goes on where it stopped.

    Parameters
    ----------
    emulation : Emulation
        What to compute.
    sources : sequence of CrossingSource
        Files, one after the other; prescale counters go on from file to file.
    output : Path
        Decision file to make.
    threads : int
        Batches that are computed at once, while others are read and written; of one, everything is done in turn.
    resumable : bool
        Whether a run that is cut off leaves its batches to a second one, which costs a journal and waiting for the disk.
    progress : Progress
        Told after each batch.

    Returns
    -------
    int
        Crossings in the file.

    Raises
    ------
    DataError, SchemaError
        If a file is damaged or changes, holds what a network cannot read, or `output` was begun with other arguments.
    StorageError
        If the disk is full; finished batches are kept.
    """
    if threads < 1 or not sources:
        msg = f"received {threads} threads and {len(sources)} files; give one or more of each"
        raise ConfigError(msg)
    logic = None if emulation.menu is None else FinalDecisionLogic(emulation.menu)
    progress.start("crossings", total_crossings(sources))
    with DecisionWriter(output, emulation.header(sources), resumable=resumable) as writer, one_blas_thread():
        if logic is not None:
            logic.restore(writer.resume.get("counters", {}))
        _check_bindings(emulation, writer.resume, output)
        progress.advance(writer.n)
        evaluate = partial(emulation.evaluate, alone=threads == 1)
        for evaluated in _in_order(evaluate, _batches(sources, writer.resume), threads):
            _write(writer, emulation, evaluated, logic)
            progress.advance(evaluated.batch.n)
        if not writer.n:
            msg = f"there is no crossing in {', '.join(source.path.name for source in sources)}"
            raise DataError(msg)
    progress.finish()
    return writer.n


def _check_bindings(emulation: Emulation, resume: Mapping[str, Any], output: Path) -> None:
    """Refuse to go on with what other bindings began."""
    if not resume:
        return
    begun, bindings = resume.get("bindings", {}), emulation.bindings
    differ = [name for name in bindings if begun.get(name) != bindings[name]]
    if differ:
        msg = (
            f"{part_path(output)} was begun with {', '.join(differ)} bound otherwise (pt unit, muon phi, objects or labels); "
            "bind as before to go on, or delete it to begin anew"
        )
        raise DataError(msg)


def _batches(sources: Sequence[CrossingSource], resume: Mapping[str, Any]) -> Iterator[tuple[CrossingBatch, Mapping[str, int]]]:
    """Every batch from the place `resume` on, with the place after it."""
    first, done = int(resume.get("source", 0)), int(resume.get("crossing", 0))
    for index, source in enumerate(sources[first:], start=first):
        for batch in source.batches(done):
            done += batch.n
            yield batch, {"source": index, "crossing": done}
        done = 0


def _in_order(function: Callable[[_Given], _Result], given: Iterable[_Given], threads: int) -> Iterator[_Result]:
    """Results of `function` in the order of `given`, `threads` at a time; no more are begun than can soon be taken."""
    if threads == 1:
        yield from map(function, given)
        return
    pending: deque[Future[_Result]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        try:
            for item in given:
                pending.append(pool.submit(function, item))
                if len(pending) > threads:
                    yield pending.popleft().result()
            while pending:
                yield pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()


def _write(writer: DecisionWriter, emulation: Emulation, evaluated: Evaluated, logic: FinalDecisionLogic | None) -> None:
    """Masks and prescales, which depend on all batches before, then the file."""
    batch, scores = evaluated.batch, emulation.narrow(evaluated.scores)
    resume: dict[str, Any] = {**evaluated.place, "bindings": emulation.bindings}
    if logic is None:
        writer.append(DecisionBatch(batch.identity, scores), writer.header, resume)
        return
    decisions: Decisions = logic.finish(evaluated.conditions, batch.columns)
    header = replace(writer.header, algorithms=decisions.names, unsupported=decisions.unsupported)
    bits = decisions.before_bx_mask_and_prescale, decisions.final, decisions.final_or
    writer.append(DecisionBatch(batch.identity, scores, *bits), header, {**resume, "counters": logic.state})


def _scores(name: str, network: PortableNetwork | BoundNetwork, batch: CrossingBatch, *, alone: bool) -> NDArray[np.integer[Any]]:
    """Score words of `network`, shape (n,) or (n, k), of objects (n, slots) or (n, slots, k)."""
    if isinstance(network, BoundNetwork):
        words = network.scores(batch.columns)
        return words[..., 0] if words.shape[-1] == 1 else words
    events = batch.content
    if isinstance(events, Events) and events.schema.digest == network.schema_digest:
        if batch.checked and events.schema.feature_formats == network.emulator.input_formats:
            return network.emulator.predict_checked(events.n, events.feature_rows, alone=alone)
        return network.emulator.predict(events.features())
    if network.schema_digest == LEVEL1_SCHEMA.digest:
        return network.emulator.predict(NetworkInputs.of_level1().words_for(network.emulator, batch.columns))
    held = f"schema {events.schema.digest[:8]}" if isinstance(events, Events) else f"vectors of {events.era}"
    msg = f"network {name!r} was trained on events of schema {network.schema_digest[:8]}, these crossings are {held}"
    raise SchemaError(msg)


def _shape(n: int, words: NDArray[np.integer[Any]], *, of_objects: bool) -> tuple[int, ...]:
    """Shape of the words of `n` crossings with an axis of outputs."""
    return (*words.shape[:2], -1) if of_objects else (n, -1)


def _collection(network: PortableNetwork | BoundNetwork) -> str:
    """Collection whose objects `network` gives scores to, if it does."""
    return network.collection if isinstance(network, BoundNetwork) else ""


def _labels(network: PortableNetwork | BoundNetwork) -> Sequence[str]:
    """What menus call the outputs of `network`, besides their numbers."""
    return network.labels if isinstance(network, BoundNetwork) else network.score_names


def _score_type(network: PortableNetwork | BoundNetwork) -> type[np.signedinteger[Any]]:
    """Narrowest type that holds every score word."""
    form: FixedPoint = network.emulator.output_format
    return np.int32 if form.width - form.signed <= _INT32_BITS else np.int64
