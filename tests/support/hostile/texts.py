"""Texts that try to exhaust time or memory or cause a traceback, each with the expected code."""

from __future__ import annotations

from partnergate.language.recorded.metadata import METADATA_LIMIT

BOMB = "a: &a [x, x]\n" + "".join(
    f"{n}: &{n} [*{p}, *{p}, *{p}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
)
HOSTILE = {
    "ten_megabytes": (b"a: [" + b"1," * 5_000_000 + b"]", "PG003"),
    "deep_flow": (b"[" * 100_000, "PG005"),
    "deep_braces": (b"{a: " * 20_000, "PG005"),
    "deep_block": (b"".join(b" " * n + b"a:\n" for n in range(600)), "PG005"),
    "deep_compact_lists": (b"- " * 20_000 + b"a", "PG005"),
    "shallow_enough_for_c_too_deep_for_us": (b"name: " + b"[" * 150 + b"]" * 150, "PG005"),
    "alias_bomb": (BOMB.encode(), "PG006"),
    "anchor_alone": (b"name: &a Acme\n", "PG006"),
    "python_tag": (b"name: !!python/object/apply:os.system ['true']\n", "PG007"),
    "verbatim_tag": (b"name: !<tag:yaml.org,2002:str> Acme\n", "PG007"),
    "directive": (b"%YAML 1.1\n---\nname: Acme\n", "PG010"),
    "two_documents": (b"name: Acme\n---\nname: Other\n", "PG010"),
    "empty": (b"", "PG010"),
    "comment_only": (b"# nothing\n", "PG010"),
    "nul": (b"name: Ac\x00me\n", "PG002"),
    "escape": (b"name: Ac\x1bme\n", "PG002"),
    "escaped_nul": (rb'name: "Ac\u0000me"' + b"\n", "PG002"),
    "escaped_right_to_left": (rb'name: "Ac\u202eme"' + b"\n", "PG002"),
    "escaped_surrogate": (rb'name: "Ac\ud800me"' + b"\n", "PG004"),
    "escaped_key": (rb'identity: {attributes: {"a\u200bb": dept}}' + b"\n", "PG002"),
    "right_to_left": ("name: Ac\u202eme\n".encode(), "PG002"),
    "utf16": ("name: Acme\n".encode("utf-16"), "PG001"),
    "utf32": ("name: Acme\n".encode("utf-32"), "PG001"),
    "latin1": ("name: Äcme\n".encode("latin-1"), "PG001"),
    "overlong": (b"name: \xc0\xaf\n", "PG001"),
    "surrogate": (b"name: \xed\xa0\x80\n", "PG001"),
    "merge": (b"<<: {name: Acme}\n", "PG009"),
    "duplicate": (b"name: Acme\nname: Other\n", "PG008"),
    "list_as_key": (b"? [a]\n: b\n", "PG011"),
    "tab": (b"name:\n\tAcme: b\n", "PG004"),
    "unclosed": (b'name: "Acme\n', "PG004"),
    "scalar_document": (b"partnergate\n", "PG014"),
    "list_document": (b"- partnergate\n", "PG014"),
}
_PRICE = '{model: flat, amount: "1.00"}'
_START = "partnergate: 1\npartner: acme\nname: Acme\nstage: live\n"
_SIGN_IN = "sign_in: {{protocol: oidc, issuer: {url}, client_id: a}}\nidentity: {{subject: sub}}\n"
_TERMS = "agreement:\n- effective: 2026-10-01\n  currency: USD\n  time_zone: {zone}\n  charges:\n"
HOSTILE |= {
    "thousands_of_unknown_keys": ("".join(f"kez{n}: 1\n" for n in range(20_000)).encode(), "PG012"),
    "thousands_of_unknown_keys_in_a_part": (
        f"{_START}sign_in:\n  protocol: oidc\n{''.join(f'  clientid{n}: a{chr(10)}' for n in range(12_000))}".encode(),
        "PG012",
    ),
    "a_key_of_a_quarter_megabyte": (b"? " + b"k" * 250_000 + b"\n: a\n", "PG012"),
    "a_value_of_a_quarter_megabyte": (f"{_START}stage: {'live' * 60_000}\n".encode(), "PG008"),
    "an_address_of_a_quarter_megabyte": (
        f"{_START}{_SIGN_IN.format(url='https://' + 'a.' * 120_000 + 'example/')}".encode(),
        "PG023",
    ),
    "an_e_mail_address_of_dots": (
        f"{_START}contacts: {{technical: ['a@{'a.' * 120_000}!']}}\n".encode(),
        "PG023",
    ),
    "a_time_zone_of_a_quarter_megabyte": (
        f"{_START}{_TERMS.format(zone='America/' + 'x' * 240_000)}  - {{name: A, price: {_PRICE}}}\n".encode(),
        "PG023",
    ),
    "a_thousand_versions_with_mistakes": (
        (
            _START
            + "agreement:\n"
            + "".join(
                f"- {{effective: 2026-10-01, currency: XXQ, time_zone: Mars/{n}, charges: [{{name: A, x: 1}}]}}\n"
                for n in range(1000)
            )
        ).encode(),
        "PG012",
    ),
    "thousands_of_charges": (
        (
            _START
            + _TERMS.format(zone="UTC")
            + "".join(f"  - {{name: A, price: {_PRICE}}}\n" for _ in range(4500))
        ).encode(),
        "PG021",
    ),
    "hundreds_of_environments_with_variables": (
        (
            _START
            + "environments:\n"
            + "".join(f"  e{n}: {{sign_in: {{issuer: '${{a}}${{b}}'}}}}\n" for n in range(4000))
        ).encode(),
        "PG029",
    ),
    "half_open_variables": (
        (_START + "environments: {staging: {sign_in: {issuer: '" + "${" * 60_000 + "'}}}\n").encode(),
        "PG026",
    ),
    "words_that_look_random": (
        (
            _START
            + "test_users:\n- since: 2026-10-01\n  until: 2027-10-01\n  subjects:\n"
            + "".join(f"  - {n:04}abcdefghijklmnopqrstuvwxyzABCDEFGH\n" for n in range(5500))
        ).encode(),
        "PG102",
    ),
    "a_secret_mark_in_every_line": (b"# eyJ\n" * 40_000, "PG010"),
    "commas": (b"a: [" + b"," * 200_000 + b"]\n", "PG004"),
    "quotes": (b"'" * 250_000, "PG014"),
}
"""Texts that only take time: many mistakes, long texts, regular expressions that could backtrack."""
HOSTILE_METADATA = {
    "xml_entity": b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>',
    "xml_external_entity": b'<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    "xml_entity_bomb": b'<!DOCTYPE l [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><l>&b;</l>',
    "xml_deep": b"<a>" * 5000,
    "xml_double_attribute": b"<a" + b" b='c'" * 10,
    "xml_nul": b"\x00",
    "xml_empty": b"",
    "xml_cut_utf16": "<a/>".encode("utf-16")[:5],
    "xml_unknown_encoding": b"<?xml version='1.0' encoding='nonsense'?><a/>",
    "xml_too_large": b"x" * (METADATA_LIMIT + 1),
    "xml_of_something_else": b"<a><b/></a>",
}
