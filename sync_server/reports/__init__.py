"""Measures as SQL, one function each."""
