"""The providers of a partner file in one environment: overrides, variables and recorded values applied."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from partnergate.language.building import partners
from partnergate.language.keys.identity import IDENTITY
from partnergate.language.keys.sign_in import SIGN_IN
from partnergate.language.overrides import tree_in
from partnergate.language.reading import is_clean
from partnergate.language.recorded.filling import Beside, filled
from partnergate.language.report import Report
from partnergate.language.rules.finding import ProviderAt, urls_of
from partnergate.language.text.tree import Entry, Mapping, Scalar, Sequence, Tree, child, span_of

if TYPE_CHECKING:
    from partnergate.diagnostics import Span
    from partnergate.language.reading import ReadFile
    from partnergate.language.shape.scalars import Shape
    from partnergate.language.text.tree import Path
    from partnergate.model.environment import RealmSpec
    from partnergate.model.partner import ProviderSpec, Stage


class Whose(NamedTuple):
    """The partner that a file is of."""

    partner: str
    name: str
    """What people call it; empty where the file says nothing usable."""
    stage: Stage


class _Part(NamedTuple):
    """One provider as the tree has it."""

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
        return [_Part(partner, (), single, shared, ("identity",), retired=False)]
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
                    path,
                    sign_in,
                    shared if own is None else own,
                    ("identity",) if own is None else (*path, "identity"),
                    retired=isinstance(retired, Scalar) and retired.text == "true",
                )
            )
    return found


def _is_saml(part: _Part) -> bool:
    protocol = child(part.sign_in, "protocol")
    return isinstance(protocol, Scalar) and protocol.text == "saml"


def _with(tree: Mapping, path: Path, sign_in: Tree) -> Mapping:
    """The tree with the filled sign-in in its place, so that its values are found at their paths."""
    if not path:
        entries = {**tree.entries, "sign_in": Entry(tree.entries["sign_in"].key, sign_in)}
        return tree.holding(entries)
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
    whole: tuple[ProviderAt, ...]
    mended: tuple[tuple[ProviderAt, frozenset[tuple[str, str]]], ...]
    """Those with mistakes, stand-ins in their place, and which keys are the file's own."""


class ProvidersIn:
    """Builds the providers of one file for one environment after the other, each distinct one once."""

    def __init__(
        self, file: ReadFile, whose: Whose, beside: Beside, known: frozenset[tuple[str, Span]]
    ) -> None:
        """``known`` is what reading the file has reported already; it is not said again in other words."""
        self._file, self._whose, self._beside, self._known = file, whose, beside, known
        self._built: dict[tuple[int, int, str, bool], tuple[Any, _Built, Report]] = {}
        self._filled: dict[tuple[object, ...], tuple[Any, Tree, Report]] = {}
        self._checked = {} if known else _checked_already(file)

    def providers(self, realm: RealmSpec, report: Report) -> ProvidersFound:
        """The tree in that environment, and every provider there."""
        tree = tree_in(self._file, realm, report)
        whole, mended = [], []
        for part in _parts(tree, self._whose.partner):
            if part.identity is None:
                written = self._file.tree.entries.get("sign_in") or tree.entries.get("sign_in")
                report.add(
                    "PG013",
                    span_of(written.key if written else part.sign_in),
                    'key "identity" is missing: who a user is',
                    f"for example identity: {{subject: {'name_id' if _is_saml(part) else 'sub'}}}",
                )
                continue
            sign_in = self._fill(part, realm, report)
            if sign_in is not part.sign_in:
                tree = _with(tree, part.path, sign_in)
            built = self._provider(part, sign_in, part.identity, report)
            if built.provider is not None:
                whole.append(self._at(part, built.provider, realm))
            elif built.mended is not None:
                mended.append((self._at(part, built.mended, realm), built.sound))
        return ProvidersFound(tree, tuple(whole), tuple(mended))

    def _fill(self, part: _Part, realm: RealmSpec, report: Report) -> Tree:
        """The sign-in with its recorded values; read once for all environments that record the same."""
        known = (id(part.sign_in), part.alias, *self._beside.recorded(part.alias, realm.environment))
        if known not in self._filled:
            own = Report()
            tree = filled(part.sign_in, part.alias, realm.environment, self._beside, own)
            self._filled[known] = part.sign_in, tree, own
        _, tree, own = self._filled[known]
        report.extend(own.found())
        return tree

    def _at(self, part: _Part, provider: ProviderSpec, realm: RealmSpec) -> ProviderAt:
        return ProviderAt(
            partner=self._whose.partner,
            name=self._whose.name,
            provider=provider,
            path=part.path,
            identity_path=part.identity_path,
            realm=realm,
            stage=self._whose.stage,
            urls=urls_of(provider.sign_in, part.path),
        )

    def _provider(self, part: _Part, sign_in: Tree, identity: Tree, report: Report) -> _Built:
        known = (id(sign_in), id(identity), part.alias, part.retired)
        if known not in self._built:
            own = Report()
            values = self._values(SIGN_IN, sign_in, own), self._values(IDENTITY, identity, own)
            if own.has_errors or values[0] is None or values[1] is None or _lacks_endpoints(values[0]):
                built = _mended(part, sign_in, identity, values, own)
            else:
                built = _Built(partners.provider(part.alias, values[0], values[1], retired=part.retired))
            # The trees are kept with the result: an id is only theirs while they live.
            self._built[known] = (sign_in, identity), built, own
        _, built, own = self._built[known]
        report.extend(d for d in own.found() if (d.code, d.span) not in self._known)
        return built

    def _values(self, shape: Shape, tree: Tree, own: Report) -> dict[str, Any] | None:
        found: dict[str, Any] | None = self._checked.get(id(tree))
        return shape.check(tree, own) if found is None else found


