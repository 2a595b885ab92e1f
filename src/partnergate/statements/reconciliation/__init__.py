"""Comparison of a charge with the records of a partner, each difference with its cause.

Modules are imported directly.

- ``records``: the records of both sides, and the result.
- ``mapping``: the roles of the columns of a partner's file; ``partner_csv``: its rows as records.
- ``layout``: the encoding, the separator and the head of that file; ``column_names``: the usual names.
- ``written_numbers`` and ``times``: the numbers and times of that file.
- ``requested``: the request for records of the host, and its port; ``host_side``: a charge with them.
- ``classifying``: every record with the cause of its difference.
"""

__all__ = ()
