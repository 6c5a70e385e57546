"""The world outside, one file for each way in or out."""
