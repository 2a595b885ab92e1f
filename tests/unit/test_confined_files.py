"""Files below one directory: no name and no link leads out of it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from partnergate.confined_files import UnusableFileError, confined_problem, read_confined


@pytest.fixture
def directory(tmp_path: Path) -> Path:
    made = tmp_path / "secrets"
    made.mkdir()
    (made / "acme").write_bytes(b"value")
    return made


def test_a_regular_file_is_read(directory: Path) -> None:
    assert read_confined(directory, "acme", limit=5) == b"value"
    assert confined_problem(directory, "acme") == ""


def test_a_larger_file_is_refused(directory: Path) -> None:
    with pytest.raises(UnusableFileError, match="too large"):
        read_confined(directory, "acme", limit=4)


@pytest.mark.parametrize("name", ["", ".", "..", "../acme", "/etc/passwd", "a/b", "a\0b", ".hidden", "a\n"])
def test_only_a_plain_name_is_opened(directory: Path, name: str) -> None:
    assert confined_problem(directory, name) == "is not a plain file name"


def test_other_kinds_of_file_are_described(directory: Path, tmp_path: Path) -> None:
    (directory / "directory").mkdir()
    os.mkfifo(directory / "pipe")
    (directory / "link").symlink_to("acme")
    (directory / "device").symlink_to("/dev/zero")
    assert confined_problem(directory, "directory") == "is not a regular file"
    assert confined_problem(directory, "pipe") == "is not a regular file"
    assert confined_problem(directory, "link") == "is a link"
    assert confined_problem(directory, "device") == "is a link"
    assert confined_problem(directory, "none") == "does not exist"
    assert "none does not exist" in confined_problem(tmp_path / "none", "acme")


def test_a_link_anywhere_in_the_path_is_refused(directory: Path, tmp_path: Path) -> None:
    (tmp_path / "linked").symlink_to(directory)
    (tmp_path / "above").symlink_to(tmp_path)
    assert "linked is a link" in confined_problem(tmp_path / "linked", "acme")
    assert "above is a link" in confined_problem(tmp_path / "above" / "secrets", "acme")
    with pytest.raises(UnusableFileError):
        read_confined(tmp_path / "linked", "acme", limit=9)


def test_no_descriptor_stays_open(directory: Path) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for name in ("acme", "none", "..", "acme"):
        confined_problem(directory, name)
    assert len(list(Path("/proc/self/fd").iterdir())) == before
