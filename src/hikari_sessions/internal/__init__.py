"""How models are copied, and where the package gets the time.

`hikari_sessions` re-exports what users need from these modules.
"""
