"""`.env.example` names every variable that is read, and none that is not."""

import re

from tests.shared import ROOT


def variables_read() -> set[str]:
    modules = (ROOT / "config" / "settings").glob("*.py")
    settings = "\n".join(module.read_text() for module in modules)
    gunicorn = (ROOT / "deploy" / "gunicorn.conf.py").read_text()
    return set(re.findall(r"\benv(?:\.\w+)?\(\s*[\"'](\w+)[\"']", settings)) | set(
        re.findall(r"os\.environ(?:\.get\(|\[)[\"'](\w+)[\"']", gunicorn)
    )


def variables_documented() -> set[str]:
    example = (ROOT / ".env.example").read_text()
    return set(re.findall(r"^#? ?([A-Z][A-Z0-9_]+)=", example, re.MULTILINE))


def test_every_variable_is_in_the_example_and_every_example_is_read():
    assert variables_documented() == variables_read()


def test_the_example_sets_nothing_by_itself():
    lines = (ROOT / ".env.example").read_text().splitlines()
    assert [line for line in lines if line and not line.startswith("#")] == []
