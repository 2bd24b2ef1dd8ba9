"""From paths to lines."""
