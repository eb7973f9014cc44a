"""One call of a command to a service of the axis: what goes wrong becomes a sentence."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import httpx

from deploy.local.errors import RunnerError


async def call(
    http: httpx.AsyncClient, method: str, path: str, *, body: Any = None, may_be: Collection[int] = ()
) -> httpx.Response:
    """The answer, if it is a success or one of the statuses in `may_be`; else RunnerError with its reason."""
    try:
        answer = await http.request(method, path, json=body, headers={"Accept-Language": "en"})
    except httpx.HTTPError as error:
        raise RunnerError(
            f"{http.base_url} does not answer ({type(error).__name__}). `truc status` says how it is."
        ) from error
    if answer.is_success or answer.status_code in may_be:
        return answer
    raise RunnerError(f"{http.base_url} refused {method} {path} (HTTP {answer.status_code}): {_reason(answer)}")


def _reason(answer: httpx.Response) -> str:
    try:
        problem = answer.json()
        return str(problem.get("detail") or problem.get("title") or "no reason given")
    except (ValueError, AttributeError):
        return "no reason given"
