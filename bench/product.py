"""The product as it is run: migrated, a web and a worker process, all of it set through the environment."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from bench.child import Child, ChildFailed
from bot.nlu_process import free_port

MIGRATE_SECONDS = 60.0
READY_SECONDS = 60.0
LOOK_SECONDS = 0.05


@dataclass(frozen=True)
class Product:
    url: str
    web: Child
    worker: Child

    async def ready(self) -> None:
        """Waits until the web process takes messages. Raises `ChildFailed` when it ends or takes over a minute."""
        deadline = time.monotonic() + READY_SECONDS
        async with httpx.AsyncClient(trust_env=False) as client:
            while not await _answers(client, f"{self.url}/health/ready"):
                self.web.check_alive()
                if time.monotonic() > deadline:
                    raise ChildFailed(self.web.last_words())
                await asyncio.sleep(LOOK_SECONDS)


async def _answers(client: httpx.AsyncClient, url: str) -> bool:
    try:
        return (await client.get(url, timeout=2.0)).is_success
    except httpx.HTTPError:
        return False


def own_address() -> tuple[str, dict[str, str]]:
    """Where the product will answer, the same over all restarts, and the settings that say so."""
    port = free_port("127.0.0.1")
    return f"http://127.0.0.1:{port}", {"HOST": "127.0.0.1", "PORT": str(port)}


@asynccontextmanager
async def running_product(url: str, folder: Path, settings: Mapping[str, str]) -> AsyncIterator[Product]:
    """`folder` gets the output of each process. All of them are gone afterwards, whatever happens."""
    product = Product(url, Child(folder, settings, "web"), Child(folder, settings, "worker"))
    migrating = Child(folder, settings, "migrate")
    try:
        await migrating.start()
        await migrating.finish(MIGRATE_SECONDS)
        await product.web.start()
        await product.worker.start()
        await product.ready()
        yield product
    finally:
        for child in (migrating, product.web, product.worker):
            await child.kill()
