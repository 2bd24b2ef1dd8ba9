"""handoff: what is handed over arrives."""
