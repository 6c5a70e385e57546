"""The page that makes tickets."""
