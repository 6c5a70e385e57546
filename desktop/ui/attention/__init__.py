"""Needs attention: conflicts and refusals, settled by the person alone; nothing disappears by itself."""
