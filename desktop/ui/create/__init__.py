"""The page on which a ticket is made; works without a network and loses nothing that was typed."""
