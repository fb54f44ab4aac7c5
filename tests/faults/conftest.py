"""The real servers that the fault tests break.

They run only when asked for by their path, as the step `faults` of `.ci/run` does.
"""

import pytest

from deploy.stack import Stack, missing


def pytest_ignore_collect(collection_path, config):
    return None if any("faults" in str(argument) for argument in config.args) else True


@pytest.fixture(scope="session", autouse=True)
def servers() -> None:
    """Leave these tests out, with the reason, where the servers are not installed."""
    if lacking := missing():
        pytest.skip(f"not installed: {', '.join(lacking)}")


@pytest.fixture(autouse=True)
def media_folder() -> None:
    """Nothing of ours: the stack has folders of its own."""


@pytest.fixture(autouse=True)
def empty_cache() -> None:
    """Nothing of ours: the stack has a Redis of its own."""


@pytest.fixture(scope="session")
def stack(servers):
    """All parts running, for all tests: one that stops a part starts it again."""
    with Stack(parts=("redis", "web", "worker", "nginx")) as running:
        running.manage("load_sample")
        yield running
