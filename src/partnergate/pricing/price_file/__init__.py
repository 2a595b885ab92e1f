"""What ``partnergate price`` reads and prints.

- ``definition``: the agreement versions of a price definition
- ``usage_file``: a period and its quantities
- ``price_schemas``: the JSON Schemas of both, and of the bill

Import from the modules; the package has no names of its own.
"""

__all__ = ()
