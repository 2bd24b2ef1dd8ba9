"""Tests of telling others: children are real, receivers listen here, and time is handed in."""
