"""Registrations a second over HTTP, against an empty FastAPI endpoint in the same run.

Both are measured in turn, by the same load from a process of its own: `serve --no-work` on PostgreSQL with everything
committed before the answer, and an endpoint that does nothing (`benchmarks/empty_endpoint.py`). The database is
PostgreSQL with its ordinary durability, started for this run; set `FIRSTCLAIM_TEST_POSTGRES_URL` for another.

    .venv/bin/python -m benchmarks.http [ROUNDS] [SECONDS]
"""

import asyncio
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx
from sqlalchemy import URL

from benchmarks.database import stated_or_started
from tests.support.postgres import create_database
from tests.support.server import ROOT, Server, firstclaim, free_port

CONNECTIONS = (32, 128)


def loaded(port: int, connections: int, seconds: float, first: int, key: str) -> float:
    """Answers a second under a load."""
    command = [sys.executable, "-m", "benchmarks.load", str(port), str(connections), str(seconds), str(first), key]
    done = subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True, timeout=60 + seconds)
    found = json.loads(done.stdout)
    return float(found["answered"] / found["seconds"])


def prepared(database: URL, folder: Path) -> str:
    """Migrate, make a programme, and give its admin's key."""
    key_file = folder / "admin-key"
    for arguments in (("migrate",), ("init", "--admin-key-file", str(key_file))):
        done = firstclaim(*arguments, database=database, folder=folder)
        assert done.returncode == 0, done.stderr
    return key_file.read_text().strip()


def enrol(server: Server, key: str) -> None:
    """Bring the one partner in that registers everything."""
    agreement = {"products": ["*"], "territories": ["*"], "effective_from": "2020-01-01"}
    body = {"id": "northwind", "name": "Northwind Traders", "currency": "USD", "agreement": agreement}
    answer = httpx.post(f"{server.url}/v1/partners", json=body, headers={"Authorization": f"Bearer {key}"})
    assert answer.status_code == 201, answer.text


def wait_for(port: int) -> None:
    """Return when somebody listens."""
    for _ in range(200):
        try:
            httpx.get(f"http://127.0.0.1:{port}/", timeout=5)
        except httpx.TransportError:
            time.sleep(0.05)
        else:
            return
    raise RuntimeError("the empty endpoint did not start")


def measure(server: Server, key: str, empty_port: int, rounds: int, seconds: float) -> None:
    """Take turns, and print the medians and the median ratio."""
    first = 1
    print(f"{'connections':>11}  {'registrations/s':>15}  {'empty/s':>9}  {'ratio':>5}  (medians of {rounds} rounds)")
    for connections in CONNECTIONS:
        ours, empty = [], []
        for number in range(rounds + 1):
            rates = []
            for port in (server.port, empty_port):
                rates.append(loaded(port, connections, seconds, first, key))
                first += 1_000_000
            if number:  # the first round warms up
                ours.append(rates[0])
                empty.append(rates[1])
        ratio = statistics.median(one / other for one, other in zip(ours, empty, strict=True))
        print(
            f"{connections:>11}  {statistics.median(ours):>15,.0f}  {statistics.median(empty):>9,.0f}  {ratio:>5.2f}",
            flush=True,
        )


def main(rounds: int = 5, seconds: float = 3.0) -> None:
    """Start everything, measure, and end it."""
    with stated_or_started() as base, tempfile.TemporaryDirectory() as name:
        empty_port = free_port()
        empty = subprocess.Popen([sys.executable, "-m", "benchmarks.empty_endpoint", str(empty_port)], cwd=ROOT)
        folder = Path(name)
        database = asyncio.run(create_database(base, f"firstclaim_benchmark_{os.getpid()}"))
        key = prepared(database, folder)
        server = Server(database, folder, "--no-work")
        try:
            server.start()
            enrol(server, key)
            wait_for(empty_port)
            measure(server, key, empty_port, rounds, seconds)
        finally:
            server.stop()
            empty.terminate()
            empty.wait()


if __name__ == "__main__":
    main(*(int(argument) for argument in sys.argv[1:2]), *(float(argument) for argument in sys.argv[2:3]))
