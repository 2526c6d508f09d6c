"""Thousands of requests that nobody would think of, by the rules of the contract."""

import os
import re
import subprocess
import sys
from pathlib import Path

from ops.stack.settings import ROOT

HERE = Path(__file__).parent
ST = Path(sys.executable).with_name("st")
# For each operation, beside the hundreds that its edges make.
EXAMPLES = os.environ.get("FUZZ_EXAMPLES", "1")
FEWEST = int(os.environ.get("FUZZ_CASES", "1000"))


def test_no_request_is_answered_against_the_contract(stack):
    place = {"SHOPNOW_RUN_DIR": str(stack.run_dir), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [
            *(ST, "--config-file", HERE / "schemathesis.toml", "run"),
            *(ROOT / "gateway/openapi.json", "--url", stack.url),
            *("--max-examples", EXAMPLES, "--continue-on-failure"),
        ],
        cwd=stack.run_dir,
        env=os.environ | place,
        capture_output=True,
        text=True,
        check=False,
    )

    print(done.stdout)  # noqa: T201 - what schemathesis has found
    cases = re.search(r"(\d+) generated", done.stdout)
    assert done.returncode == 0, done.stdout[-20_000:] + done.stderr
    # It takes no notice of what went wrong on our side.
    assert "errored" not in done.stdout, done.stdout[-20_000:] + done.stderr
    assert cases
    assert int(cases[1]) >= FEWEST
