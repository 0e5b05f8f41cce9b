"""One design of a scan: trained, converted, measured; the result is one small file that no later run makes again."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np

import l1ml
from l1ml._optional import require
from l1ml.conversion.rtl import rtl_project
from l1ml.conversion.spread import spread_of
from l1ml.conversion.yosys import synthesise_with_yosys
from l1ml.emulation.integers import IntegerEmulator
from l1ml.errors import ConfigError, DataError
from l1ml.model import TriggerModel
from l1ml.progress import Checking
from l1ml.storage import digest_of, read_json, write_json
from l1ml.trigger.efficiency import efficiency
from l1ml.trigger.menus.crossing_rate import CrossingRate
from l1ml.trigger.thresholds import threshold_at_rate
from l1ml.workflow.decision_step import unseen_events
from l1ml.workflow.scan_config import Design, ScanConfig
from l1ml.workflow.workspace import ZERO_BIAS, Workspace

__all__ = ["ScanJob", "row_folder"]


def row_folder(workspace: Workspace) -> Path:
    """Where the rows of a scan are, one file each."""
    return workspace.run / "scan" / "rows"


@dataclass(frozen=True)
class ScanJob:
    """A job for `l1ml.data.jobs.crew_of` that leaves the row of one design.

    Parameters
    ----------
    workspace : Workspace
        Has the events.
    design : Design
        What to train and how to convert it.
    scan : ScanConfig
        What to measure.
    versions : tuple of (str, str)
        Distributions that decide the result; part of the digest.
    """

    workspace: Workspace
    design: Design
    scan: ScanConfig
    versions: tuple[tuple[str, str], ...]

    @cached_property
    def key(self) -> str:
        """Digest of everything that decides the row."""
        measure = [self.scan.score, self.scan.rate_khz, self.scan.yosys]
        return digest_of([*self._training_inputs(), self.design.conversion.to_dict(), measure])

    def _training_inputs(self) -> list[Any]:
        """Everything that decides the trained model."""
        events = list(self.workspace.event_digests())
        family = self.workspace.recipe.model.family
        return [l1ml.__version__, dict(self.versions), events, family, asdict(self.design.training)]

    @property
    def model_folder(self) -> Path:
        """Where the trained model is; designs that differ in the clock alone share it."""
        return row_folder(self.workspace).with_name("models") / digest_of(self._training_inputs())[:16]

    @property
    def path(self) -> Path:
        """File of the row."""
        return row_folder(self.workspace) / f"{self.key[:16]}.json"

    @property
    def units(self) -> int:
        """Weight of the job in the progress bar."""
        return 1

    def is_done(self) -> bool:
        """Whether the row is there and whole; one that cannot be read is made again."""
        try:
            return self.path.is_file() and read_json(self.path, "l1ml scan")["key"] == self.key
        except (DataError, KeyError, TypeError):
            return False

    def run(self, check: Callable[[], None]) -> None:
        """Train, convert and measure; `check` is called after each epoch and between the steps."""
        start = time.perf_counter()
        model, training = self._trained(check)
        check()
        row = {**self._settings(model, training), **self._score(model), **self._firmware(model, check)}
        write_json(self.path, {**row, "seconds": round(time.perf_counter() - start, 1), "versions": dict(self.versions)})

    def _trained(self, check: Callable[[], None]) -> tuple[TriggerModel, dict[str, Any]]:
        """The trained model and how it came about, taken from its folder if another design has trained it."""
        history = self.model_folder / "training.json"
        if not history.is_file():
            require("keras").utils.clear_session()
            events, recipe = self.workspace.events(ZERO_BIAS), self.workspace.recipe
            training = recipe.family.train(events, self.design.training, name=recipe.model.name, progress=Checking(check))
            # written last and once: what it stands beside is whole, and stays as it is while others read it
            if not history.is_file():
                training.model.save(self.model_folder)
                write_json(history, training.to_dict())
        return TriggerModel.load(self.model_folder), read_json(history, "l1ml scan")

    def _settings(self, model: TriggerModel, training: Mapping[str, Any]) -> dict[str, Any]:
        config = self.design.training
        return {
            "key": self.key,
            "weight_bits": config.quantisation.weight_bits,
            "activation_bits": config.quantisation.activation_bits,
            "hidden": "-".join(str(width) for width in config.hidden),
            "sparsity": config.sparsity,
            "clock_mhz": self.design.conversion.clock_mhz,
            "part": self.design.conversion.part,
            "seed": training["seed"],
            "epochs": training["epochs"],
            "best_epoch": training["best_epoch"],
            "n_weights": model.metrics["n_weights"],
            "n_zero_weights": model.metrics["n_zero_weights"],
            "val_loss": float(model.metrics["val_loss"]),
            "model": self.model_folder.name,
            "model_digest": model.digest,
        }

    def _score(self, model: TriggerModel) -> dict[str, Any]:
        """The figure of merit, and what it is made of."""
        if self.scan.score == "val_loss":
            return {"score": float(model.metrics["val_loss"]), "score_error": None}
        emulator = IntegerEmulator(model.network)
        signals = [process for process in self.workspace.event_files() if process != ZERO_BIAS]
        if not signals:
            msg = 'the events have no signal: nothing has an efficiency; scan with score = "val_loss"'
            raise ConfigError(msg)
        zero_bias = unseen_events(self.workspace, ZERO_BIAS, model)
        words = emulator.predict(zero_bias.features())
        threshold = threshold_at_rate(words, zero_bias.weight, self.scan.rate_khz, CrossingRate().khz)
        found = {}
        for signal in signals:
            events = unseen_events(self.workspace, signal, model)
            found[signal] = efficiency(emulator.predict(events.features()) >= threshold, events.group)
        halves = [(item.high - item.low) / 2 for item in found.values()]
        return {
            "score": float(np.mean([item.value for item in found.values()])),
            "score_error": float(np.sqrt(np.sum(np.square(halves))) / len(halves)),
            "threshold": threshold,
            **{f"efficiency_{signal}": item.value for signal, item in found.items()},
        }

    def _firmware(self, model: TriggerModel, check: Callable[[], None]) -> dict[str, Any]:
        """Estimate of the RTL, and Yosys's count if asked for."""
        project = rtl_project(model, self.design.conversion)
        estimate, clock_ns = project.manifest["estimate"], self.design.conversion.clock_ns
        spread = spread_of("alkaid", "estimate")
        row: dict[str, Any] = {
            "project_digest": project.digest,
            "lut": estimate["lut"],
            "lut_tool": f"alkaid {project.manifest['tools']['alkaid']}, estimate before synthesis",
            "lut_spread": str(spread),
            "ff": estimate["ff"],
            "latency_cycles": estimate["latency_cycles"],
            "latency_ns": round(estimate["latency_cycles"] * clock_ns, 3),
            "yosys_lut": None,
            "yosys_ff": None,
            "yosys_version": "",
        }
        check()
        if self.scan.yosys:
            with tempfile.TemporaryDirectory() as folder:
                report = synthesise_with_yosys(project.write(Path(folder)))
            row |= {"yosys_lut": report.lut, "yosys_ff": report.ff, "yosys_version": report.version}
        return row