def _checked_already(file: ReadFile) -> dict[int, dict[str, Any]]:
    """The values of a file without problems, by the tree they were read from; the file keeps the trees."""
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
    """A provider; or one where stand-ins take the place of what is not well formed."""

    provider: ProviderSpec | None = None
    mended: ProviderSpec | None = None
    sound: frozenset[tuple[str, str]] = frozenset()
    """(``sign_in`` or ``identity``, key) of what a mended provider took from the file."""


def _sound_values(tree: Tree, values: dict[str, Any] | None, own: Report) -> dict[str, Any]:
    """The keys whose values hold no error."""
    entries = tree.entries if isinstance(tree, Mapping) else {}
    return {
        name: value
        for name, value in (values or {}).items()
        if value is not None and name in entries and is_clean(entries[name].value, own)
    }


def _mended(
    part: _Part,
    sign_in: Tree,
    identity: Tree,
    values: tuple[dict[str, Any] | None, dict[str, Any] | None],
    own: Report,
) -> _Built:
    """A provider for the rules over what is sound, so that one mistake does not hide the others."""
    protocol = child(sign_in, "protocol")
    name = protocol.text if isinstance(protocol, Scalar) else ""
    if name not in _STAND_INS:
        return _Built()
    signing, who = _sound_values(sign_in, values[0], own), _sound_values(identity, values[1], own)
    mended = partners.provider(
        part.alias,
        {"protocol": name, **_STAND_INS[name], **signing},
        {"subject": "sub", **who},
        retired=part.retired,
    )
    return _Built(
        mended=mended,
        sound=frozenset({("sign_in", key) for key in signing} | {("identity", key) for key in who}),
    )


_URL = "https://stand-in.example/"
_STAND_INS: dict[str, dict[str, Any]] = {
    "oidc": {
        "issuer": _URL,
        "authorization_url": _URL,
        "token_url": _URL,
        "jwks_url": _URL,
        "client_id": "stand-in",
    },
    "saml": {"entity_id": _URL, "sso_url": _URL},
    "oauth2": {"authorization_url": _URL, "token_url": _URL, "userinfo_url": _URL, "client_id": "stand-in"},
}
"""What takes the place of a sign-in that is not well formed; nothing is said about it."""


def _lacks_endpoints(values: dict[str, Any] | None) -> bool:
    """Filling has reported the endpoints that are neither written nor recorded."""
    if values is None:
        return True
    needed = {"oidc": ("authorization_url", "token_url", "jwks_url"), "saml": ("sso_url",)}
    return any(key not in values for key in needed.get(values["protocol"], ()))
