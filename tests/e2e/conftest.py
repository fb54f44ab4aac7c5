"""Runs only when asked for by its path, as `make e2e` does: it takes minutes."""


def pytest_ignore_collect(collection_path, config):
    return None if any("e2e" in str(argument) for argument in config.args) else True
