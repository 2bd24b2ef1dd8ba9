"""Words, amounts and masking: how values are written in messages and reports."""
