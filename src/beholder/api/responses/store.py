"""What is kept of responses: a bounded SQLite file, so that a conversation can go on after a restart.

    responses   id, owner, previous, used, size, body (null until the answer is whole)
    items       id, response, position, is_output, body

A row belongs to the owner, the API key, that made it, and nobody else ever gets it. What was used longest ago goes
first when there are too many rows or bytes. SQLite runs on one thread of its own, off the event loop.
"""

from __future__ import annotations

import asyncio
import json
import logging
import os
import sqlite3
import time
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from beholder.errors import BeholderError, InvalidRequest, NotFound

T = TypeVar("T")
Row = tuple[str, bytes]
"""An item's id and its JSON."""

logger = logging.getLogger("beholder.responses")

FILE_NAME = "responses-v1.sqlite3"
MOST_BYTES = 1024**3
"""Bytes of all that is kept: images are kept as they were sent, and a request may carry 200 MiB of them."""

ABANDONED_SECONDS = 86_400
"""A row whose answer is not whole after this long belongs to a server that was killed."""

BUSY_SECONDS = 10
"""How long one server waits for another that shares the file."""

SCHEMA = """
CREATE TABLE IF NOT EXISTS responses (
    id TEXT PRIMARY KEY, owner TEXT NOT NULL, previous TEXT, used REAL NOT NULL, size INTEGER NOT NULL, body BLOB);
CREATE TABLE IF NOT EXISTS items (
    response TEXT NOT NULL REFERENCES responses (id) ON DELETE CASCADE, is_output INTEGER NOT NULL,
    position INTEGER NOT NULL, id TEXT NOT NULL, body BLOB NOT NULL, PRIMARY KEY (response, is_output, position));
CREATE INDEX IF NOT EXISTS items_by_id ON items (id);
"""

TOO_MANY = """
DELETE FROM responses WHERE id IN (SELECT id FROM (
    SELECT id, row_number() OVER latest AS place, sum(size) OVER latest AS total FROM responses
    WINDOW latest AS (ORDER BY used DESC, rowid DESC)) WHERE place > :count OR (total > :bytes AND place > 1))
"""

CHAIN = """
WITH RECURSIVE chain (id, previous, depth) AS (
    SELECT id, previous, 0 FROM responses WHERE id = :id AND owner = :owner AND body IS NOT NULL
    UNION ALL
    SELECT r.id, r.previous, depth + 1 FROM chain
    JOIN responses r ON r.id = chain.previous AND r.owner = :owner AND r.body IS NOT NULL)
SELECT id, previous FROM chain ORDER BY depth DESC
"""

TOTAL_SIZE = "SELECT sum(size) FROM responses WHERE id IN (SELECT value FROM json_each(:ids))"
TOUCH = "UPDATE responses SET used = :now WHERE id IN (SELECT value FROM json_each(:ids))"


