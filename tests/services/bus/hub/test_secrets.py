"""Hashing and checking secrets: what is stored, what is remembered, and what a flood can do."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator

import pytest

from services.bus.hub.secrets import (
    SecretChecker,
    TooManyChecksError,
    hash_secret,
    matches_hash,
    new_secret,
)

SECRET = "bí mật"
STORED = hash_secret(SECRET)

pytestmark = pytest.mark.anyio


class Hand:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Hand:
    return Hand()


@pytest.fixture
def checker(clock: Hand) -> Iterator[SecretChecker]:
    checker = SecretChecker(clock=clock, remembered=2, pending_per_client=3)
    yield checker
    checker.close()


def test_a_hash_has_its_own_salt_and_carries_its_parameters() -> None:
    assert STORED.startswith("scrypt$ln=14,r=8,p=1$")
    assert hash_secret(SECRET) != STORED
    assert matches_hash(SECRET, STORED)
    assert not matches_hash("bí mật ", STORED)
    assert SECRET not in STORED


def test_a_hash_with_other_parameters_can_still_be_checked() -> None:
    # the vectors of RFC 7914 12, whose first 32 bytes are what a shorter key would be
    ours = "scrypt$ln=14,r=8,p=1$U29kaXVtQ2hsb3JpZGU=$cCO9yzr9c0hGHAbNgf046/2o+7qQT44+qbVD9lRdofI="
    theirs = "scrypt$ln=10,r=8,p=16$TmFDbA==$/bq+HJ00cgB4VucZDQHp/nxq18vII3gw53N2Y0s3MWI="
    assert matches_hash("pleaseletmein", ours)
    assert matches_hash("password", theirs)
    assert not matches_hash("pleaseletmein", theirs)


def test_secrets_are_long_and_never_the_same() -> None:
    made = {new_secret() for _ in range(100)}
    assert len(made) == 100
    assert min(map(len, made)) >= 43


async def test_right_wrong_and_unknown(checker: SecretChecker) -> None:
    assert await checker.matches("a", SECRET, STORED)
    assert not await checker.matches("a", "wrong", STORED)
    assert not await checker.matches("nobody", SECRET, None)


async def timed(checker: SecretChecker, secret: str) -> float:
    began = asyncio.get_running_loop().time()
    await checker.matches("a", secret, STORED)
    return asyncio.get_running_loop().time() - began


async def test_an_outcome_is_remembered_for_a_while(checker: SecretChecker, clock: Hand) -> None:
    for secret in (SECRET, "wrong"):
        first = await timed(checker, secret)
        assert await timed(checker, secret) < first / 5
    clock.now = 60
    assert await timed(checker, SECRET) > first / 5


async def test_only_so_many_outcomes_are_remembered(checker: SecretChecker) -> None:
    first = await timed(checker, SECRET)
    await checker.matches("a", "wrong", STORED)
    await checker.matches("a", "wronger", STORED)
    assert await timed(checker, SECRET) > first / 5


async def test_a_new_hash_is_a_new_question(checker: SecretChecker) -> None:
    assert await checker.matches("a", SECRET, STORED)
    assert not await checker.matches("a", SECRET, hash_secret("another"))


async def test_the_same_secret_many_times_at_once_is_one_check(checker: SecretChecker) -> None:
    assert all(await asyncio.gather(*(checker.matches("a", SECRET, STORED) for _ in range(200))))


async def test_too_many_guesses_at_once_block_only_their_own_client(checker: SecretChecker) -> None:
    guesses = [checker.matches("a", f"guess {n}", STORED) for n in range(10)]
    strangers = [checker.matches(f"nobody-{n}", "x" * n, None) for n in range(10)]
    outcomes = await asyncio.gather(
        *guesses, *strangers, checker.matches("b", SECRET, STORED), return_exceptions=True
    )
    assert [isinstance(outcome, TooManyChecksError) for outcome in outcomes[:10]] == [False] * 3 + [True] * 7
    assert [isinstance(outcome, TooManyChecksError) for outcome in outcomes[10:20]] == [False] * 3 + [True] * 7
    assert outcomes[20] is True
    assert await checker.matches("a", SECRET, STORED)  # and the lane is free again


async def test_one_who_leaves_does_not_spoil_the_check(checker: SecretChecker) -> None:
    leaver = asyncio.create_task(checker.matches("a", SECRET, STORED))
    stayer = asyncio.create_task(checker.matches("a", SECRET, STORED))
    await asyncio.sleep(0)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    assert await stayer
