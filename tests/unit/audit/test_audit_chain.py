"""The chain of the audit log: what it detects, and what it needs a head for."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from builders.actors import ADA, CI
from partnergate.audit.actor import Actor, ActorKind, actor_of_process, actor_of_token
from partnergate.audit.chain import HEAD_FORMAT, AuditHead, ChainCheck
from partnergate.audit.entry import (
    FIRST,
    AuditError,
    AuditEvent,
    Deed,
    Phase,
    content_of,
    details_of,
    entry_after,
    entry_of,
    hash_of,
)
from partnergate.audit.file import audit_lines, head_problem, split_lines
from partnergate.statements.key_set import key_set_of, with_revoked
from partnergate.statements.seal import new_key_pair

NOW = datetime(2026, 12, 1, 9, 30, tzinfo=UTC)
KEYS = new_key_pair()


def event(number: int, **more) -> AuditEvent:
    values = {
        "at": NOW + timedelta(minutes=number),
        "environment": "production",
        "deed": Deed.FINALIZED,
        "actor": ADA,
        "target": f"acme-{number}",
        "key": f"finalized {number}",
        "details": details_of(total="1.00 USD", nothing=None),
    }
    return AuditEvent(**values | more)


def chain(count: int) -> list[bytes]:
    contents: list[bytes] = []
    for number in range(count):
        previous = hash_of(contents[-1]) if contents else FIRST
        contents.append(content_of(entry_after(event(number), sequence=number, previous=previous)))
    return contents


def problems(contents, head=None) -> list[str]:
    return list(ChainCheck(expected=head).problems(contents))


def head_of(contents) -> AuditHead:
    return AuditHead(
        format=HEAD_FORMAT, count=len(contents), sha256=hash_of(contents[-1]) if contents else FIRST, at=NOW
    )


def test_a_complete_chain_has_no_problem() -> None:
    assert problems(chain(5)) == []
    assert problems([]) == []
    assert problems(chain(5), head_of(chain(5))) == problems(chain(7), head_of(chain(5))) == []
    assert problems(chain(3), head_of([])) == []


def test_a_changed_entry_is_detected() -> None:
    contents = chain(5)
    contents[1] = contents[1].replace(b"acme-1", b"acme-9")
    assert problems(contents) == ["entry 3 does not follow the entry before it: one of the two was changed"]


def test_a_removed_entry_is_detected() -> None:
    contents = chain(5)
    del contents[2]
    assert problems(contents)[:2] == [
        "entry 3 has the number 4: an entry was removed or added",
        "entry 4 does not follow the entry before it: one of the two was changed",
    ]


def test_swapped_and_repeated_entries_are_detected() -> None:
    one, two, three = chain(3)
    assert problems([one, three, two])
    assert problems([one, two, two, three])


def test_a_removed_end_is_detected_by_a_head_and_by_nothing_else() -> None:
    contents = chain(5)
    assert problems(contents[:3]) == []
    assert problems(contents[:3], head_of(contents)) == [
        "the last 2 of 5 entries are missing: they existed on 2026-12-01"
    ]
    assert problems([], head_of(contents)) == [
        "the last 5 of 5 entries are missing: they existed on 2026-12-01"
    ]


def test_a_chain_that_was_written_again_is_detected_by_a_head() -> None:
    contents = chain(5)
    again = chain(1)
    for number in range(1, 6):
        made = entry_after(event(number, actor=CI), sequence=number, previous=hash_of(again[-1]))
        again.append(content_of(made))
    assert problems(again) == []
    assert problems(again, head_of(contents)) == [
        "entry 5 is not the entry of 2026-12-01: the chain was written again"
    ]


def test_an_entry_is_read_back_from_its_canonical_bytes_only() -> None:
    (content,) = chain(1)
    assert content_of(entry_of(content)) == content
    for other in (
        content + b"\n",
        b"{}",
        b"",
        content.replace(b"finalized", b"unknown", 1),
        b'{"a":1,"a":2}',
    ):
        with pytest.raises(AuditError):
            entry_of(other)


def test_texts_of_others_are_escaped_and_bounded() -> None:
    hostile = event(
        0, target="\x1b[2J" + "a" * 1000, details=tuple(details_of(**{f"d{n}": "\u202ex" for n in range(50)}))
    )
    entry = entry_after(hostile, sequence=0, previous=FIRST)
    assert entry.target.startswith("\\x1b[2Jaaa")
    assert len(entry.target) == 300
    assert len(entry.details) == 20
    assert entry.details[0].value == "\\u202ex"


def test_the_actor_of_a_ci_job_is_its_user_with_the_run() -> None:
    github = {
        "GITHUB_ACTIONS": "true",
        "GITHUB_ACTOR": "grace",
        "GITHUB_SERVER_URL": "https://github.example",
        "GITHUB_REPOSITORY": "host/repo",
        "GITHUB_RUN_ID": "7",
        "GITHUB_RUN_ATTEMPT": "2",
    }
    actor = actor_of_process(github, user="runner", machine="vm")
    assert actor.words() == (
        "grace (asserted by CI: https://github.example/host/repo/actions/runs/7/attempts/2)"
    )
    gitlab = {"GITLAB_CI": "true", "GITLAB_USER_LOGIN": "linus", "CI_JOB_URL": "https://gitlab.example/j/9"}
    actor = actor_of_process(gitlab, user="runner", machine="vm")
    assert actor.words() == "linus (asserted by CI: https://gitlab.example/j/9)"


def test_the_actor_of_a_command_is_the_account_and_never_a_variable() -> None:
    environ = {"USER": "root", "LOGNAME": "root", "GITHUB_ACTOR": "root", "GITLAB_USER_LOGIN": "root"}
    actor = actor_of_process(environ, user="ada", machine="host-1")
    assert actor == Actor(kind=ActorKind.LOCAL, name="ada", evidence="host-1")
    assert actor.words() == "ada (local user on host-1)"


def test_the_actor_of_a_token_is_its_user_or_its_client() -> None:
    assert actor_of_token("ada", "portal").words() == "ada (token of portal)"
    assert actor_of_token("", "billing-job").name == "billing-job"


def test_an_actor_has_one_printable_line() -> None:
    actor = Actor(kind=ActorKind.GITHUB, name="a\nb\x1b" + "c" * 1000)
    assert actor.name.startswith("a\\nb\\x1bccc")
    assert len(actor.name) == 300


def test_a_file_has_every_entry_and_a_signed_head() -> None:
    lines = list(audit_lines(iter(chain(3)), at=NOW, private=KEYS.private))
    contents, signed = split_lines(line + b"\n" for line in lines)
    assert list(contents) == chain(3)
    assert signed.head == head_of(chain(3))
    assert head_problem(signed, key_set_of(KEYS.public)) == ""


def test_a_head_is_trusted_only_with_a_signature_of_a_valid_key() -> None:
    _, signed = split_lines(audit_lines(iter(chain(3)), at=NOW, private=KEYS.private))
    keys = key_set_of(KEYS.public)
    fewer = replace(signed, head=replace(signed.head, count=2))
    assert "is not by key" in head_problem(fewer, keys)
    assert "not signed" in head_problem(replace(signed, jws=""), keys)
    assert "is not a JWS" in head_problem(replace(signed, jws="e30..x"), keys)
    assert "published keys are" in head_problem(signed, key_set_of(new_key_pair().public))
    from partnergate.statements.key_set import Revocation, RevocationReason

    revoked = with_revoked(keys, KEYS.key_id, Revocation(at=NOW, reason=RevocationReason.COMPROMISED))
    assert "revoked" in head_problem(signed, revoked)


@pytest.mark.parametrize("cut", [0, 1, 3])
def test_a_file_without_its_head_is_refused(cut: int) -> None:
    lines = list(audit_lines(iter(chain(3)), at=NOW, private=None))
    with pytest.raises(AuditError, match="incomplete"):
        split_lines(lines[:cut])


def test_a_head_with_unknown_keys_is_refused() -> None:
    *_, last = audit_lines(iter(chain(1)), at=NOW, private=None)
    with pytest.raises(AuditError, match="not the head"):
        split_lines([json.dumps(json.loads(last) | {"x": 1}, separators=(",", ":")).encode()])


def test_every_phase_and_deed_is_a_word() -> None:
    assert all(value.replace("_", "").isalpha() for value in (*Deed, *Phase))
