"""The terminal: streams, keys, signals, the screen."""
