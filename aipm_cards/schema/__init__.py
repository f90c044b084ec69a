"""JSON Schemas of the sources, for editors: completion, help on hover, errors while typing.

Made from the tables of all keys, `keys.py` and `kinds.py`. A schema refuses nothing that
`check` takes, but for three things that hardly anyone writes, because an editor sees a value
where `check` sees what was typed: the bare word `null` as a text, a choice written as a text
of several lines, and empty quotes in place of a choice or a mapping.
"""
