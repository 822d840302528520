"""The papers of the counter. A frozen dataclass goes in, PDF bytes come out, byte-identical for equal input.

Nothing here knows a table, a rule or a page of the office: every paper is filled with plain values.
Data is only ever drawn letter by letter (`drawString`); no markup language reads a name.
"""
