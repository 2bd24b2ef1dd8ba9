"""Files and pipes that are read while they grow."""
