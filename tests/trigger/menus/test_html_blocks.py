from __future__ import annotations

from l1ml.trigger.menus.html_blocks import html_blocks


def test_code_links_breaks_and_entities():
    blocks = html_blocks("<p>a <a href=x>b</a><br/>c &amp; d</p>\n<li>e <code>0x1</code></li>")
    assert [(block.tag, block.text) for block in blocks] == [("p", "a b c & d"), ("li", "e `0x1`")]


def test_empty_cells_count_and_styles_do_not():
    blocks = html_blocks("<style>x</style><tr><td></td><td>1</td></tr>")
    assert [block.text for block in blocks] == ["", "1"]


def test_nested_lists_keep_the_text_before_them():
    assert [block.text for block in html_blocks("<li>Object: MU0 <ul><li>Eta</li></ul></li>")] == ["Object: MU0", "Eta"]


def test_lines():
    assert [block.line for block in html_blocks("<p>a</p>\n\n<p>b</p>")] == [1, 3]
