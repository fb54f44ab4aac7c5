"""Thousands of generated requests by people of each role: no answer but those documented.

SCHEMATHESIS_SECONDS is how long each role asks (35), SCHEMATHESIS_EXAMPLES how often each
operation is asked with generated values at least (3). Beside those there are requests with the
examples of the schema, and with values at every boundary it names.
"""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.shared import ROOT

SECONDS = int(os.environ.get("SCHEMATHESIS_SECONDS", "35"))
EXAMPLES = os.environ.get("SCHEMATHESIS_EXAMPLES", "3")
CHECKS = (
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
)
# It ends the token that asks, and all that follow would be asked by nobody. Nobody may try.
ENDS_THE_TOKEN = "sign_out_everywhere"


@pytest.mark.parametrize("role", ["anonymous", "reader", "author", "editor"])
def test_each_answer_is_documented(site, role, tmp_path):
    token = site.tokens[role]
    command = [
        str(Path(sys.executable).with_name("schemathesis")),
        *("--config-file", str(ROOT / "tests/contract/schemathesis.toml")),
        *("run", f"{site.address}/api/v1/schema/", "--url", site.address),
        *("--checks", ",".join(CHECKS), "--phases", "examples,coverage,fuzzing"),
        *("--generation-deterministic", "--max-examples", EXAMPLES, "--max-time", str(SECONDS)),
        *("--suppress-health-check", "all", "--continue-on-failure", "--no-color"),
    ]
    if token:
        command += ["-H", f"Authorization: Bearer {token}"]
        command += ["--exclude-operation-id", ENDS_THE_TOKEN]
    done = subprocess.run(
        command,
        cwd=tmp_path,
        env={
            **os.environ,
            "SCHEMATHESIS_HOOKS": "tests.contract.hooks",
            "PYTHONPATH": str(ROOT),
            "HYPOTHESIS_STORAGE_DIRECTORY": str(tmp_path),
        },
        capture_output=True,
        text=True,
        timeout=6 * SECONDS + 300,
        check=False,
    )
    counted = re.search(r"(\d+) generated.*", done.stdout)
    print(f"\n{role}: {counted[0] if counted else done.stdout[-500:]}")
    assert done.returncode == 0, done.stdout[-15_000:] + done.stderr[-3_000:]
    assert counted, "Nothing was generated."
    assert int(counted[1]) > 50


def test_nothing_went_wrong_in_the_log(site):
    log = Path(site.log).read_text()
    assert "Internal Server Error" not in log
    assert '"status": 500' not in log
