"""What the windows read, by noun: each function takes a connection and returns frozen structs."""
