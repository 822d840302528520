"""Tokens, keys, PINs, certificates, the ceremony and the station. It knows nothing of the office."""
