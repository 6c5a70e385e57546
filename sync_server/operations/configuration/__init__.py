"""Configuration as files: one JSON file for each noun, in the words of an administrator."""
