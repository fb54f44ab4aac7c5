from transfer.markdown.code import code_spans
from transfer.markdown.links import MAX_USES, asked_by, find, lost_elements, replace


def found(text: str) -> list[tuple[str, bool]]:
    return [(use.address, use.is_image) for use in find(text)]


def test_links_and_images_of_every_kind_are_found():
    text = (
        'One [link](a.md "title"), ![image](b.png), [![both](c.png)](d.html), [odd](<e f.md>),\n'
        "[paren](g(1).md), [ref][r] and ![pic][p], <img alt=x src='h.png'> and\n"
        '<a class="y" href="i.md">i</a>.\n\n[r]: j.md\n[p]: k\n[^note]: l\n'
    )
    assert found(text) == [
        *(("a.md", False), ("b.png", True), ("c.png", True), ("d.html", False), ("e f.md", False)),
        *(("g(1).md", False), ("h.png", True), ("i.md", False), ("j.md", False), ("k", True)),
    ]


def test_code_and_comments_hold_no_links():
    text = (
        "`[a](a.md)` ``[b](`b.md)``\n\n```md\n[c](c.md)\n```\n\n<!-- [d](d.md) -->\n\n"
        "- ~~~\n  [e](e.md)\n  ~~~\n\n[f](f.md)\n"
    )
    assert found(text) == [("f.md", False)]


def test_a_lone_backtick_hides_nothing_beyond_its_paragraph():
    assert found("a ` b\n\n[c](c.md) ` d\n") == [("c.md", False)]


def test_only_what_was_answered_changes():
    text = "[a](a.md) and [b](<b c.md>) and <img src=a.md>"
    answers = {"a.md": "/posts/a/"}
    changed = replace(text, find(text), lambda use: answers.get(use.address))
    assert changed == "[a](/posts/a/) and [b](<b c.md>) and <img src=/posts/a/>"


def test_a_page_asks_for_its_own_sites_paths_only():
    html = (
        '<p><a href="x.html#y">x</a> <a href="#z">z</a> <a href="https://e.example/">e</a>'
        '<a href="mailto:a@e.example">m</a> <img src="/i.png?v=1&amp;w=2" alt=""> '
        '<a href="//e.example/q">q</a></p>'
    )
    assert [(asked.path, asked.is_image) for asked in asked_by(html, "/posts/a/")] == [
        ("/posts/a/x.html", False),
        ("/i.png", True),
    ]


def test_lost_elements_are_found_outside_code():
    text = "<script src=x></script>\n\n`<style>`\n\n<iframe src=y></iframe>\n"
    assert [name for name, _ in lost_elements(text)] == ["script", "iframe"]


def test_work_is_bounded_on_hostile_text():
    assert len(find("[a](b) " * (MAX_USES + 50))) == MAX_USES
    ticks = "".join("`" * (number % 50 + 1) + " " for number in range(20_000))
    code_spans(ticks)
    find("](" * 200_000)
    find("<img " * 100_000)
