"""Traces of a bill: from a line to its records, and from a record to its line.

Modules are imported directly.

- ``node``: one step of a trace.
- ``walk``: the trace of a line, usage event, login, or session.
- ``record_nodes``: records as nodes; ``record_outcome``: the line that bills a record, or why no line does.
- ``facts``: the stored records that a trace reads, and the port that finds them.
"""

__all__ = ()
