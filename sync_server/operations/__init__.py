"""What an operator runs from the command line; it writes through push."""
