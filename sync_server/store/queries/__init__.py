"""Reading the store, one module for each noun."""
