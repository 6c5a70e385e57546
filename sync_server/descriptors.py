"""How many connections this process may hold: as many as the system lets it have without asking an administrator."""

import sys


def take_all() -> int:
    """Raise the process's own limit of open files to the highest it may; returns that limit, 0 where there is none."""
    if sys.platform == "win32":
        return 0
    import resource

    most = 1 << 20  # a limit without end is more than some systems take
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = most if hard == resource.RLIM_INFINITY else min(hard, most)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
        return wanted
    return soft
