"""From events and rules to states, judgements and outcomes."""
