"""What a persona makes of one task: who says what after how long. Pure: seeded draws, no clock, no storage."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from contracts.tasks import Answer, AnswerKind, Refusal
from gateway.ministries.draws import draws
from gateway.ministries.kinds.corrections import corrected
from gateway.ministries.personas import Mark, Persona, Scripted

OwnAnswer = Callable[[timedelta], Answer]
"""What the ministry says by its own rules so long from now."""

LIE: Final[dict[str, Any]] = {"status": 200, "message": "Lỗi kết nối cơ sở dữ liệu (ORA-12541: TNS:no listener)"}
"""What a broken system has been seen to send as a success."""


@dataclass(frozen=True, slots=True)
class Saying:
    """One thing to say, `after` so long; nothing is ever said where `answer` is None."""

    after: timedelta
    answer: Answer | None
    mark: Mark = Mark.PLAIN


@dataclass(frozen=True, slots=True)
class Visit:
    """One time a task is worked on. `supplied`: what the citizen has supplied, None the first time of a round."""

    task_id: str
    kind: str
    round: int
    supplied: str | None = None


def sayings(persona: Persona, visit: Visit, scripted: Scripted | None, own: OwnAnswer) -> list[Saying]:
    """Everything that is said of this visit, in order of time."""
    chance = draws(persona.seed, visit.task_id, visit.round)
    forgets, refuses, asks, lies, twice, corrects = (chance.random() for _ in range(6))
    picked = chance.random()
    if forgets < persona.forget_rate:
        return [Saying(timedelta(), None, Mark.FORGOTTEN)]
    if scripted is not None:
        return [_scripted(persona, scripted, own)]
    first = visit.supplied is None
    delay = _delay(persona, visit)
    mark = Mark.PLAIN
    if first and refuses < persona.refusal_rate:
        answer, mark = _refusal(persona, picked), Mark.REFUSAL
    elif first and asks < persona.supplement_rate:
        wanted = persona.supplements[int(picked * len(persona.supplements))]
        answer, mark = Answer(kind=AnswerKind.NEEDS_SUPPLEMENT, supplement=wanted), Mark.SUPPLEMENT
    else:
        answer = own(delay)
    done = answer.kind is AnswerKind.COMPLETED
    better = answer.model_copy(update={"results": corrected(visit.kind, answer.results)}) if done else answer
    if done and lies < persona.lie_rate:
        better = answer
        answer, mark = Answer.completed(dict(LIE), note="Thành công"), Mark.LIE
    said = [*(_before(persona, delay) if first else ()), Saying(delay, answer, mark)]
    if twice < persona.twice_rate:
        said.append(Saying(delay + _slowed(persona, persona.twice_after_seconds), answer, Mark.TWICE))
    if done and corrects < persona.correct_rate:
        later = delay + _slowed(persona, persona.correct_after_seconds)
        said.append(Saying(later, better, Mark.CORRECTION))
    return sorted(said, key=lambda each: each.after)


def _before(persona: Persona, delay: timedelta) -> list[Saying]:
    """What comes before the answer that counts: accepted, and notes on the way."""
    said = []
    if persona.accepts_first:
        said.append(Saying(timedelta(), Answer(kind=AnswerKind.ACCEPTED)))
    parts = len(persona.progress) + 1
    for number, note in enumerate(persona.progress, 1):
        said.append(Saying(delay * number / parts, Answer(kind=AnswerKind.PROGRESS, note=note)))
    return said


def _scripted(persona: Persona, scripted: Scripted, own: OwnAnswer) -> Saying:
    after, answer = _slowed(persona, scripted.after_seconds), scripted.answer
    if answer.kind is AnswerKind.COMPLETED and not answer.results:
        answer = answer.model_copy(update={"results": own(after).results})
    return Saying(after, answer, Mark.SCRIPT)


def _refusal(persona: Persona, picked: float) -> Answer:
    place = picked * sum(each.weight for each in persona.reasons)
    for each in persona.reasons:
        place -= each.weight
        if place < 0:
            break
    return Answer(kind=AnswerKind.REFUSED, refusal=Refusal(code=each.code, vi=each.vi, en=each.en))


def _delay(persona: Persona, visit: Visit) -> timedelta:
    chance = draws(persona.seed, visit.task_id, visit.round, visit.supplied or "first").random()
    return _slowed(persona, persona.latency.drawn(chance))


def _slowed(persona: Persona, seconds: float) -> timedelta:
    return timedelta(seconds=min(seconds * persona.slow, 365 * 86_400))
