"""The header of a network: functions of its operations, and what leads a block of crossings through them."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

import l1ml
from l1ml.conversion.cpp.functions import operation_text
from l1ml.conversion.cpp.integer_type import integer_type
from l1ml.conversion.cpp.loops import indented, table
from l1ml.conversion.cpp.source import NamedNetwork
from l1ml.conversion.cpp.workspace import Workspace
from l1ml.conversion.templates import render
from l1ml.errors import ConversionError
from l1ml.model import Network
from l1ml.storage import digest_of

__all__ = ["Header"]

_LINK = 32
"""Bits of the words that frameworks hand over."""


@dataclass(frozen=True)
class Header:
    """``<name>_<digest8>.h`` of a model.

    Parameters
    ----------
    model : NamedNetwork
        What it is of.

    Raises
    ------
    ConversionError
        If an input word is wider than 32 bits.
    """

    model: NamedNetwork

    def __post_init__(self) -> None:
        for feature, item in zip(self.model.features, self.model.network.input_formats, strict=True):
            if integer_type(item.min_word, item.max_word).width > _LINK:
                msg = f"input {feature!r} has the format {item}; the C++ interface takes words of int32, narrow it to that"
                raise ConversionError(msg)

    @property
    def stem(self) -> str:
        """Name of the model and eight digits of its digest, as a file may be called."""
        name = re.sub(r"\W", "_", self.model.name, flags=re.ASCII)
        return f"{name}_{self.model.digest[:8]}"

    @property
    def label(self) -> str:
        """Name of the model as a comment or a string of C++ may hold it, whatever is in it."""
        return json.dumps(self.model.name)[1:-1]

    @property
    def namespace(self) -> str:
        """C++ namespace of all that the header has, and beginning of the symbols of its C interface."""
        return f"l1ml_{self.stem}"

    @cached_property
    def workspace(self) -> Workspace:
        """Where words are kept."""
        return Workspace(self.model.network)

    @cached_property
    def content(self) -> bytes:
        """The file."""
        # the inner namespace is a digest of everything, itself excepted
        return self._render(digest_of(self._render(""))[:8])

    def _render(self, export: str) -> bytes:
        network, workspace = self.model.network, self.workspace
        return render(
            "cpp_header.h",
            name=self.label,
            version=l1ml.__version__,
            space=self.namespace,
            guard=f"{self.namespace.upper()}_H",
            export=export,
            digest=self.model.digest,
            n_inputs=len(network.input_formats),
            n_outputs=network.n_outputs,
            lanes=workspace.lanes,
            stack_bytes=workspace.stack_bytes,
            functions="\n".join(_functions(network, workspace)),
            limits=_limits(network),
            arrays=indented([f"alignas(64) {kind} words{kind.width}[{rows}][lanes];" for kind, rows in workspace.rows.items()]),
            input=_place(workspace, 0),
            input_type=workspace.type_of(0),
            calls=indented(list(_calls(network, workspace))),
            output=_place(workspace, len(network.nodes)),
        )


def _functions(network: Network, workspace: Workspace) -> Iterator[str]:
    """Text of each function that is needed, with a line on what it does."""
    for stage in workspace.reached[1:]:
        node, after = network.nodes[stage - 1], network.stages[stage]
        before = [network.stages[source] for source in node.sources]
        sources = " and ".join(f"stage {source}" for source in node.sources)
        reach = f"{int(after.low.min())} to {int(after.high.max())}, {after.fractional} fractional bits"
        comment = f"// stage {stage}, {node.operation.to_dict()['kind']} of {sources}: {len(after.low)} words from {reach}\n"
        yield comment + operation_text(f"stage_{stage}", node.operation, before, after)


def _limits(network: Network) -> str:
    stage = network.stages[0]
    return indented([table("low", stage.low), table("high", stage.high)])


def _calls(network: Network, workspace: Workspace) -> Iterator[str]:
    """A call of each function, in order."""
    for stage in workspace.reached[1:]:
        places = [_place(workspace, index) for index in (*network.nodes[stage - 1].sources, stage)]
        yield f"stage_{stage}({', '.join(places)});"


def _place(workspace: Workspace, stage: int) -> str:
    """First row of a stage."""
    return f"words{workspace.type_of(stage).width} + {workspace.places[stage]}"
