"""Bringing in what others keep: files with headings, row by row, each bad row reported and the rest taken."""
