"""The ways to run: whole logs, and logs that grow."""
