"""Trace lines: the grammar, and two readers that agree with it."""
