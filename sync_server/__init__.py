"""The server that decides, keeps and feeds what the desktops hold."""
