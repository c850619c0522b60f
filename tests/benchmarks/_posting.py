"""A crowd of phones in a process of its own: posts requests over kept connections, each phone from its own address.

Reads JSON from standard input: ``{"ports": [...], "phones": n, "requests": [[path, content type, body], ...]}``; prints
``{"seconds", "p50_ms", "p95_ms", "statuses"}``. Needs nothing but Python.
"""

from __future__ import annotations

import asyncio
import json
import sys
import time
from collections import Counter
from typing import Any


async def main(work: dict[str, Any]) -> dict[str, Any]:
    waiting = list(reversed(work["requests"]))
    times: list[float] = []
    statuses: Counter[str] = Counter()

    async def phone(number: int) -> None:
        # Addresses of the loop: the site counts requests per address, as it should.
        port = work["ports"][number % len(work["ports"])]
        address = (f"127.0.{1 + number // 200}.{1 + number % 200}", 0)
        reader, writer = await asyncio.open_connection("127.0.0.1", port, local_addr=address)
        while waiting:
            path, content_type, body = waiting.pop()
            data = body.encode()
            start = time.perf_counter()
            head = f"POST {path} HTTP/1.1\r\nHost: localhost:{port}\r\nContent-Type: {content_type}\r\n"
            writer.write(f"{head}Content-Length: {len(data)}\r\n\r\n".encode() + data)
            statuses[await _status(reader)] += 1
            times.append(time.perf_counter() - start)
        writer.close()

    start = time.perf_counter()
    await asyncio.gather(*(phone(number) for number in range(work["phones"])))
    times.sort()
    return {
        "seconds": time.perf_counter() - start,
        "p50_ms": round(1000 * times[len(times) // 2], 1),
        "p95_ms": round(1000 * times[int(len(times) * 0.95)], 1),
        "statuses": dict(statuses),
    }


async def _status(reader: asyncio.StreamReader) -> str:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    fields = dict(line.lower().split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if fields.get("transfer-encoding") == "chunked":
        while (size := int(await reader.readline(), 16)) > 0:
            await reader.readexactly(size + 2)
        await reader.readline()
    else:
        await reader.readexactly(int(fields.get("content-length", "0")))
    return head.split(" ", 2)[1]


if __name__ == "__main__":
    print(json.dumps(asyncio.run(main(json.load(sys.stdin)))))
