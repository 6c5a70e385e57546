"""The replica: tables, pages in, commands replayed."""
