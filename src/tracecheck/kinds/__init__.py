"""The kinds of rule: one file a kind, and the literal table that a run is given."""
