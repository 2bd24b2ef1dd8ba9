"""What is asked of rules themselves: whether they are sound, and see anything."""
