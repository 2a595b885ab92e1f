"""Determines the environments in which a partner is deployed, by its stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec


def concerns(stage: Stage, realm: RealmSpec) -> bool:
    """Whether the configuration for this environment must be valid.

    A draft must satisfy the requirements of its next stage.
    """
    match stage:
        case Stage.DRAFT | Stage.STAGING:
            return Stage.STAGING in realm.stages
        case Stage.LIVE:
            return Stage.LIVE in realm.stages
        case Stage.SUSPENDED | Stage.RETIRED:
            return True
        case _ as never:
            assert_never(never)
