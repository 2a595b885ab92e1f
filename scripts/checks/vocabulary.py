"""Reports terms that docs/contributing/vocabulary.md tells contributors to avoid.

Usage: ``python scripts/checks/vocabulary.py [PATH...]``. Without paths, checks every file of the repository
that readers or contributors read. Prints ``file:line: term -> replacement`` and exits with 1 if it finds any.
"""

from __future__ import annotations

import re
import subprocess
import sys
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs/contributing/vocabulary.md"
SUFFIXES = frozenset({".py", ".md", ".html", ".yaml", ".yml", ".toml", ".sh", ".txt", ".js", ".css"})
WITHOUT_SUFFIX = ("scripts/", ".ci/", "ops/", "deploy/")
_IDENTIFIERS = "identifiers"
LIMITS = frozenset({"", "templates", "prose", _IDENTIFIERS})


@dataclass(frozen=True, slots=True, kw_only=True)
class Term:
    """One term to avoid."""

    text: str
    use: str
    limit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A legitimate use: files and the term, either with wildcards."""

    path: str
    term: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """One use of a term to avoid."""

    path: str
    line: int
    """Line number, or 0 for the name of the file."""
    text: str
    use: str

    def __str__(self) -> str:
        place = f"{self.path}:{self.line}" if self.line else f"{self.path} (file name)"
        return f"{place}: {self.text} -> {self.use}"


def _rows(page: str, heading: str) -> list[tuple[str, ...]]:
    """Return the rows of the table under a heading, without its head."""
    section = page.split(f"\n## {heading}\n", 1)[1].split("\n## ", 1)[0]
    lines = [line for line in section.splitlines() if line.startswith("|")]
    return [tuple(cell.strip() for cell in line.strip("|").split("|")) for line in lines[2:]]


def terms(page: str) -> tuple[Term, ...]:
    """Return every term of the page, one for each spelling."""
    return tuple(
        Term(text=text.strip(), use=use, limit=limit)
        for avoid, use, limit in _rows(page, "Terms")
        for text in avoid.split(",")
    )


def allowed(page: str) -> tuple[Allowed, ...]:
    """Return the allowed uses of the page."""
    return tuple(Allowed(path=path, term=term) for path, term, _ in _rows(page, "Allowed uses"))


class _Search:
    """Finds one term in lower-case text. Starts with a literal, which the regex engine finds fastest."""

    def __init__(self, term: Term) -> None:
        self.term = term
        words = [re.escape(word).replace(r"\*", "[a-z]*") for word in term.text.split()]
        self.first = term.text.split()[0]
        self._is_identifier = term.limit == _IDENTIFIERS
        between = "_" if self._is_identifier else r"(?:\s+|_)"
        self._expression = re.compile(between.join(words) + "(?![a-z])")

    def applies_to(self, path: str) -> bool:
        """Whether the limit of the term includes the file."""
        match self.term.limit:
            case "templates":
                return path.endswith(".html")
            case "prose":
                return not path.endswith(".py")
            case "identifiers":
                return path.endswith(".py")
            case _:
                return True

    def matches(self, text: str) -> Iterator[re.Match[str]]:
        """Yield every use as a whole word."""
        for match in self._expression.finditer(text):
            before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 3]
            if before.isalpha():
                continue
            if self._is_identifier and before != "_" and not re.match(r"_[a-z]|\(| = ", after):
                continue
            yield match


class Checker:
    """Finds the terms of the page in texts."""

    def __init__(self, page: str) -> None:
        self._allowed = allowed(page)
        self._searches = tuple(_Search(term) for term in terms(page))
        unknown = {search.term.limit for search in self._searches} - LIMITS
        if unknown:
            raise ValueError(f"unknown limit in {PAGE.name}: {sorted(unknown)}")

    def found(self, path: str, text: str) -> Iterator[Found]:
        """Yield every use in one text, term by term."""
        lowered = text.lower()
        words = set(re.findall("[a-z]+", lowered))
        for search in self._searches:
            wildcard = search.first.endswith("*")
            if not wildcard and search.first not in words:
                continue
            if not search.applies_to(path) or self._is_allowed(path, search.term.text):
                continue
            for match in search.matches(lowered):
                line = text.count("\n", 0, match.start()) + 1
                yield Found(path=path, line=line, text=" ".join(match[0].split()), use=search.term.use)

    def found_in_name(self, path: str) -> Iterator[Found]:
        """Yield every use in the name of a file and of its directories."""
        return (replace(one, line=0) for one in self.found(path, path))

    def _is_allowed(self, path: str, term: str) -> bool:
        return any(fnmatch(path, use.path) and use.term in ("*", term) for use in self._allowed)


def checked_files() -> list[str]:
    """Return the paths of all tracked files that are checked, from the root of the repository."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - git is on PATH where lint runs
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout.splitlines()
    return [
        path
        for path in listed
        if Path(path).suffix in SUFFIXES or (not Path(path).suffix and path.startswith(WITHOUT_SUFFIX))
    ]


def main(arguments: list[str]) -> int:
    """Check the files and print what is found."""
    checker = Checker(PAGE.read_text(encoding="utf-8"))
    count = 0
    for path in arguments or checked_files():
        file = ROOT / path
        if file.is_file():
            text = file.read_text(encoding="utf-8")
            for one in sorted(
                [*checker.found_in_name(path), *checker.found(path, text)], key=lambda f: f.line
            ):
                print(one)
                count += 1
    if count:
        print(f"{count} terms to avoid; see {PAGE.relative_to(ROOT)}", file=sys.stderr)
    return 1 if count else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
