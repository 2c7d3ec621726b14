"""How models are copied, and where the package gets the time."""
