"""Shapes of overrides: nothing is required, and ``${name}`` can replace a value."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from partnergate.language.shape.collections import Either, Key, ListOf, MapOf, Object, Variant
from partnergate.language.shape.scalars import Choice
from partnergate.language.text.tree import Scalar

if TYPE_CHECKING:
    from partnergate.language.report import Report
    from partnergate.language.shape.scalars import Shape
    from partnergate.language.text.tree import Tree

_FREE_PATTERN = re.compile(r"\$\{")


@dataclass(frozen=True, slots=True, kw_only=True)
class WithVariables:
    """A shape that accepts ``${name}``. The value is checked after the variable is replaced."""

    shape: Shape
    description: str = ""

    def check(self, tree: Tree, report: Report) -> Any:
        if type(tree) is Scalar and _FREE_PATTERN.search(tree.text):
            return tree.text
        return self.shape.check(tree, report)


def loosened(shape: Shape, *, keep: frozenset[str] = frozenset()) -> Any:
    """Return the shape of an override: nothing is required except ``keep``."""
    match shape:
        case Object():
            keys = tuple(
                replace(key, shape=loosened(key.shape, keep=keep), required=key.name in keep and key.required)
                for key in shape.keys
            )
            return replace(
                shape,
                keys=keys,
                exactly_one=(),
                at_least_one=(),
                at_most_one=shape.exactly_one or shape.at_most_one,
            )
        case ListOf():
            return ListOf(
                item=loosened(shape.item, keep=keep),
                description=shape.description,
                may_be_empty=shape.may_be_empty,
            )
        case MapOf():
            return MapOf(
                key=shape.key,
                value=loosened(shape.value, keep=keep),
                description=shape.description,
                may_be_empty=shape.may_be_empty,
            )
        case Either():
            return Either(
                scalar=loosened(shape.scalar, keep=keep), mapping=shape.mapping, description=shape.description
            )
        case Variant():
            return united(shape, keep=keep)
        case _:
            return WithVariables(shape=shape, description=shape.description)


def united(shape: Variant, *, keep: frozenset[str]) -> Object:
    """Return all keys of all cases, for an override whose case depends on the value that it overrides."""
    keys: dict[str, Key] = {}
    for _, case in shape.cases:
        for key in case.keys:
            keys.setdefault(key.name, key)
    keys[shape.tag] = Key(
        name=shape.tag,
        shape=Choice(words=tuple(shape.by_tag), description=shape.tag_description, often=shape.often),
    )
    whole = Object(
        name=shape.name,
        keys=tuple(keys.values()),
        description=shape.description,
        refused=tuple(
            {
                name: refusal for _, case in shape.cases for name, refusal in case.refused if name not in keys
            }.items()
        ),
    )
    loose: Object = loosened(whole, keep=keep)
    return loose
