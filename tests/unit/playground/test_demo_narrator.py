"""The demo prints no color codes when NO_COLOR is set, and fails when a command or a check fails."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from partnergate.playground.commands import Ran
from partnergate.playground.narrator import DemoFailedError, Narrator


def new_narrator(**settings) -> tuple[Narrator, io.StringIO]:
    out = io.StringIO()
    return Narrator(Console(file=out, width=100, **settings)), out


def ran(exit_code: int = 0, output: str = "", errors: str = "") -> Ran:
    return Ran(arguments=("plan",), exit_code=exit_code, output=output, errors=errors, seconds=0.1)


def test_a_command_with_another_exit_code_ends_the_demo_and_shows_its_errors() -> None:
    narrator, out = new_narrator()
    with pytest.raises(DemoFailedError, match="exited with code 3"):
        narrator.command(ran(3, errors="error: the files have errors"))
    assert "the files have errors" in out.getvalue()


def test_a_failed_check_ends_the_demo() -> None:
    narrator, out = new_narrator()
    narrator.check(True, "water is wet")
    with pytest.raises(DemoFailedError, match="fire is cold"):
        narrator.check(False, "fire is cold")
    assert "passed  water is wet" in out.getvalue()
    assert "FAILED  fire is cold" in out.getvalue()


def test_output_of_a_command_is_never_read_as_markup() -> None:
    narrator, out = new_narrator()
    narrator.command(ran(output="[red]not markup[/red] [/]"))
    assert "[red]not markup[/red] [/]" in out.getvalue()


def test_truncated_output_shows_how_many_lines_are_missing() -> None:
    narrator, out = new_narrator()
    narrator.command(ran(output="\n".join(f"line {n}" for n in range(50))), lines=10)
    narrator.command(ran(output="\n".join(f"row {n}" for n in range(50))), head=5)
    assert "40 more lines" in out.getvalue()
    assert "line 49" in out.getvalue()
    assert "45 more lines" in out.getvalue()
    assert "row 4\n" in out.getvalue()


def test_no_color_is_respected(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    narrator, out = new_narrator(force_terminal=True)
    with narrator.step("A step"):
        narrator.check(True, "a statement")
    narrator.summary()
    assert "\x1b[3" not in out.getvalue()
    assert "A step" in out.getvalue()


def test_every_step_is_in_the_summary_with_its_time() -> None:
    narrator, out = new_narrator()
    for title in ("first", "second"):
        with narrator.step(title):
            pass
    narrator.summary()
    summary = out.getvalue().rpartition("summary")[2]
    assert "first" in summary
    assert "second" in summary
    assert "total" in summary
