"""A shop's side of the line: sends every delivery until it is answered, whatever becomes of the other side."""

from __future__ import annotations

import http.client
import random
import threading
from collections import Counter
from collections.abc import Sequence

import orjson

from tests.faults.load import Delivery

PATIENCE = 30.0
"""Seconds an answer is waited for before the same is sent again."""
GOOD = ("accepted", "duplicate")


class Client:
    """Several connections that send deliveries in their sequence, as far as `open_until` permits."""

    def __init__(self, port: int, secret: str, deliveries: Sequence[Delivery], seed: int, connections: int = 3) -> None:
        self.acknowledged: dict[str, set[str]] = {"orders": set(), "statuses": set(), "refunds": set()}
        """References of what was answered with `accepted` or `duplicate`, by kind."""
        self.accepted: Counter[tuple[str, str]] = Counter()
        """How many deliveries were told that an entry was new."""
        self.answered = 0
        self.retries = 0
        self.wrong: list[str] = []
        """Answers that no retry can mend."""
        self._port = port
        self._secret = secret
        self._deliveries = deliveries
        self._next = 0
        self._limit = 0
        self._gate = threading.Condition()
        self._stop = False
        self._threads = [
            threading.Thread(target=self._send, args=(random.Random(seed * 1000 + number),), name=f"client {number}")
            for number in range(connections)
        ]

    def start(self) -> None:
        """Begins to send."""
        for thread in self._threads:
            thread.start()

    def open_until(self, share: float) -> None:
        """Lets the client send this share of its deliveries, and no more."""
        with self._gate:
            self._limit = max(self._limit, round(len(self._deliveries) * min(share, 1.0)))
            self._gate.notify_all()

    def has_caught_up(self) -> bool:
        """Whether all that was let through is answered."""
        return self.answered >= self._limit

    @property
    def done(self) -> bool:
        """Whether every delivery was answered."""
        return self.answered >= len(self._deliveries)

    def stop(self) -> None:
        """Ends the sending, finished or not."""
        with self._gate:
            self._stop = True
            self._gate.notify_all()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(PATIENCE + 5)

    def _send(self, draw: random.Random) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", self._port, timeout=PATIENCE)
        while True:
            with self._gate:
                while not self._stop and (self._next >= self._limit and self._next < len(self._deliveries)):
                    self._gate.wait(0.5)
                if self._stop or self._next >= len(self._deliveries):
                    return
                delivery = self._deliveries[self._next]
                self._next += 1
            self._deliver(connection, delivery, draw)

    def _deliver(self, connection: http.client.HTTPConnection, delivery: Delivery, draw: random.Random) -> None:
        headers = {"Authorization": f"Bearer {self._secret}", "Content-Type": "application/json"}
        if delivery.key is not None:
            headers["Idempotency-Key"] = delivery.key
        hangs_up = draw.random() < 0.02
        pause = 0.05
        while not self._stop:
            try:
                connection.request("POST", delivery.path, delivery.body, headers)
                if hangs_up:  # the answer is lost on the way: the shop cannot know whether it was taken
                    hangs_up = False
                    threading.Event().wait(draw.uniform(0, 0.03))
                    raise TimeoutError
                response = connection.getresponse()
                text = response.read()
            except (OSError, http.client.HTTPException):
                connection.close()
                text, status = b"", 0
            else:
                status = response.status
            if status in (200, 201):
                self._note(delivery, text)
                return
            if 400 <= status < 500 and status not in (408, 429):
                self.wrong.append(f"{status} to {delivery.path}: {text[:300].decode(errors='replace')}")
                with self._gate:
                    self.answered += 1
                return
            self.retries += 1
            threading.Event().wait(pause)
            pause = min(pause * 1.5, 0.5)

    def _note(self, delivery: Delivery, text: bytes) -> None:
        document = orjson.loads(text)
        results = document.get("results", [document])
        with self._gate:
            for ref, result in zip(delivery.refs, results, strict=True):
                outcome = result["outcome"]
                if outcome not in GOOD:
                    self.wrong.append(f"{ref}: {outcome} {result.get('problem', '')}")
                    continue
                self.acknowledged[delivery.kind].add(ref)
                if outcome == "accepted" and not delivery.repeated:
                    self.accepted[delivery.kind, ref] += 1
            self.answered += 1
