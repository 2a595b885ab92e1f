"""How the language is defined: one description of keys from which every other form is derived.

``kinds`` and ``mappings`` check a tree and give plain values; ``json_schema`` makes the schema that
editors read; ``reference`` makes the tables of the documentation.
"""
