"""A screen for pictures: none is needed, it is as large as an office's, and it stands where the sample chain is."""

import os
import tempfile
import time
from pathlib import Path


def prepare() -> None:
    """Call before the first QApplication; a person watching sets another platform."""
    file = Path(tempfile.mkdtemp()) / "screen.json"
    file.write_text('{"screens": [{"name": "one", "x": 0, "y": 0, "width": 1920, "height": 1080}]}')
    os.environ.setdefault("QT_QPA_PLATFORM", f"offscreen:configfile={file}")
    os.environ["TZ"] = "Asia/Shanghai"
    if hasattr(time, "tzset"):
        time.tzset()
