"""The parts windows are made of, one noun per file."""
