"""The product as people live it: a real office process, a real station process, real tokens, a real browser."""
