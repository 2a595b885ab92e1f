"""How the language is defined: one description of keys from which every other form is derived.

``scalars`` and ``collections`` check a tree and give plain values; ``loosening`` is for what an environment
lays over them; ``json_schema`` makes the schema that editors read; ``reference`` makes the tables of the
documentation; ``suggestion`` says what a mistyped word was meant to be.
"""
