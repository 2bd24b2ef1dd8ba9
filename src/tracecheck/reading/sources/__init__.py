"""Which files a path means, and how they are opened."""
