"""The real push, pull and replica over real SQLite files; only transport, clocks, ids and crashes are stand-ins."""
