"""The seams of the package: how models are copied, and what time it is.

What users need of these modules is re-exported by `hikari_sessions`.
"""
