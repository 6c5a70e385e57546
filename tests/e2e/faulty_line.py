"""A userspace line to several servers: each piece late, some stalled, some connections reset, by a seed."""

import asyncio
import random
import threading
from collections.abc import Coroutine, Sequence
from contextlib import suppress
from typing import Any, TypeVar

T = TypeVar("T")

DELAY_S = 0.025
"""Each way: 50 ms there and back."""
LOSS, STALL_S = 0.01, (0.2, 1.5)
"""A lost packet is seen by those above TCP as a pause, as long as it takes until it is sent again."""
RESET = 0.003
PIECE = 16_384


class FaultyLine:
    """Carries each new connection to the next server in turn; runs on a thread of its own."""

    def __init__(self, targets: Sequence[int], seed: str) -> None:
        self._targets, self._seed = targets, seed
        self._faulty, self._dark = True, False
        self._count = 0
        self._open: set[asyncio.StreamWriter] = set()
        self.resets = self.stalls = 0
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="faulty-line", daemon=True)
        self._thread.start()
        self._server = self._call(asyncio.start_server(self._carry, "127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def _call(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def black_out(self) -> None:
        """Break every connection and take none, until `light`."""
        self._dark = True
        self._loop.call_soon_threadsafe(self._break)

    def light(self) -> None:
        """Take connections again."""
        self._dark = False

    def calm(self) -> None:
        """From now on only the delay is left."""
        self._faulty, self._dark = False, False

    def close(self) -> None:
        """End the line."""
        self._dark = True

        async def end() -> None:
            self._server.close()
            self._break()
            await asyncio.sleep(0.1)
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)

        self._call(end())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)
        self._loop.close()

    def _break(self) -> None:
        for writer in list(self._open):
            writer.transport.abort()

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._count += 1
        number = self._count
        if self._dark:
            writer.transport.abort()
            return
        try:
            far_reader, far_writer = await asyncio.open_connection(
                "127.0.0.1", self._targets[number % len(self._targets)]
            )
        except OSError:
            writer.transport.abort()
            return
        both = {writer, far_writer}
        self._open |= both
        try:
            await asyncio.gather(
                self._pipe(reader, far_writer, random.Random(f"{self._seed} {number} out")),
                self._pipe(far_reader, writer, random.Random(f"{self._seed} {number} back")),
            )
        except OSError:
            pass
        finally:
            self._open -= both
            for one in both:
                one.transport.abort()

    async def _pipe(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, dice: random.Random
    ) -> None:
        while piece := await source.read(PIECE):
            await asyncio.sleep(DELAY_S)
            if self._faulty:
                fate = dice.random()
                if fate < RESET:
                    self.resets += 1
                    # Half of it arrives: what is cut is cut anywhere.
                    target.write(piece[: len(piece) // 2])
                    raise ConnectionResetError
                if fate < RESET + LOSS:
                    self.stalls += 1
                    await asyncio.sleep(dice.uniform(*STALL_S))
            target.write(piece)
            await target.drain()
        with suppress(OSError):
            target.write_eof()
