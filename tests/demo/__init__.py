"""The main job, played with real processes: `python3 dev.py demo`."""
