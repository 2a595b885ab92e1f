"""What the demo prints: plain where colour is not wanted, and loud where a promise does not hold."""

from __future__ import annotations

import io

import pytest
from rich.console import Console

from partnergate.playground.commands import Ran
from partnergate.playground.narrator import DemoFailedError, Narrator


def narrator(**settings) -> tuple[Narrator, io.StringIO]:
    out = io.StringIO()
    return Narrator(Console(file=out, width=100, **settings)), out


def ran(exit_code: int = 0, output: str = "", errors: str = "") -> Ran:
    return Ran(arguments=("plan",), exit_code=exit_code, output=output, errors=errors, seconds=0.1)


def test_a_command_with_another_exit_code_ends_the_demo_and_shows_its_errors() -> None:
    tell, out = narrator()
    with pytest.raises(DemoFailedError, match="exit code 3"):
        tell.ran(ran(3, errors="error: the files have errors"))
    assert "the files have errors" in out.getvalue()


def test_a_broken_promise_ends_the_demo() -> None:
    tell, out = narrator()
    tell.expect(True, "water is wet")
    with pytest.raises(DemoFailedError, match="fire is cold"):
        tell.expect(False, "fire is cold")
    assert "holds   water is wet" in out.getvalue()
    assert "BROKEN  fire is cold" in out.getvalue()


def test_output_of_a_command_is_never_read_as_markup() -> None:
    tell, out = narrator()
    tell.ran(ran(output="[red]not markup[/red] [/]"))
    assert "[red]not markup[/red] [/]" in out.getvalue()


def test_long_output_says_how_much_was_left_out() -> None:
    tell, out = narrator()
    tell.ran(ran(output="\n".join(f"line {n}" for n in range(50))), lines=10)
    tell.ran(ran(output="\n".join(f"row {n}" for n in range(50))), head=5)
    assert "40 lines more" in out.getvalue()
    assert "line 49" in out.getvalue()
    assert "45 lines more" in out.getvalue()
    assert "row 4\n" in out.getvalue()


def test_no_color_is_obeyed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    tell, out = narrator(force_terminal=True)
    with tell.step("A step"):
        tell.expect(True, "a promise")
    tell.summary()
    assert "\x1b[3" not in out.getvalue()
    assert "A step" in out.getvalue()


def test_every_step_is_in_the_summary_with_its_time() -> None:
    tell, out = narrator()
    for title in ("first", "second"):
        with tell.step(title):
            pass
    tell.summary()
    summary = out.getvalue().rpartition("summary")[2]
    assert "first" in summary
    assert "second" in summary
    assert "all" in summary
