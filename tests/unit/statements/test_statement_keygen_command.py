"""Keys on disk: created, replaced without losing one, and revoked."""

from __future__ import annotations

import json
from contextlib import suppress

import pytest
from click.testing import CliRunner

from partnergate.cli.main import cli
from partnergate.errors import PartnergateError
from partnergate.statements.key_set import read_key_set
from partnergate.statements.seal import key_id, public_key, public_pem


@pytest.fixture
def run(tmp_path):
    def invoke(*arguments: str) -> str:
        result = CliRunner().invoke(cli, ["statement", *arguments], standalone_mode=False)
        if result.exception is not None:
            raise result.exception
        return result.output

    invoke("keygen", str(tmp_path / "key"))
    return invoke


def keys(tmp_path):
    return read_key_set((tmp_path / "key.jwks.json").read_bytes()).keys


def id_of(file) -> str:
    return key_id(public_key(public_pem(file.read_bytes())))


def test_a_new_key_is_private_and_its_set_is_public(run, tmp_path) -> None:
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    (only,) = keys(tmp_path)
    assert only.key_id == id_of(tmp_path / "key")
    assert only.valid_from is not None
    assert "PRIVATE" not in (tmp_path / "key.jwks.json").read_text()


def test_a_key_is_never_overwritten_without_replace(run, tmp_path) -> None:
    with pytest.raises(PartnergateError, match="never overwritten"):
        run("keygen", str(tmp_path / "key"))


def test_a_replaced_key_remains_in_the_set_and_on_disk(run, tmp_path) -> None:
    old = (tmp_path / "key").read_bytes()
    output = run("keygen", str(tmp_path / "key"), "--replace")
    first, second = keys(tmp_path)
    assert second.key_id == id_of(tmp_path / "key") != first.key_id
    assert first.valid_until is not None
    assert second.valid_from is not None
    assert second.valid_until is None
    retired = tmp_path / f"key.{first.key_id}.retired"
    assert retired.read_bytes() == old
    assert str(retired) in output
    for file in (retired, tmp_path / "key"):
        assert file.stat().st_mode & 0o777 == 0o600
    assert key_id(public_key((tmp_path / "key.pub").read_bytes())) == second.key_id
    assert not (tmp_path / "key.next").exists()


@pytest.mark.parametrize("step", range(4))
def test_a_replacement_that_was_interrupted_is_completed_with_the_same_key(
    run, tmp_path, monkeypatch, step
) -> None:
    """Whatever was published must be the key that seals."""
    from pathlib import Path

    done = 0
    real = Path.replace

    def dies(self, target):
        nonlocal done
        if done == step:
            raise KeyboardInterrupt
        done += 1
        return real(self, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", dies)
        with suppress(BaseException):
            run("keygen", str(tmp_path / "key"), "--replace")
    if done < 3:
        run("keygen", str(tmp_path / "key"), "--replace")
    assert keys(tmp_path)[-1].key_id == id_of(tmp_path / "key")
    assert key_id(public_key((tmp_path / "key.pub").read_bytes())) == id_of(tmp_path / "key")


def test_the_first_replacement_publishes_a_key_of_an_earlier_version(run, tmp_path) -> None:
    (tmp_path / "key.jwks.json").unlink()
    old = id_of(tmp_path / "key")
    run("keygen", str(tmp_path / "key"), "--replace")
    first, second = keys(tmp_path)
    assert (first.key_id, first.valid_from) == (old, None)
    assert second.key_id == id_of(tmp_path / "key")


def test_a_revoked_key_is_marked_in_the_set(run, tmp_path) -> None:
    wanted, file = id_of(tmp_path / "key"), str(tmp_path / "key.jwks.json")
    assert "publish" in run("revoke", wanted, "--keys", file, "--reason", "compromised")
    assert f"{wanted}  REVOKED" in run("keys", file)
    assert json.loads(run("keys", file, "--format", "json"))["keys"][0]["revoked"]["reason"] == "compromised"
    with pytest.raises(PartnergateError, match="no key 00"):
        run("revoke", "00", "--keys", file, "--reason", "compromised")


def test_the_set_of_one_public_key_can_be_exported(run, tmp_path) -> None:
    run("keys", str(tmp_path / "key.pub"), "--format", "json", "--output", str(tmp_path / "out.json"))
    (only,) = read_key_set((tmp_path / "out.json").read_bytes()).keys
    assert only.key_id == id_of(tmp_path / "key")
