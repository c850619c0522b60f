"""Many sockets in a process of its own: says "ready" when all are open, and "got N" when each has read N messages."""

from __future__ import annotations

import asyncio
import sys

from websockets.asyncio.client import connect


async def listen(url: str, opened: asyncio.Semaphore, ready: asyncio.Event, wanted: int, done: list[int]) -> None:
    async with opened:
        socket = await connect(url, origin="http://localhost", compression=None, max_queue=None, ping_interval=None)  # type: ignore[arg-type]
        await socket.recv()  # the greeting
    done[0] += 1
    await ready.wait()
    for _ in range(wanted):
        await socket.recv()
    done[1] += 1


async def main(url: str, clients: int, wanted: int) -> None:
    opened, ready, done = asyncio.Semaphore(50), asyncio.Event(), [0, 0]
    tasks = [asyncio.create_task(listen(url, opened, ready, wanted, done)) for _ in range(clients)]
    while done[0] < clients:
        await asyncio.sleep(0.05)
    ready.set()
    print("ready", flush=True)
    await asyncio.gather(*tasks)
    print(f"got {done[1] * wanted}", flush=True)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
