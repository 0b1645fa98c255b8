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
RESULTS = ["result.json", "release-body.md"]


def trouble(message: str) -> "NoReturn":  # noqa: F821
    print(f"::error title=Faultline::{message}", file=sys.stderr)
    sys.exit(3)


def remove(path: pathlib.Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def submitted_at() -> str:
    """The moment of the commit, as it says itself: it stays the same however often it is graded."""
    command = ["git", "-C", str(CHECKOUT), "log", "-1", "--no-show-signature", "--format=%ct", "HEAD"]
    seconds = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    try:
        moment = datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc)
    except (OverflowError, OSError, ValueError):
        trouble(f"The commit has a date that is none ({seconds[:30]} s since 1970). Commit again, and push.")
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def main() -> int:
    # The student's own must not pass for results, whatever becomes of this.
    for name in RESULTS:
        remove(CHECKOUT / name)
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
    except Exception as error:  # No traceback, and no exit code that is not said above.
        trouble(f"{type(error).__name__}: {error}".replace("\n", " "))
