"""Attachments in windows: choosing, showing, opening and saving them."""
