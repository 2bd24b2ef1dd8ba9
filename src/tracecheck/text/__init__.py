"""Words, amounts and masking: how values are told."""
