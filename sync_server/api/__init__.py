"""HTTP: the only place, with app.py, that knows the web framework."""
