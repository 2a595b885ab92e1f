"""The configuration language: from text with positions to checked, typed values.

- ``text``: YAML text to a tree with positions.
- ``shape``: types of values and the forms derived from them.
- ``keys``: the keys of the language.
- ``recorded``: recorded OpenID configurations and SAML metadata.
- ``building``: checked values to the typed model.
- ``rules``: checks on well-formed files.
- ``codes``: diagnostic codes and their pages.
- ``folder``, ``reading``: files of a workspace, and one file checked against its shape.
- ``overlay``, ``overrides``, ``variables``, ``process_values``: values that depend on the environment.
- ``providers``, ``agreement_versions``: providers and agreement versions, including partly malformed ones.
- ``templates``: realm templates.
- ``examination``: all checks of one partner file.
- ``load``, ``validate``: a workspace in one environment, or in all of them.
- ``report``: the diagnostics of one run.
- ``drafting``, ``declared_names``: a first partner file, and the claims that the partner declares.
- ``schemas``: the published JSON schemas.

Import the modules directly, so that commands load only what they need.
"""

__all__ = ()
