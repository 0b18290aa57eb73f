"""Commands that print the performance table; nothing is timed in tests."""
