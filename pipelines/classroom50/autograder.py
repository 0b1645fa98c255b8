#!/usr/bin/env python3
"""Grades the checkout it is started in with Faultline, which lies beside this file, and leaves result.json there.

Classroom 50's runner starts it, with its variables. Ends with 0 if grading came to its end, whatever the score; with
anything else if it did not, which the runner tells as trouble of its own.
"""

import datetime
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
FAULTLINE = HERE / "faultline"
CHECKOUT = pathlib.Path.cwd()


def trouble(message: str) -> "NoReturn":  # noqa: F821
    print(f"::error title=Faultline::{message}", file=sys.stderr)
    sys.exit(3)


def submitted_at() -> str:
    """The moment of the commit: it stays the same however often it is graded."""
    command = ["git", "-C", str(CHECKOUT), "log", "-1", "--no-show-signature", "--format=%ct", "HEAD"]
    seconds = int(subprocess.run(command, check=True, capture_output=True, text=True).stdout)
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> int:
    if shutil.which("npm") is None:
        trouble('There is no Node. Give the assignment a runtime with "node": "24".')
    if not (FAULTLINE / "node_modules").is_dir():
        install = ["npm", "ci", "--omit=dev", "--no-audit", "--no-fund", "--loglevel=error"]
        subprocess.run(install, cwd=FAULTLINE, check=True)
    options = (HERE / "options").read_text().split("\n")
    command = ["node", "-r", "ts-node/register", "grade.ts", "ci", "classroom50", str(CHECKOUT)]
    environment = {**os.environ, "SUBMITTED_AT": submitted_at()}
    grading = subprocess.run([*command, *filter(None, options)], cwd=FAULTLINE, env=environment, check=False)
    return grading.returncode


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (OSError, subprocess.CalledProcessError, ValueError) as error:
        trouble(str(error).replace("\n", " "))
