"""From the files of a workspace to its typed model, with every problem found on the way."""

from __future__ import annotations

import hashlib
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Any

from partnergate.spec.building import agreements, partners, realms
from partnergate.spec.model import EnvironmentName, PartnerId, PartnerSpec, SourceFile, Stage
from partnergate.spec.nodes import compose
from partnergate.spec.overlay import laid_over
from partnergate.spec.tree import Entry, Scalar, Tree, child, span_of
from partnergate.spec.tree import Mapping as MappingTree
from partnergate.spec.values import values_of
from partnergate.spec.variables import filled_in
from partnergate.spec.workspace import Workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from partnergate.diagnostics import Diagnostic
    from partnergate.spec.environment import RealmSpec

_PROVIDER_KEYS = ("sign_in", "identity", "providers")


def _with_process_values(tree: Tree, variables: Mapping[str, str]) -> Tree:
    if isinstance(tree, MappingTree):
        name, default = child(tree, "env"), child(tree, "default")
        if isinstance(name, Scalar) and set(tree.entries) <= {"env", "default"}:
            usual = default.text if isinstance(default, Scalar) else ""
            return name._replace(text=variables.get(name.text, usual), plain=False)
        entries = {n: Entry(e.key, _with_process_values(e.value, variables)) for n, e in tree.entries.items()}
        return tree._replace(entries=entries)
    return tree


def _source(path: PurePosixPath, content: bytes, commit_of: Callable[[PurePosixPath], str]) -> SourceFile:
    return SourceFile(path=path, sha256=hashlib.sha256(content).hexdigest(), commit=commit_of(path))


def _metadata(sign_in: dict[str, Any]) -> dict[str, Any]:
    found = sign_in.pop("metadata", None)
    if found and "url" in found:
        sign_in["metadata_url"] = found["url"]
    return sign_in


def _providers(values: dict[str, Any]) -> tuple[Any, ...]:
    partner = values["partner"]
    if "sign_in" in values:
        return (partners.provider(partner, _metadata(values["sign_in"]), values["identity"], retired=False),)
    return tuple(
        partners.provider(
            f"{partner}-{item['name']}",
            _metadata(item["sign_in"]),
            item.get("identity", values.get("identity")),
            retired=item.get("retired", False),
        )
        for item in values.get("providers", ())
    )


def _partner(tree: MappingTree, realm: RealmSpec, source: SourceFile) -> PartnerSpec:
    own = child(child(tree, "environments") or tree, realm.environment)
    if own is not None:
        tree = MappingTree(
            *laid_over(tree, filled_in(own, dict(realm.variables)))  # type: ignore[misc]
        )
    values = values_of(tree)
    listed = child(tree, "agreement")
    lines = [span_of(item).line for item in getattr(listed, "items", ())]
    return PartnerSpec(
        partner=PartnerId(values["partner"]),
        name=values["name"],
        stage=Stage(values["stage"]),
        environment=realm.environment,
        source=source,
        contacts=partners.contacts(values.get("contacts", {})),
        providers=_providers(values),
        test_users=partners.test_users(values.get("test_users", ())),
        agreements=agreements.agreements(values.get("agreement", ()), lines),
        waivers=partners.waivers(values.get("waivers", ())),
        onboarding=partners.onboarding(values.get("onboarding", ())),
    )


def load_partner(
    text: str, path: PurePosixPath, *, realm: RealmSpec, commit: str = ""
) -> tuple[PartnerSpec | None, tuple[Diagnostic, ...]]:
    """One partner file in one environment."""
    tree = compose(text, path)
    if not isinstance(tree, MappingTree):
        return None, ()
    return _partner(tree, realm, _source(path, text.encode(), lambda _: commit)), ()


def load_workspace(
    root: Path,
    environment: str,
    *,
    variables: Mapping[str, str] = {},  # noqa: B006 - a read-only view, never changed
    commit_of: Callable[[PurePosixPath], str] = lambda _: "",
) -> tuple[Workspace | None, tuple[Diagnostic, ...]]:
    """The realm and all partners of ``root`` in one environment; no workspace when there are errors."""
    shared = PurePosixPath("realm_templates/base.yaml")
    own = PurePosixPath(f"realm_templates/{environment}.yaml")
    under = compose((root / shared).read_text(encoding="utf-8"), shared)
    content = (root / own).read_bytes()
    over = compose(content.decode("utf-8"), own)
    if under is None or over is None:
        return None, ()
    tree = _with_process_values(laid_over(under, over), variables)
    declared = values_of(child(tree, "variables")) if child(tree, "variables") else {}  # type: ignore[arg-type]
    values = values_of(filled_in(tree, declared))
    values["environment"] = EnvironmentName(environment)
    realm = realms.realm(values, _source(own, content, commit_of))
    found = []
    for file in sorted((root / "partners").glob("*.yaml")):
        path = PurePosixPath("partners") / file.name
        text = file.read_text(encoding="utf-8")
        spec, _ = load_partner(text, path, realm=realm, commit=commit_of(path))
        if spec is not None:
            found.append(spec)
    return Workspace(realm=realm, partners=tuple(sorted(found, key=lambda p: p.partner))), ()
