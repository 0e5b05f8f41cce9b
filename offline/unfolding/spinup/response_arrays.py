"""A learnt response as arrays, for checkpoints, and back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from l1ml.errors import SchemaError
from offline.unfolding.spinup.coordinates import Coordinates
from offline.unfolding.spinup.flow import Flow
from offline.unfolding.spinup.response import Efficiency, Response
from offline.unfolding.spinup.settings import FlowSettings

__all__ = ["arrays_of", "numbered", "response_of", "with_numbers"]

_LAYOUT = 2
"""Of the arrays; the first one had no number, and no spectrum."""


def arrays_of(response: Response) -> dict[str, NDArray[Any]]:
    """Everything that `response` holds but the names."""
    arrays: dict[str, NDArray[Any]] = {"layout": np.asarray(_LAYOUT), "fake_share": np.asarray(response.fake_share)}
    for name in ("gen", "reco"):
        coordinates: Coordinates = getattr(response, name)
        arrays |= {f"{name}.table": coordinates.table, f"{name}.whole": coordinates.whole}
        arrays[f"{name}.reach"] = np.asarray(coordinates.reach)
    for name in ("surrogate", "proposal", "spectrum", "efficiency"):
        network = getattr(response, name)
        arrays |= with_numbers([] if network is None else network.get_weights(), f"{name}.")
    if response.fakes is not None:
        arrays |= {"fakes.reco": response.fakes[0], "fakes.weight": response.fakes[1]}
    return arrays | {f"losses.{name}": np.asarray(values) for name, values in response.losses.items()}


def response_of(
    arrays: Mapping[str, NDArray[Any]], names: tuple[str, ...], settings: FlowSettings, spectrum: FlowSettings
) -> Response:
    """The response that `arrays_of` made `arrays` of.

    Raises
    ------
    SchemaError
        If another version of `arrays_of` made them.
    """
    _check_layout(int(arrays.get("layout", 1)))
    gen, reco = (
        Coordinates(arrays[f"{name}.table"], arrays[f"{name}.whole"], float(arrays[f"{name}.reach"])) for name in ("gen", "reco")
    )
    flows = {
        "surrogate": Flow(reco.d, gen.d, 1, settings),
        "proposal": Flow(gen.d, reco.d, 1, settings),
        "spectrum": Flow(gen.d, 0, 1, spectrum),
    }
    for name, flow in flows.items():
        flow.set_weights(numbered(arrays, f"{name}."))
    efficiency = None
    if kept := numbered(arrays, "efficiency."):
        efficiency = Efficiency(gen.d, settings.hidden, 0.5, 0)
        efficiency.set_weights(kept)
    return Response(
        names=names,
        gen=gen,
        reco=reco,
        **flows,
        efficiency=efficiency,
        fakes=(arrays["fakes.reco"], arrays["fakes.weight"]) if "fakes.reco" in arrays else None,
        fake_share=float(arrays["fake_share"]),
        losses={key.removeprefix("losses."): values.tolist() for key, values in arrays.items() if key.startswith("losses.")},
    )


def _check_layout(layout: int) -> None:
    if layout == _LAYOUT:
        return
    what = f"the checkpoint holds a response of layout {layout}, this l1ml reads layout {_LAYOUT}"
    msg = f"{what}: {'install a newer one' if layout > _LAYOUT else 'delete the folder of the checkpoint and unfold again'}"
    raise SchemaError(msg)


def with_numbers(weights: Sequence[NDArray[Any]], prefix: str) -> dict[str, NDArray[Any]]:
    """Weights of a network under `prefix` and their numbers."""
    return {f"{prefix}{index:02d}": values for index, values in enumerate(weights)}


def numbered(arrays: Mapping[str, NDArray[Any]], prefix: str) -> list[NDArray[Any]]:
    """Arrays under `prefix` in the order of their numbers."""
    return [np.asarray(arrays[key]) for key in sorted(arrays) if key.startswith(prefix)]
