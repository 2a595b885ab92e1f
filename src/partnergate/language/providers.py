"""Builds the providers of a partner file in one environment: overrides, variables, recorded values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.language.building import partners
from partnergate.language.keys.identity import IDENTITY
from partnergate.language.keys.sign_in import SIGN_IN
from partnergate.language.overrides import tree_in
from partnergate.language.reading import is_clean
from partnergate.language.recorded.filling import RecordedFiles, filled
from partnergate.language.report import Report
from partnergate.language.rules.rule_inputs import ProviderAt, urls_of
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, Tree, child, span_of

if TYPE_CHECKING:
    from datetime import date

    from partnergate.diagnostics import Span
    from partnergate.language.reading import ReadFile
    from partnergate.language.shape.scalars import Shape
    from partnergate.language.text.tree import Path
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import ProviderSpec, Stage


class Owner(NamedTuple):
    """The partner that a file belongs to."""

    partner: str
    name: str
    """The display name; empty if the file has no usable name."""
    stage: Stage


class _Part(NamedTuple):
    """One provider as it appears in the tree."""

    name: str
    """``<partner>`` or ``<partner>-<name>``, by which recorded files are found."""
    alias: str
    path: Path
    sign_in: Tree
    identity: Tree | None
    identity_path: Path
    retired: bool


def _parts(tree: Mapping, partner: str) -> list[_Part]:
    shared = child(tree, "identity")
    single = child(tree, "sign_in")
    if single is not None:
        return [
            _Part(partner, _alias(tree, partner), (), single, shared, ("identity",), retired=False),
        ]
    listed = child(tree, "providers")
    if not isinstance(listed, Sequence):
        return []
    found = []
    for place, item in enumerate(listed.items):
        name, sign_in, own = child(item, "name"), child(item, "sign_in"), child(item, "identity")
        retired = child(item, "retired")
        if isinstance(name, Scalar) and sign_in is not None:
            path: Path = ("providers", place)
            found.append(
                _Part(
                    f"{partner}-{name.text}",
                    _alias(item, f"{partner}-{name.text}"),
                    path,
                    sign_in,
                    shared if own is None else own,
                    ("identity",) if own is None else (*path, "identity"),
                    retired=isinstance(retired, Scalar) and retired.text == "true",
                )
            )
    return found


def _alias(tree: Tree, usual: str) -> str:
    """Return the alias of the provider: the key ``alias``, or the usual one."""
    own = child(tree, "alias")
    return own.text if isinstance(own, Scalar) else usual


def _is_saml(part: _Part) -> bool:
    protocol = child(part.sign_in, "protocol")
    return isinstance(protocol, Scalar) and protocol.text == "saml"


def _with(tree: Mapping, path: Path, sign_in: Tree) -> Mapping:
    """Return the tree with the recorded sign-in values, so that they are found at their paths."""
    if not path:
        entries = {**tree.entries, "sign_in": Entry(tree.entries["sign_in"].key, sign_in)}
        return tree.with_entries(entries)
    listed = tree.entries["providers"]
    place = path[1]
    if not (isinstance(listed.value, Sequence) and isinstance(place, int)):
        return tree
    items = list(listed.value.items)
    item = items[place]
    if isinstance(item, Mapping):
        items[place] = _with(item, (), sign_in)
    changed = Entry(listed.key, listed.value._replace(items=tuple(items)))
    return tree._replace(entries={**tree.entries, "providers": changed})


class ProvidersFound(NamedTuple):
    """The providers of a file in one environment."""

    tree: Mapping
    complete: tuple[ProviderAt, ...]
    incomplete: tuple[tuple[ProviderAt, frozenset[tuple[str, str]]], ...]
    """Providers with mistakes, which placeholders replace, and the keys read from the file."""


class ProvidersIn:
    """Builds the providers of one file for each environment, and each distinct provider only once."""

    def __init__(
        self,
        file: ReadFile,
        owner: Owner,
        recorded: RecordedFiles,
        known: frozenset[tuple[str, Span]],
        *,
        today: date | None = None,
    ) -> None:
        """``known`` contains the diagnostics already reported for the file. They are not reported again."""
        self._file, self._owner, self._recorded, self._known = file, owner, recorded, known
        self._today = today
        self._built: dict[tuple[int, int, str, bool], tuple[Any, _Built, Report]] = {}
        self._filled: dict[tuple[object, ...], tuple[Any, Tree, Report]] = {}
        self._checked = {} if known else _checked_already(file)

    def providers(self, realm: RealmSpec, report: Report) -> ProvidersFound:
        """Return the tree in that environment and its providers."""
        tree = tree_in(self._file, realm, report)
        complete, incomplete = [], []
        for part in _parts(tree, self._owner.partner):
            if part.identity is None:
                written = self._file.tree.entries.get("sign_in") or tree.entries.get("sign_in")
                report.add(
                    "PG013",
                    span_of(written.key if written else part.sign_in),
                    'missing key "identity"',
                    f"for example identity: {{subject: {'name_id' if _is_saml(part) else 'sub'}}}",
                )
                continue
            sign_in = self._fill(part, realm, report)
            if sign_in is not part.sign_in:
                tree = _with(tree, part.path, sign_in)
            built = self._provider(part, sign_in, part.identity, report)
            if built.provider is not None:
                complete.append(self._at(part, built.provider, realm))
            elif built.incomplete is not None:
                incomplete.append((self._at(part, built.incomplete, realm), built.valid))
        return ProvidersFound(tree, tuple(complete), tuple(incomplete))

    def _fill(self, part: _Part, realm: RealmSpec, report: Report) -> Tree:
        """Return the sign-in with recorded values, built once for each distinct recording."""
        known = (id(part.sign_in), part.name, *self._recorded.recorded(part.name, realm.environment))
        if known not in self._filled:
            own = Report()
            tree = filled(part.sign_in, part.name, realm.environment, self._recorded, own, today=self._today)
            self._filled[known] = part.sign_in, tree, own
        _, tree, own = self._filled[known]
        report.extend(own.found())
        return tree

    def _at(self, part: _Part, provider: ProviderSpec, realm: RealmSpec) -> ProviderAt:
        return ProviderAt(
            partner=self._owner.partner,
            name=self._owner.name,
            provider=provider,
            path=part.path,
            identity_path=part.identity_path,
            realm=realm,
            stage=self._owner.stage,
            urls=urls_of(provider.sign_in, part.path),
        )

    def _provider(self, part: _Part, sign_in: Tree, identity: Tree, report: Report) -> _Built:
        known = (id(sign_in), id(identity), part.alias, part.retired)
        if known not in self._built:
            own = Report()
            values = self._values(SIGN_IN, sign_in, own), self._values(IDENTITY, identity, own)
            if own.has_errors or values[0] is None or values[1] is None or _is_missing_endpoints(values[0]):
                built = _incomplete(part, sign_in, identity, values, own)
            else:
                built = _Built(partners.provider(part.alias, values[0], values[1], retired=part.retired))
            # Keep the trees together with the result: an id() identifies a node only while the node is alive.
            self._built[known] = (sign_in, identity), built, own
        _, built, own = self._built[known]
        report.extend(d for d in own.found() if (d.code, d.span) not in self._known)
        return built

    def _values(self, shape: Shape, tree: Tree, own: Report) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._checked.get(id(tree))
        return shape.check(tree, own) if found is None else found


def _checked_already(file: ReadFile) -> dict[int, dict[str, Any]]:
    """Parsed values of a file without problems, by tree. The file keeps the trees alive."""
    found = {id(entry.value): file.values[name] for name, entry in _signing_in(file.tree.entries)}
    listed = child(file.tree, "providers")
    if isinstance(listed, Sequence):
        for item, values in zip(listed.items, file.values["providers"], strict=True):
            if isinstance(item, Mapping):
                found |= {id(entry.value): values[name] for name, entry in _signing_in(item.entries)}
    return found


def _signing_in(entries: dict[str, Entry]) -> list[tuple[str, Entry]]:
    return [(name, entries[name]) for name in ("sign_in", "identity") if name in entries]


class _Built(NamedTuple):
    """A provider, or an incomplete one with placeholders for malformed values."""

    provider: ProviderSpec | None = None
    incomplete: ProviderSpec | None = None
    valid: frozenset[tuple[str, str]] = frozenset()
    """(``sign_in`` or ``identity``, key) of each value that a partial provider took from the file."""


def _valid_values(tree: Tree, values: dict[str, Any] | None, own: Report) -> dict[str, Any]:
    """Return the keys whose values contain no error."""
    entries = tree.entries if isinstance(tree, Mapping) else {}
    return {
        name: value
        for name, value in (values or {}).items()
        if value is not None and name in entries and is_clean(entries[name].value, own)
    }


def _incomplete(
    part: _Part,
    sign_in: Tree,
    identity: Tree,
    values: tuple[dict[str, Any] | None, dict[str, Any] | None],
    own: Report,
) -> _Built:
    """Return a partial provider for the rules, so that one mistake does not hide the others."""
    protocol = child(sign_in, "protocol")
    name = protocol.text if isinstance(protocol, Scalar) else ""
    if name not in _PLACEHOLDERS:
        return _Built()
    signing, who = _valid_values(sign_in, values[0], own), _valid_values(identity, values[1], own)
    incomplete = partners.provider(
        part.alias,
        {"protocol": name, **_PLACEHOLDERS[name], **signing},
        {"subject": "sub", **who},
        retired=part.retired,
    )
    return _Built(
        incomplete=incomplete,
        valid=frozenset({("sign_in", key) for key in signing} | {("identity", key) for key in who}),
    )


_URL = "https://placeholder.example/"
_PLACEHOLDERS: dict[str, dict[str, Any]] = {
    "oidc": {
        "issuer": _URL,
        "authorization_url": _URL,
        "token_url": _URL,
        "jwks_url": _URL,
        "client_id": "placeholder",
    },
    "saml": {"entity_id": _URL, "sso_url": _URL},
    "oauth2": {
        "authorization_url": _URL,
        "token_url": _URL,
        "userinfo_url": _URL,
        "client_id": "placeholder",
    },
}
"""Placeholders for malformed sign-ins. Nothing is reported about them."""


def _is_missing_endpoints(values: dict[str, Any] | None) -> bool:
    """Whether an endpoint is missing, which has already been reported."""
    if values is None:
        return True
    needed = {"oidc": ("authorization_url", "token_url", "jwks_url"), "saml": ("sso_url",)}
    return any(key not in values for key in needed.get(values["protocol"], ()))
