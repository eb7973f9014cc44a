"""Each service level as it stands: counted from the roll-ups, and from what waits and is late already."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from pydantic import BaseModel

from contracts.catalogue.service_levels import ServiceLevel, service_levels
from services.bus.hub.ledger import levels
from services.bus.hub.ledger.histogram import Histogram, bound_below
from services.bus.hub.ledger.ledger import Ledger
from services.bus.hub.ledger.names import PORTAL, LinkName
from services.bus.hub.ledger.queries import figures_of, numbers
from services.bus.hub.ledger.windows import stretches
from services.bus.kit.columns import to_micros
from services.bus.kit.tx import Tx

_DAY_S: Final = 86_400


class BurnView(BaseModel):
    """One alarm rule: the budget burns `factor` times as fast as it may, over both windows. Where traffic is low
    it goes by count (`by`)."""

    factor: float
    long_s: int
    short_s: int
    urgency: Literal["now", "this week"]
    long_burn: float | None
    short_burn: float | None
    by: Literal["speed", "count"]
    firing: bool


class ServiceLevelView(BaseModel):
    """A service level over its period. `bad`: done too late, refused, or waiting and late already (`waiting`).
    `counted_s` is the bound that was counted by, the objective or up to 10 % below it; `skewed` events have no
    time and count for neither side. `left` is the share of the error budget that is left."""

    id: str
    name_vi: str
    name_en: str
    link: str
    share: float
    within_s: float
    counted_s: float
    over_days: int
    events: int
    bad: int
    waiting: int
    skewed: int
    kept: bool | None
    achieved: float | None
    allowed: float
    left: float | None
    burns: list[BurnView]


class ServiceLevels(BaseModel):
    """Every service level, as of `at`."""

    at: datetime
    items: list[ServiceLevelView]


def agreed(tx: Tx, ledger: Ledger, now: datetime) -> ServiceLevels:
    """Every service level there is."""
    return ServiceLevels(at=now, items=[_view(tx, ledger, level, now) for level in service_levels()])


def _view(tx: Tx, ledger: Ledger, level: ServiceLevel, now: datetime) -> ServiceLevelView:
    link = LinkName(level.link.source, level.link.type, level.link.consumer, level.link.verb)
    waiting = late_now(ledger, link, level.within_s, now)
    micros = round(level.within_s * 1_000_000)

    done, refused = numbers(tx, link)

    def over(seconds: int) -> tuple[levels.Counted, Histogram]:
        cut = stretches(to_micros(now) // 1_000_000, seconds)
        figures = figures_of(tx, [done, *refused], cut)
        total = figures[done]
        late = sum(figures[each].count for each in refused) + waiting
        return levels.Counted(total.count + late, total.count - total.within(micros) + late), total

    period, total = over(level.over_days * _DAY_S)
    budget = levels.budget(period, level.tolerated)
    windows = {seconds: over(seconds)[0] for seconds in levels.WINDOWS_S}
    achieved = 1 - period.bad / period.events if period.events else None
    return ServiceLevelView(
        id=level.id,
        name_vi=level.name.vi,
        name_en=level.name.en,
        link=link.slug,
        share=level.share,
        within_s=level.within_s,
        counted_s=bound_below(micros) / 1_000_000,
        over_days=level.over_days,
        events=period.events,
        bad=period.bad,
        waiting=waiting,
        skewed=total.skewed,
        kept=None if achieved is None else achieved >= level.share,
        achieved=achieved,
        allowed=round(budget.allowed, 3),
        left=budget.left,
        burns=[
            BurnView(
                factor=alarm.rule.factor,
                long_s=alarm.rule.long_s,
                short_s=alarm.rule.short_s,
                urgency=alarm.rule.urgency,
                long_burn=alarm.long_burn,
                short_burn=alarm.short_burn,
                by=alarm.by,
                firing=alarm.firing,
            )
            for alarm in levels.alarms(windows, level.tolerated)
        ],
    )


def late_now(ledger: Ledger, link: LinkName, within_s: float, now: datetime) -> int:
    """What waits on this link and is late already. Sync counts what waits for the portal; elsewhere only the
    oldest thing is known, so it is one at least."""
    oldest_at = ledger.standings.of(link).oldest_at
    if oldest_at is None or (now - oldest_at).total_seconds() <= within_s:
        return 0
    told = ledger.standings.portal.late if link.consumer == PORTAL and ledger.standings.portal is not None else 0
    return max(told, 1)
