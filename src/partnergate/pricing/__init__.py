"""Quantities to money: pure, exact, and the same bytes for the same inputs.

- ``models``: the price models, one file each
- ``periods``, ``timeline``: billing periods, and the agreement versions in effect in them
- ``parts``: a charge across the versions of a period
- ``cumulative``: what a quantity costs from the start of the period
- ``lines``: the lines of one charge
- ``commitments``, ``tax``, ``added_lines``: the lines that are added to them
- ``share``: the revenue share
- ``rate``: a period's quantities to its bill
- ``rated``: the bill and its parts, as values
- ``deciding``, ``explanation``: which rules apply to a line, and the derivation of its amount
- ``checks``: why an agreement cannot be rated
- ``event_bounds``: charges that are measured from single events
- ``fact_sets``: the billable records behind a line
- ``money``, ``plain_values``: rounding and formatting; a bill as JSON values
- ``price_file``: what ``partnergate price`` reads and prints

Import from the modules. This package imports nothing by itself, because the language imports
``pricing.models`` and rating imports the language.
"""

__all__ = ()
