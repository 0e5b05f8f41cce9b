"""The steps of a run, from events to a report: each skipped when nothing changed, each a verb of its own."""

from __future__ import annotations

__all__: list[str] = []