class ResponseStore:
    """The kept responses of one server; several servers may share the file at `path`."""

    def __init__(self, path: Path, count: int) -> None:
        self._path = path
        self._count = count
        self._connection: sqlite3.Connection | None = None
        self._is_closed = False
        self._executor = ThreadPoolExecutor(1, thread_name_prefix="beholder-responses")

    @property
    def is_on(self) -> bool:
        """Whether anything is kept at all."""
        return self._count > 0

    async def begin(self, owner: str, identity: str, previous: str | None, items: Sequence[Row]) -> None:
        """Keep the input of a response whose answer is still to come; until `finish` nobody sees it."""
        await self._run(lambda connection: _begin(connection, owner, identity, previous, items))

    async def finish(self, identity: str, body: bytes, items: Sequence[Row]) -> None:
        """Keep the answer, and let go of what is too old."""
        limits = {"count": self._count, "bytes": MOST_BYTES}
        await self._run(lambda connection: _finish(connection, identity, body, items, limits))

    async def discard(self, identity: str) -> None:
        """Forget a response whose answer did not come; after `close` that is left to a later start."""
        if self._is_closed:
            return
        await self._run(
            lambda connection: connection.execute("DELETE FROM responses WHERE id = ? AND body IS NULL", (identity,))
        )

    async def history(self, owner: str, identity: str, most_bytes: int) -> list[bytes]:
        """Every item up to the response and its answer, oldest first. Raises `InvalidRequest`."""
        return await self._run(lambda connection: _history(connection, owner, identity, most_bytes))

    async def items(self, owner: str, identities: Iterable[str]) -> dict[str, bytes]:
        """The items of these ids that the owner has."""
        return await self._run(lambda connection: _items(connection, owner, tuple(identities)))

    async def body(self, owner: str, identity: str) -> bytes:
        """The response's JSON. Raises `NotFound`."""
        row = await self._run(
            lambda connection: connection.execute(
                "SELECT body FROM responses WHERE id = ? AND owner = ? AND body IS NOT NULL", (identity, owner)
            ).fetchone()
        )
        if row is None:
            raise unknown_response(identity)
        body: bytes = row[0]
        return body

    async def input_items(self, owner: str, identity: str) -> list[Row]:
        """The items of the response's own input, in order. Raises `NotFound`."""
        await self.body(owner, identity)
        return await self._run(
            lambda connection: connection.execute(
                "SELECT id, body FROM items WHERE response = ? AND NOT is_output ORDER BY position", (identity,)
            ).fetchall()
        )

    async def delete(self, owner: str, identity: str) -> None:
        """Forget a response. Raises `NotFound`."""
        deleted = await self._run(
            lambda connection: (
                connection.execute(
                    "DELETE FROM responses WHERE id = ? AND owner = ? AND body IS NOT NULL", (identity, owner)
                ).rowcount
            )
        )
        if not deleted:
            raise unknown_response(identity)

    async def close(self) -> None:
        """Close the file."""
        self._is_closed = True
        await asyncio.to_thread(self._close)

    def _close(self) -> None:
        if self._connection is not None:
            self._executor.submit(self._connection.close).result()
        self._executor.shutdown()

    async def _run(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run `work` in one transaction. Raises `BeholderError` when the file cannot be used."""
        try:
            return await asyncio.get_running_loop().run_in_executor(self._executor, self._in_transaction, work)
        except (sqlite3.Error, OSError) as error:
            logger.error("%s cannot be used: %s", self._path, error)
            raise BeholderError(
                "the file of kept responses cannot be used, the server's log says why; send store: false to go without",
                code="storage_unavailable",
            ) from error

    def _in_transaction(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._connection = self._connection or _open(self._path)
        connection.execute("BEGIN IMMEDIATE")
        with connection:
            return work(connection)


def unknown_response(identity: str) -> NotFound:
    """The 404 for a response that is not there, or not this owner's."""
    return NotFound(f"there is no response {identity!r}, or it is no longer kept", param="response_id")


def _open(path: Path) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    # Created before SQLite does, so that nobody else on the machine can read it.
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))
    connection = sqlite3.connect(path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON", "secure_delete = ON"):
        connection.execute(f"PRAGMA {pragma}")
    connection.executescript(SCHEMA)
    abandoned = time.time() - ABANDONED_SECONDS
    connection.execute("DELETE FROM responses WHERE body IS NULL AND used < ?", (abandoned,))
    return connection


def _begin(
    connection: sqlite3.Connection, owner: str, identity: str, previous: str | None, items: Sequence[Row]
) -> None:
    size = sum(len(body) for _, body in items)
    connection.execute(
        "INSERT INTO responses VALUES (?, ?, ?, ?, ?, NULL)", (identity, owner, previous, time.time(), size)
    )
    _add_items(connection, identity, items, is_output=False)


def _finish(
    connection: sqlite3.Connection, identity: str, body: bytes, items: Sequence[Row], limits: dict[str, int]
) -> None:
    size = len(body) + sum(len(item) for _, item in items)
    found = connection.execute(
        "UPDATE responses SET body = ?, used = ?, size = size + ? WHERE id = ?", (body, time.time(), size, identity)
    ).rowcount
    if found:
        _add_items(connection, identity, items, is_output=True)
    connection.execute(TOO_MANY, limits)


def _add_items(connection: sqlite3.Connection, response: str, items: Sequence[Row], *, is_output: bool) -> None:
    rows = ((response, is_output, position, identity, body) for position, (identity, body) in enumerate(items))
    connection.executemany("INSERT INTO items VALUES (?, ?, ?, ?, ?)", rows)


def _history(connection: sqlite3.Connection, owner: str, identity: str, most_bytes: int) -> list[bytes]:
    chain = connection.execute(CHAIN, {"id": identity, "owner": owner}).fetchall()
    if not chain or chain[0][1] is not None:
        missing = chain[0][1] if chain else identity
        raise InvalidRequest(
            f"there is no response {missing!r}, or it is no longer kept; send the whole conversation as input",
            param="previous_response_id",
            code="previous_response_not_found",
        )
    names = [name for name, _ in chain]
    total = connection.execute(TOTAL_SIZE, {"ids": json.dumps(names)}).fetchone()[0]
    if total > most_bytes:
        raise InvalidRequest(
            f"the conversation before this request has {total:,} bytes, and {most_bytes:,} are possible "
            "(setting max_body_bytes); begin a new one",
            param="previous_response_id",
            code="conversation_too_large",
        )
    connection.execute(TOUCH, {"now": time.time(), "ids": json.dumps(names)})
    found: list[bytes] = []
    for name in names:
        rows = connection.execute("SELECT body FROM items WHERE response = ? ORDER BY is_output, position", (name,))
        found += [body for (body,) in rows]
    return found


def _items(connection: sqlite3.Connection, owner: str, identities: tuple[str, ...]) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for identity in identities:
        row = connection.execute(
            "SELECT i.body FROM items i JOIN responses r ON r.id = i.response "
            "WHERE i.id = ? AND r.owner = ? AND r.body IS NOT NULL ORDER BY r.used DESC LIMIT 1",
            (identity, owner),
        ).fetchone()
        if row is not None:
            found[identity] = row[0]
    return found
