"""The frozen values that pass between wings."""
