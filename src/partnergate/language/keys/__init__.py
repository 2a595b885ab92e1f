"""The keys of the language.

- ``partner``: the partner file.
- ``realm_template``: realm templates.
- ``sign_in``: the three protocols.
- ``identity``: claim mapping and grants.
- ``agreement``, ``pricing``: commercial terms.
- ``shared_shapes``: shapes that several sections use.
- ``refusals``: keys of other tools, each with the reason for rejecting it.

Import the modules directly.
"""

__all__ = ()
