"""Who runs a command: the user of the CI job, or the user of the operating system."""

from __future__ import annotations

import os
import platform
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from partnergate.audit.actor import Actor


def current_actor() -> Actor:
    """The identity of this process. The local name is that of the account, not of a variable."""
    from partnergate.audit.actor import actor_of_process

    return actor_of_process(os.environ, user=_account(), machine=platform.node())


def _account() -> str:
    try:
        import pwd
    except ImportError:  # not on Windows
        import getpass

        return getpass.getuser()
    try:
        return pwd.getpwuid(os.geteuid()).pw_name
    except KeyError:
        return f"uid {os.geteuid()}"
