"""The kinds of identity-provider mapper, one module each.

To add a kind, write its module and list it in ``KINDS``; nothing else names it.

- ``kind``: what a kind declares about itself
- ``mapper_kinds``: the lookups over all kinds
- ``partner_id_attribute``, ``partner_id_session``: the hard-coded partner ID;
  ``hardcoded_partner_id``: what both share
- ``username``: the user name, and the subject in login events
- ``user_attribute``: a claim copied to a user attribute
- ``hardcoded_role``, ``hardcoded_group``: a grant to every user of a partner
- ``role_by_claim``, ``group_by_claim``: a grant to users whose claims match
- ``grants``: what the four kinds of grant share
- ``conditions``: the conditions of a grant as Keycloak evaluates them
- ``claims``: the shapes of claim names and values
- ``page``: the text of ``docs/mappers.md``

Modules are imported directly.
"""

__all__ = ()
