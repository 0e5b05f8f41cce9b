from __future__ import annotations

from l1ml.reporting.markdown import table_to_markdown, to_markdown
from l1ml.reporting.table import Table
from l1ml.reporting.tables import report_tables


def test_columns_line_up_and_bars_are_escaped():
    lines = table_to_markdown(Table("T", ("a", "b"), (("x|y", "1"), ("z", "22")), "note")).splitlines()
    assert lines[0] == "## T"
    assert len({len(line) for line in lines[2:6]}) == 1
    assert "x\\|y" in lines[4]
    assert lines[-1] == "note"


def test_title_says_the_decision(content):
    text = to_markdown(content, report_tables(content), [])
    assert text.splitlines()[0] == f"# axo: {content['verdict']['decision']}"
    assert content["verdict"]["caveats"][0] in text
