"""The commands of `./office`, one a file."""
