"""sequence: every run goes through its steps."""
