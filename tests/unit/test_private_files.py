"""Only the owner of a private file can read it, even if it replaces a public file."""

from __future__ import annotations

import os

import pytest

from partnergate.private_files import new_private_file, replace_private_file, write_private_file


def mode(path):
    return path.stat().st_mode & 0o777


@pytest.mark.parametrize("write", [new_private_file, replace_private_file])
def test_only_the_owner_can_read_it(tmp_path, write):
    write(tmp_path / "key", b"secret")
    assert (tmp_path / "key").read_bytes() == b"secret"
    assert mode(tmp_path / "key") == 0o600


def test_a_new_file_never_replaces_one(tmp_path):
    (tmp_path / "key").write_bytes(b"first")
    with pytest.raises(FileExistsError):
        new_private_file(tmp_path / "key", b"second")
    assert (tmp_path / "key").read_bytes() == b"first"


def test_a_file_that_all_could_read_is_replaced_by_one_that_they_cannot(tmp_path):
    """Making the file anew is what does it: a mode is only looked at when a file is made."""
    old = tmp_path / "state"
    old.write_bytes(b"longer than the new one")
    old.chmod(0o644)
    replace_private_file(old, b"secret")
    assert old.read_bytes() == b"secret"
    assert mode(old) == 0o600
    assert list(tmp_path.iterdir()) == [old]


def test_an_output_file_becomes_private_even_if_it_was_not(tmp_path):
    (tmp_path / "out").touch(mode=0o644)
    write_private_file(tmp_path / "out", b"content")
    assert (tmp_path / "out").read_bytes() == b"content"
    assert mode(tmp_path / "out") == 0o600


def test_an_output_may_be_a_pipe(tmp_path):
    """``--output /dev/stdout`` must work."""
    os.mkfifo(tmp_path / "pipe", 0o644)
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    write_private_file(tmp_path / "pipe", b"content")
    assert os.read(reader, 100) == b"content"
    os.close(reader)
