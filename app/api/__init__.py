"""What other programs ask: stations, the public pre-check, the revocation list."""
