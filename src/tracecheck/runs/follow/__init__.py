"""A run over logs that grow."""
