"""The parts of the main window: bars, worklists, search, sync panel, first sync."""
