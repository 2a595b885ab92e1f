"""Many files in several processes: the same result as in one, whatever becomes of the others."""

from __future__ import annotations

import os
import sys
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from partnergate.cli.realm.side_by_side import examined_side_by_side
from partnergate.language.examination import Context
from partnergate.language.folder import read_folder
from partnergate.language.load import templates_of
from partnergate.language.recorded.filling import RecordedFiles
from partnergate.language.report import Report
from partnergate.language.validate import examined_in_turn

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="elsewhere there is one process")
REPOSITORY = Path(__file__).parents[3]
ENVIRONMENTS = ("demo", "production", "staging")
TEMPLATES = templates_of(
    read_folder(REPOSITORY),
    ENVIRONMENTS,
    variables={},
    commit_of=lambda _: "",
    report=Report(),
)
AT = Context(tuple(one.realm for one in TEMPLATES), frozenset(ENVIRONMENTS), date(2026, 11, 25))
TEXT = (REPOSITORY / "partners/acme.yaml").read_text()
FILES = [
    (
        PurePosixPath(f"partners/p{number:03d}.yaml"),
        TEXT.replace("acme", f"p{number:03d}").replace("subject: sub", f"subject: {subject}").encode(),
    )
    for number in range(403)
    for subject in ["sub" if number % 7 else "email"]
]


class DeadlyElsewhere(RecordedFiles):
    """Ends every process but the one that made it."""

    def __init__(self) -> None:
        super().__init__({}, PurePosixPath("partners"))
        self.home = os.getpid()

    def recorded(self, alias: str, environment: str) -> tuple[str | None, ...]:
        if os.getpid() != self.home:
            os._exit(9)
        return super().recorded(alias, environment)


def plain(recorded: RecordedFiles) -> list[object]:
    return [found.without_values() for found in examined_in_turn(FILES, AT, recorded)]


def test_the_result_is_that_of_one_process():
    recorded = RecordedFiles({}, PurePosixPath("partners"))
    found = [one.without_values() for one in examined_side_by_side(FILES, AT, recorded)]
    assert found == plain(recorded)
    assert sum(len(one.diagnostics) for one in found) >= len(FILES) // 7


def test_what_a_dead_process_had_taken_is_done_again():
    """A child may be ended by the system at any moment, with parts in its hands."""
    recorded = DeadlyElsewhere()
    found = [one.without_values() for one in examined_side_by_side(FILES, AT, recorded)]
    assert found == plain(recorded)
