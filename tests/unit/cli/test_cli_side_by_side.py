"""Files examined in several processes give the same result as in one, even when a process dies."""

from __future__ import annotations

import os
import pickle
import sys
from datetime import date
from pathlib import Path, PurePosixPath

import pytest

from partnergate.cli.realm.examined_json import examined_from_json, examined_to_json
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
    """Ends every process except the one that created it."""

    def __init__(self) -> None:
        super().__init__({}, PurePosixPath("partners"))
        self.home = os.getpid()

    def recorded(self, alias: str, environment: str) -> tuple[str | None, ...]:
        if os.getpid() != self.home:
            os._exit(9)
        return super().recorded(alias, environment)


def plain(recorded: RecordedFiles) -> list[object]:
    return [found.without_values() for found in examined_in_turn(FILES, AT, recorded)]


def test_several_processes_give_the_result_of_one():
    recorded = RecordedFiles({}, PurePosixPath("partners"))
    found = [one.without_values() for one in examined_side_by_side(FILES, AT, recorded)]
    assert found == plain(recorded)
    assert sum(len(one.diagnostics) for one in found) >= len(FILES) // 7


def test_the_parts_of_a_dead_process_are_examined_again():
    """The system can end a child at any moment, while it works on parts."""
    recorded = DeadlyElsewhere()
    found = [one.without_values() for one in examined_side_by_side(FILES, AT, recorded)]
    assert found == plain(recorded)


def test_results_survive_the_pipe():
    found = plain(RecordedFiles({}, PurePosixPath("partners")))
    read = examined_from_json(examined_to_json({3: found}))
    assert read == {3: found}
    assert [d.source_line for one in read[3] for d in one.diagnostics] == [
        d.source_line for one in found for d in one.diagnostics
    ]


class Executing:
    def __reduce__(self):
        return os._exit, (7,)


@pytest.mark.parametrize(
    "content",
    [b"", pickle.dumps(Executing()), b"[1]", b'{"1": 2}', b'{"1": [[]]}', b'{"x": []}', b"[" * 100_000],
    ids=range(7),
)
def test_what_is_read_from_the_pipe_runs_no_code(content):
    """Another process of the same user can write to the pipe."""
    with pytest.raises(ValueError, match=r"\w"):
        examined_from_json(content)
