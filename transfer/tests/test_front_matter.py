import pytest

from transfer.markdown.frontmatter import FrontMatterError, split


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("---\ntitle: A\n---\nBody\n", "yaml"),
        ("\ufeff---\ntitle: A\n---\nBody\n", "yaml"),
        ("\n\n---\ntitle: A\n---\nBody\n", "yaml"),
        ("---\ntitle: A\n...\nBody\n", "yaml"),
        ("title: A\ntags:\n---\nBody\n", "yaml"),
        ("<!-- a note -->\n---\ntitle: A\n---\nBody\n", "yaml"),
        ("<!--\n---\ntitle: Old\n---\n-->\n\n---\ntitle: A\n---\nBody\n", "yaml"),
        ("<!-- note -->\n\ntitle: A\ndate: 2020-01-01\n\nBody\n", "yaml"),
        ('+++\ntitle = "A"\n+++\nBody\n', "toml"),
        ('{\n "title": "A"\n}\nBody\n', "json"),
        ('"title": "A"\n;;;\nBody\n', ""),
        (';;;\n"title": "A"\n;;;\nBody\n', "json"),
    ],
)
def test_each_form_is_told_from_the_text(text, form):
    front = split(text)
    assert front.form == form
    if form:
        assert front.data["title"] == "A"
        assert front.body.strip() == "Body"


@pytest.mark.parametrize(
    "text",
    [
        "Just text.\n",
        "---\n\nA thematic break opens this file.\n",
        "{{< figure >}}\n",
        "Note: this line looks like a key.\n\n---\n\nIt is not one.\n",
        "",
    ],
)
def test_text_without_front_matter_stays_whole(text):
    front = split(text)
    assert (front.form, front.body) == ("", text)


def test_the_body_knows_its_line():
    front = split("---\ntitle: A\ndate: 2020\n---\n\nBody\n")
    assert front.body_line == 5
    assert front.line_of("date") == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("---\ntitle: a: b\n---\n", 2),
        ("---\ntitle: A\ntags: [a\n---\n", 4),
        ("---\ntitle: A\nno end\n", 1),
        ('+++\ntitle = "A"\ndate = \n+++\n', 3),
        ('+++\ntitle = "A"\n', 1),
        ('{\n "title": "A",,\n}\n', 2),
        ("---\n- a\n- list\n---\n", 2),
    ],
)
def test_a_broken_block_names_its_line(text, line):
    with pytest.raises(FrontMatterError) as error:
        split(text)
    assert error.value.line == line


def test_dates_stay_text_so_that_a_wrong_one_is_our_error():
    assert split("---\ndate: 2015-02-30\n---\n").data["date"] == "2015-02-30"


def test_bombs_are_refused():
    many = "\n".join(f"k{n}: *a" for n in range(30))
    with pytest.raises(FrontMatterError, match="aliases"):
        split(f"---\na: &a x\n{many}\n---\n")
    with pytest.raises(FrontMatterError, match="characters"):
        split("---\na: " + "x" * 70_000 + "\n---\n")
    with pytest.raises(FrontMatterError):
        split("---\na: " + "[" * 5_000 + "\n---\n")
    with pytest.raises(FrontMatterError):
        split("---\na: !!python/object/apply:os.system [id]\n---\n")
