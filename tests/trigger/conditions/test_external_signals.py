from __future__ import annotations

import pytest

from l1ml.errors import ConfigError
from l1ml.trigger.conditions.external_signals import EXTERNAL_SIGNALS, external_channel


def test_every_channel_has_one_name() -> None:
    assert len(set(EXTERNAL_SIGNALS.values())) == len(EXTERNAL_SIGNALS)
    assert external_channel("EXT_BPTX_OR_VME") == external_channel("BPTX_OR_VME") == 7


def test_unknown_signal_names_the_nearest() -> None:
    with pytest.raises(ConfigError, match="TOTEM_1"):
        external_channel("EXT_TOTEM_11")
