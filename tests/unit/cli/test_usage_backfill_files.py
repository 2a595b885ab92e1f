"""Usage files in batches: a malformed line affects only itself, and positions are between lines."""

import json

import pytest
from click.testing import CliRunner

from partnergate.cli.usage.group import command
from partnergate.cli.usage.sending_file import batches, store_position, stored_position
from partnergate.errors import UsageError
from partnergate.metering.backfill import Defaults

DEFAULTS = Defaults(source="s", type="task.run")
HEAD = b"id,time,subject,quantity,note\n"


def events(path, content, *, size=2, begin=0):
    path.write_bytes(content)
    return [
        (event, position)
        for body, position in batches(path, begin, DEFAULTS, size)
        for event in json.loads(body)
    ]


def test_a_line_that_is_not_text_becomes_a_refused_event_and_others_are_sent(tmp_path):
    found = events(tmp_path / "u.csv", HEAD + b"1,t,session:s,2,\xff\xfe\n2,t,session:s,3,x\n")
    assert [event["id"] for event, _ in found] == [None, "2"]
    assert found[1][0]["data"] == {"quantity": 3, "note": "x"}


def test_too_many_or_too_few_cells_affect_only_their_line(tmp_path):
    found = events(tmp_path / "u.csv", HEAD + b"1,t,session:s,2,x,more\n2,t,session:s,3\n3,t,session:s,4,y\n")
    assert [event["id"] for event, _ in found] == [None, "2", "3"]
    assert found[1][0]["data"] == {"quantity": 3}


def test_a_quoted_line_break_remains_in_its_cell_across_batches(tmp_path):
    content = HEAD + b'1,t,session:s,2,x\n2,t,session:s,3,"a\nb"\n3,t,session:s,4,y\n'
    found = events(tmp_path / "u.csv", content, size=2)
    assert [event["id"] for event, _ in found] == ["1", "2", "3"]
    assert found[1][0]["data"]["note"] == "a\nb"
    assert found[-1][1] == len(content)


@pytest.mark.parametrize("name", ["u.csv", "u.ndjson"])
def test_continuing_at_any_position_sends_exactly_the_rest(tmp_path, name):
    lines = [f"{n},t,session:s,{n},x\n".encode() for n in range(7)]
    if name.endswith("ndjson"):
        lines = [json.dumps({"id": str(n), "time": "t"}).encode() + b"\n" for n in range(7)]
    content = (HEAD if name == "u.csv" else b"") + b"".join(lines)
    whole = events(tmp_path / name, content, size=3)
    for position in sorted({at for _, at in whole}):
        rest = events(tmp_path / name, content, size=3, begin=position)
        assert rest == [one for one in whole if one[1] > position]


def test_a_position_is_invalid_after_the_file_changes(tmp_path):
    file, place = tmp_path / "u.csv", tmp_path / "u.csv.position"
    file.write_bytes(HEAD)
    assert stored_position(place, file) == 0
    store_position(place, file, 7)
    assert stored_position(place, file) == 7
    file.write_bytes(HEAD + b"1")
    assert stored_position(place, file) == 0


def test_a_file_without_ids_or_with_an_unknown_extension_is_refused(tmp_path):
    for name, content in (("u.csv", b"time,subject\n"), ("u.csv", b""), ("u.txt", b"x")):
        with pytest.raises(UsageError):
            events(tmp_path / name, content)


def invoked(*arguments):
    result = CliRunner().invoke(command, arguments, standalone_mode=False)
    if result.exception is not None:
        raise result.exception
    return result


def test_a_file_that_is_sent_already_is_reported(tmp_path):
    file = tmp_path / "f.csv"
    file.write_text("id,time,subject\n")
    (tmp_path / "f.csv.position").write_text(f'{{"size": {file.stat().st_size}, "position": 16}}')
    result = invoked("backfill", str(file), "--url", "http://127.0.0.1:9")
    assert "is sent already" in result.output
    assert "--restart" in result.output


@pytest.mark.parametrize(
    "wrong", [("--url", "nonsense"), ("--url", "https://ok.test", "--issuer", "ftp://x")]
)
def test_an_invalid_url_is_refused_before_anything_is_sent(tmp_path, wrong):
    file = tmp_path / "f.csv"
    file.write_text("id\n1\n")
    with pytest.raises(UsageError, match="not the URL of a server") as refused:
        invoked("backfill", str(file), *wrong)
    assert refused.value.target == wrong[-2]
