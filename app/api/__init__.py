"""What other programs ask: stations, relying platforms, the public pre-check, the revocation list."""
