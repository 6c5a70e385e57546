"""The server takes as many file descriptors as it may have."""

import subprocess
import sys

import pytest

CODE = """
import resource
from sync_server.descriptors import take_all
soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (min(soft, 200), hard))
print(take_all(), resource.getrlimit(resource.RLIMIT_NOFILE)[0], hard)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there is no such limit")
def test_a_low_limit_is_raised_as_far_as_it_goes() -> None:
    """A process that was given 200 has the hard limit afterwards, and says so."""
    done = subprocess.run(
        [sys.executable, "-c", CODE], capture_output=True, text=True, check=True, timeout=60
    )
    told, now, hard = (int(word) for word in done.stdout.split())
    assert told == now
    assert now == hard or hard < 0 or now == 1 << 20
