from __future__ import annotations

from trigger_toy import DIGEST

from l1ml.reporting.model_card import model_card


def test_card_names_digest_verdict_and_rates(content):
    text = model_card("A toy.", "axo", content)
    assert text.startswith("# axo\n\nA toy.")
    assert DIGEST in text
    assert "## Verdict" in text
    assert "L1_AXO_loose" in text
    assert text == model_card("A toy.", "axo", content)
