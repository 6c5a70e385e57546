"""The protocol as plain state: fast enough to try hundreds of thousands of stories."""
