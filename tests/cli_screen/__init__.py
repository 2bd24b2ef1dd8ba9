"""Tests of the live screen on a terminal."""
