"""A realm as comparable values: what files ask for, what Keycloak has, and who owns it. Pure.

- ``state``: resources, their keys, and the state of a realm
- ``comparable``: JSON as hashable values and back
- ``normalize``: equal meaning as equal value, on both sides of a comparison
- ``ownership``: the names and marks that partnergate leaves in a realm
- ``secrecy``: which keys hold secrets
- ``ports``: what the desired state needs from outside
- ``subject``: what identifies the users of a provider
- ``fitting``: the desired state with what the realm itself determines
- ``versions``: Keycloak versions, and the features that each one has
- ``mappers``: the kinds of identity-provider mapper, one module each
- ``desired``: the state that partner files and realm templates ask for
- ``representation``: resources from and to Keycloak's representations

Modules are imported directly.
"""

__all__ = ()
