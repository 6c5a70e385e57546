"""Two threads of their own for what must answer however busy the handlers are: health, streams, the feed's head."""

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Generic, TypeVar

T = TypeVar("T")
Q = TypeVar("Q")

THREADS = 2
MOST_TOGETHER = 100


class Aside:
    """Runs short reads beside the handlers; at most so many at once as the store keeps connections for it."""

    def __init__(self) -> None:
        self._threads: ThreadPoolExecutor | None = None

    async def run(self, work: Callable[[], T]) -> T:
        """The result of a piece of work, made on another thread."""
        if self._threads is None:
            self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="aside")
        return await asyncio.get_running_loop().run_in_executor(self._threads, work)

    def close(self) -> None:
        """Wait for what runs and end the threads; they begin again when they are needed."""
        threads, self._threads = self._threads, None
        if threads is not None:
            threads.shutdown()


class Together(Generic[Q, T]):
    """Answers questions that came at about the same time in one piece of work: one snapshot instead of hundreds."""

    def __init__(self, aside: Aside, answer: Callable[[Sequence[Q]], Sequence[T]]) -> None:
        self._aside, self._answer = aside, answer
        self._waiting: list[tuple[Q, asyncio.Future[T]]] = []
        self._working: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> T:
        """The answer to one question."""
        wanted: asyncio.Future[T] = asyncio.get_running_loop().create_future()
        self._waiting.append((question, wanted))
        if self._working is None or self._working.done():
            self._working = asyncio.ensure_future(self._work())
        return await wanted

    async def _work(self) -> None:
        while self._waiting:
            taken, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
            questions = [question for question, _ in taken]
            try:
                answers = await self._aside.run(lambda asked=questions: self._answer(asked))  # type: ignore[misc]
            except Exception as error:  # noqa: BLE001 - told to everybody who asked
                for _, wanted in taken:
                    if not wanted.done():
                        wanted.set_exception(error)
                continue
            for (_, wanted), answer in zip(taken, answers, strict=True):
                if not wanted.done():
                    wanted.set_result(answer)
