"""The lock files hold what is asked for, and the development one holds the runtime one."""

import re

from tests.shared import ROOT


def pins(name: str) -> dict[str, str]:
    return dict(re.findall(r"^([\w.-]+)==(\S+)", (ROOT / name).read_text(), re.MULTILINE))


def names_asked_for(name: str) -> set[str]:
    lines = (ROOT / name).read_text().splitlines()
    return {match[0].lower() for line in lines if (match := re.match(r"[A-Za-z0-9][\w.-]*", line))}


def test_the_development_lock_holds_the_runtime_lock():
    assert pins("requirements.txt").items() <= pins("requirements-dev.txt").items()


def test_all_that_is_asked_for_is_locked():
    assert names_asked_for("requirements.in") <= pins("requirements.txt").keys()
    assert names_asked_for("requirements-dev.in") <= pins("requirements-dev.txt").keys()


def test_every_pin_has_a_hash():
    for name in ("requirements.txt", "requirements-dev.txt"):
        blocks = re.split(r"^(?=[\w.-]+==)", (ROOT / name).read_text(), flags=re.MULTILINE)[1:]
        assert [block for block in blocks if "--hash=sha256:" not in block] == []
