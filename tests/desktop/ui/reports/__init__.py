"""The report window, its charts and exports."""
