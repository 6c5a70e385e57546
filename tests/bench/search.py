"""Search: words of one to three characters, numbers, phone ends and people, in a full replica."""

import statistics
import time
from pathlib import Path

from sqlalchemy import text

from desktop.replica.queries.search import search
from tests.bench.desktop import Desk
from tests.bench.figures import Figures
from tests.bench.limits import seconds
from tests.bench.server import make_database, serving

QUERIES = ("霉", "退款", "收银机", "草莓礼盒开箱", "100123", "陈女士", "12 号店", "没有这个词")
ROUNDS = 20


def run(folder: Path, tickets: int) -> Figures:
    """Measure the search box's query, newest fifty, each many times."""
    figures = Figures("search")
    database = make_database(folder, tickets)
    with serving(folder, database) as server:
        desk = Desk(folder, server.address, "hq-one")
        desk.settle()
    slowest = 0.0
    for query in QUERIES:
        taken, hits = [], 0
        for _ in range(ROUNDS):
            with desk.replica.read() as conn:
                start = time.perf_counter()
                hits = len(search(conn, query))
                taken.append(time.perf_counter() - start)
        figures.add(f"{query}_ms", statistics.median(taken) * 1000)
        figures.add(f"{query}_hits", hits)
        slowest = max(slowest, statistics.median(taken))
    with desk.replica.read() as conn:
        scan = text("SELECT count(*) FROM entry WHERE body LIKE '%退款%'")
        figures.beside("slowest", slowest, seconds(lambda: conn.execute(scan).scalar()), "scan_by_like")
    desk.close()
    return figures
