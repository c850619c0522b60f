"""Boxes that push over kept connections as fast as they are answered; prints how many pushes were answered by 201."""

from __future__ import annotations

import asyncio
import base64
import json
import sys
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path

CONNECTIONS = 48
VALUES = ("SDS_P1", "SDS_P2", "BME280_temperature", "BME280_humidity", "BME280_pressure")
# Two pushes with the same body within two minutes are the same push: every process begins elsewhere.
serial = count(time.time_ns() // 1_000 % 8_000_000)


def push(way: str, known: dict[str, list]) -> bytes:
    number = next(serial)
    box = number % len(known["keys"])
    if way == "doors":
        code, key = known["keys"][box]
        values = zip(VALUES, (12.5, 7.1, 6.3, 71.4, 100812.9), strict=True)
        data = [{"value_type": name, "value": f"{value + number / 1e6:.6f}"} for name, value in values]
        body = json.dumps({"sensordatavalues": data}).encode()
        extra = b"authorization: Basic " + base64.b64encode(f"{code}:{key}".encode()) + b"\r\n"
        path = b"/ingest/airrohr/"
    else:
        moment = datetime.now(UTC) - timedelta(microseconds=number)
        reading = {"datastream": known["streams"][box], "phenomenon_time": moment.isoformat(), "result": 51.2}
        body, extra, path = json.dumps(reading).encode(), b"", b"/observations/"
    head = b"POST %s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: %d\r\n%s\r\n"
    return head % (path, len(body), extra) + body


async def box(way: str, port: int, known: dict[str, list], until: float, taken: Counter[int], least: int = 0) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    while time.perf_counter() < until or taken.total() < least:
        writer.write(push(way, known))
        head = await reader.readuntil(b"\r\n\r\n")
        length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
        await reader.readexactly(int(length.partition(b":")[2]))
        taken[int(head[9:12])] += 1
    writer.close()


async def main(way: str, port: int, file: str, seconds: float) -> None:
    known = json.loads(Path(file).read_text())
    warm = Counter[int]()
    # Every key is looked up once before the clock runs: a server that has been up for a minute knows its boxes.
    least = 2 * len(known["keys"])
    await asyncio.gather(*(box(way, port, known, time.perf_counter() + 1, warm, least) for _ in range(CONNECTIONS)))
    taken, began = Counter[int](), time.perf_counter()
    await asyncio.gather(*(box(way, port, known, began + seconds, taken) for _ in range(CONNECTIONS)))
    assert taken.keys() <= {201, 429}, f"answers by status: {taken}"
    print(taken[201] / (time.perf_counter() - began))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], int(sys.argv[2]), sys.argv[3], float(sys.argv[4])))
