"""How long validating many partner files takes: python benchmarks/validate.py [FILES] [RUNS].

Reports the whole process by the wall, the share of libyaml alone, and ``partnergate --help``.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
ENVIRONMENTS = ("staging", "production", "demo")


def write_workspace(root: Path, files: int) -> int:
    """Copies of the shipped partners, each its own partner; returns the bytes written."""
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
        (root / f"partners/{new}.yaml").write_text(text)
        written += len(text)
    return written


def seconds(command: list[str], runs: int) -> list[float]:
    """Wall time of a whole process, each run."""
    found = []
    for _ in range(runs):
        start = time.perf_counter()
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        found.append(time.perf_counter() - start)
        if done.returncode:
            raise SystemExit(done.stdout[:2000] + done.stderr[:2000])
    return found


def libyaml_seconds(root: Path) -> float:
    """Composing every file with the loader that validation uses, and nothing else."""
    from partnergate.spec.nodes import Loader

    texts = [file.read_text() for file in sorted((root / "partners").glob("*.yaml"))]
    start = time.perf_counter()
    for text in texts:
        loader = Loader(text)
        loader.get_single_node()
        loader.dispose()
    return time.perf_counter() - start


def shown(name: str, found: list[float]) -> str:
    return f"{name:42} min {min(found):.3f}  median {statistics.median(found):.3f}  max {max(found):.3f} s"


def main() -> None:
    files = int(sys.argv[1]) if len(sys.argv) > 1 else 1000
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 7
    tool = str(Path(sys.executable).parent / "partnergate")
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "workspace"
        size = write_workspace(root, files)
        print(f"{files} partner files, {size:,} bytes, {len(ENVIRONMENTS)} environments")
        print(shown("partnergate validate, whole process", seconds([tool, "validate", str(root)], runs)))
        print(shown("libyaml alone, one process", [libyaml_seconds(root) for _ in range(runs)]))
        print(shown("partnergate --help", seconds([tool, "--help"], runs)))


if __name__ == "__main__":
    main()
