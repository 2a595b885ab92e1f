"""Statements: what a partner owes and is owed for a billing period, from draft to verified file.

Modules are imported directly, so that a command loads only what it needs.

- ``statement``: the document as values; ``build`` makes it from a rated period.
- ``account``: the terms, finalized documents, and billing periods of a partner; ``rating`` measures
  and rates a period; ``sealed_terms``: the period and terms that a finalized statement contains.
- ``draft``: the statement of a period as it is now; ``carried``, ``corrections``, and ``credits`` make
  the lines that amend earlier statements; ``leftovers`` finds those that no statement can carry.
- ``lifecycle``: the stages and their transitions; ``finalize``: places in the chain and credit notes.
- ``typed_json``: typed values as JSON and back; ``document``: the file; ``seal``: the signature;
  ``jws``: signatures for JOSE libraries; ``key_set``: the published keys; ``schema``: the JSON Schema;
  ``verify``: the checks of a file.
- ``compare``, ``rerate``, ``finalized_terms``: a statement under other terms, rated again, or affected by
  a changed file.
- ``disputes``, ``alerts``: objections to a line, and thresholds of a running period.
- ``reasons``, ``unattributed``: why records are excluded, and records without a partner.
- ``reconciliation``: comparison with the records of a partner; ``trace``: from a line to its records and
  back.
- ``ports``: the interfaces of the store that statements use.
"""

__all__ = ()
