"""Cost of hostile partner files.

    scripts/benchmark validate_hostile

Processor time and peak memory of one process for each hostile file, start included, with the address
space limited to 700 MB.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
from pathlib import Path

from validate import write_workspace

LIMIT = 700 * 1024 * 1024
ROOT = Path(__file__).parents[1]
_MEASURE = """
import resource, sys, time
from partnergate.cli.main import main
try:
    main(["validate", "--root", sys.argv[1], "--format", "json", "--today", "2026-11-24"])
except SystemExit as done:
    code = done.code
print(code, time.process_time(), resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024, file=sys.stderr)
"""


def cases() -> dict[str, bytes]:
    """Hostile texts by name: those of the tests, and some that only take time."""
    from hostile.texts import HOSTILE, HOSTILE_METADATA

    return {name: content for name, (content, _) in HOSTILE.items()} | HOSTILE_METADATA


def limited() -> None:
    resource.setrlimit(resource.RLIMIT_AS, (LIMIT, LIMIT))


def main() -> None:
    worst = (0.0, "")
    for name, content in cases().items():
        with tempfile.TemporaryDirectory() as place:
            root = Path(place) / "workspace"
            write_workspace(root, 0)
            suffix = "idp-metadata.xml" if name.startswith("xml") else "yaml"
            (root / f"partners/acme.{suffix}").write_bytes(content)
            done = subprocess.run(
                [sys.executable, "-c", _MEASURE, str(root)],
                capture_output=True,
                text=True,
                check=False,
                preexec_fn=limited,
            )
        words = done.stderr.split()
        if done.returncode or len(words) != 3:
            raise SystemExit(f"{name}: {done.stderr[-2000:]}")
        code, seconds, memory = words
        worst = max(worst, (float(seconds), name))
        print(f"{name:44} exit {code}  processor {float(seconds):.3f} s  peak {float(memory):.0f} MB")
    print(f"slowest: {worst[1]}, {worst[0]:.3f} s with start")


if __name__ == "__main__":
    main()
