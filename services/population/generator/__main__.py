"""`python -m services.population.generator --count 5000 --token …` fills the population service."""

from __future__ import annotations

import asyncio
from typing import Annotated, Final

import httpx
import typer

from services.population.generator.bulk import import_households
from services.population.generator.families import households
from services.population.generator.loader import BATCH, CONCURRENCY, Loaded, load_households

IMPORTED_FROM: Final = 10_000
"""Citizens from which on an import is quicker: its second process takes a second to start."""


def main(
    count: Annotated[int, typer.Option(min=1, help="How many citizens")],
    token: Annotated[str, typer.Option(envvar="TRUC_TOKEN", help="Access token with population:write")],
    url: Annotated[str, typer.Option(help="The population service")] = "http://127.0.0.1:8010",
    seed: Annotated[int, typer.Option(help="The same seed gives the same people")] = 2023,
    batch: Annotated[int, typer.Option(min=1, max=1000, help="Citizens a request")] = BATCH,
    concurrency: Annotated[int, typer.Option(min=1, max=32)] = CONCURRENCY,
) -> None:
    """Register generated citizens and form their households, then say how fast it went."""
    loaded = asyncio.run(_load(count, token, url, seed, batch, concurrency))
    typer.echo(
        f"{loaded.citizens:,} citizens and {loaded.households:,} households in {loaded.seconds:.1f} s: "
        f"{loaded.citizens / loaded.seconds:,.0f} citizens/s"
    )


async def _load(count: int, token: str, url: str, seed: int, batch: int, concurrency: int) -> Loaded:
    headers = {"Authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=url, headers=headers, timeout=60) as client:
        made = households(seed, count)
        if count >= IMPORTED_FROM:
            return await import_households(client, made)
        return await load_households(client, made, batch=batch, concurrency=concurrency)


if __name__ == "__main__":
    typer.run(main)
