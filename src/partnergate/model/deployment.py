"""In which environments a partner is deployed, by its stage."""

from __future__ import annotations

from typing import TYPE_CHECKING, assert_never

from partnergate.model.partner import Stage

if TYPE_CHECKING:
    from partnergate.model.environment import RealmSpec


def concerns(stage: Stage, realm: RealmSpec) -> bool:
    """Whether what the file says for this environment must be right.

    A draft is held to what its next stage needs, so that it is ready when it leaves that state.
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
