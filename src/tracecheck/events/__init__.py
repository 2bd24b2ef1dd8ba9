"""From lines to events."""
