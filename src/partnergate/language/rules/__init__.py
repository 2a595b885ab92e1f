"""Rules for well-formed files: one small function for each diagnostic code.

- ``rule_catalog``: registers every rule with its code. A new rule is one function and one line there.
- ``rule_inputs``: the input and the result of a rule.
- ``kinds``: the sign-in protocols that a rule applies to.
- ``addresses``, ``endpoints``: URLs of partners.
- ``public_issuers``: services whose one issuer serves many organizations.
- ``certificates``: SAML signing certificates.
- ``domains``: registered and public domains.
- ``identity``: user fields, grants, and claims.
- ``partners``: contacts, waivers, and stages.
- ``sign_in``: keys and signatures.
- ``secrets``: the names of secrets, each of which belongs to one partner.
- ``agreements``, ``terms``: one version of the terms, and all versions together.
- ``realms``: realm templates.
- ``across``: values that only one partner may use.

Import the modules directly.
"""

__all__ = ()
