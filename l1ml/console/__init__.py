"""What a person at a terminal sees of any of the programs: progress and errors on stderr, results on stdout."""

from __future__ import annotations

from l1ml.console.command import run_command
from l1ml.console.results import show_json, show_table, tell
from l1ml.console.terminal_progress import TerminalProgress, told

__all__ = ["TerminalProgress", "run_command", "show_json", "show_table", "tell", "told"]
