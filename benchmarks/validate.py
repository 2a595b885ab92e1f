"""Time of validating many partner files.

    scripts/benchmark validate [--processes]

Each figure is of a whole process, start and imports included: its wall time and the processor time it
used, which a loaded machine distorts less. The share of libyaml is a process that only composes the same
files, minus one that composes none. ``--processes`` also pins the command to one processor, so that it
stays one process, and compares. ``benchmarks/validate_hostile.py`` measures single hostile files.
"""

from __future__ import annotations

import argparse
import os
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ("staging", "production", "demo")
_COMPOSE = """
import pathlib, sys
from partnergate.language.text.nodes import Loader
for file in sorted(pathlib.Path(sys.argv[1]).glob("*.yaml")):
    loader = Loader(file.read_text())
    loader.get_single_node()
    loader.dispose()
"""


class Cost(NamedTuple):
    """Time of one process, in seconds."""

    wall: float
    user: float
    system: float

    @property
    def processor(self) -> float:
        return self.user + self.system


def write_workspace(root: Path, files: int) -> int:
    """Copies of the shipped partners, each with its own name and domain; returns the bytes written."""
    (root / "partners").mkdir(parents=True)
    (root / "realm_templates").mkdir()
    for name in ("base", *ENVIRONMENTS):
        text = (ROOT / f"realm_templates/{name}.yaml").read_text()
        (root / f"realm_templates/{name}.yaml").write_text(text)
    sources = [ROOT / f"partners/{name}.yaml" for name in ("acme", "globex", "initech")]
    written = 0
    for number in range(files):
        source = sources[number % len(sources)]
        old, new = source.stem, f"{source.stem}{number:04d}"
        text = source.read_text().replace(old, new).replace(old.upper(), new.upper())
        text = re.sub(r"^name: .*$", f"name: Partner {number}", text, flags=re.MULTILINE)
        domain = rf"\g<0>\n  email_domains: [{new}.example]"
        text = re.sub(r"^  subject: .*$", domain, text, flags=re.MULTILINE)
        (root / f"partners/{new}.yaml").write_text(text)
        written += len(text)
    return written


def cost(command: list[str], processors: set[int] | None = None) -> Cost:
    """One run of a whole process; ends the benchmark when it fails."""
    environ = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    done = subprocess.run(
        command,
        capture_output=True,
        text=True,
        check=False,
        env=environ,
        preexec_fn=(lambda: os.sched_setaffinity(0, processors)) if processors else None,
    )
    wall, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    if done.returncode:
        raise SystemExit(done.stdout[:2000] + done.stderr[:2000])
    return Cost(wall, after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime)


def shown(name: str, found: list[Cost]) -> str:
    best = min(found, key=lambda one: one.processor)
    walls = [one.wall for one in found]
    return (
        f"{name:36} wall min {min(walls):6.3f} median {statistics.median(walls):6.3f}"
        f"   processor min {best.processor:6.3f} (user {best.user:.3f})"
        f" median {statistics.median(one.processor for one in found):6.3f} s"
    )


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--processes", action="store_true", help="Compare with one process.")
    return parser.parse_args()


def main() -> None:
    options = arguments()
    tool = str(Path(sys.executable).parent / "partnergate")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "workspace"
        size = write_workspace(root, options.files)
        (empty := Path(place) / "empty").mkdir()
        commands = {
            "validate": [tool, "validate", "--root", str(root)],
            "libyaml": [sys.executable, "-c", _COMPOSE, str(root / "partners")],
            "start of that": [sys.executable, "-c", _COMPOSE, str(empty)],
            "partnergate --help": [tool, "--help"],
        }
        for command in commands.values():
            cost(command)  # writes the bytecode, as an installation does
        pinned = {min(os.sched_getaffinity(0))}
        found: dict[str, list[Cost]] = {}
        for _ in range(options.runs):
            for name, command in commands.items():
                found.setdefault(name, []).append(cost(command))
            if options.processes:
                found.setdefault("validate, one process", []).append(cost(commands["validate"], pinned))
    print(f"{options.files} partner files, {size:,} bytes, {len(ENVIRONMENTS)} environments")
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} processors")
    for name, costs in found.items():
        print(shown(name, costs))
    least = {name: min(one.processor for one in costs) for name, costs in found.items()}
    walls = {name: min(one.wall for one in costs) for name, costs in found.items()}
    parser, wall = least["libyaml"] - least["start of that"], walls["libyaml"] - walls["start of that"]
    print(f"libyaml's share: {parser:.3f} of {least['validate']:.3f} s processor, {wall:.3f} s wall")
    workers = len(os.sched_getaffinity(0))
    print(f"least possible wall time on {workers} idle processors: {least['validate'] / workers:.3f} s")


if __name__ == "__main__":
    main()
