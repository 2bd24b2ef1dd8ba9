"""Tests of the reports; the verdicts that they report on are in verdicts.py."""
