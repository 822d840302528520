"""Pure rules of the trade: no database, no clock, no web. Everything here is a function of frozen facts."""
