"""The processes of the axis on one machine, as data: a new process is one row, and nothing else here.

A row says which module it is, where it listens, what it may say and hear on the axis, which scopes its
service account holds, and which other processes it calls. By convention `TRUC_<NAME>_` is the prefix of its
settings, and each process in `needs` gives it a setting `TRUC_<NAME>_<OTHER>_URL`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from contracts import scopes
from contracts.tasks import System

DEFAULT_BASE_PORT = 8000
BROKER = "nats"
BROKER_OFFSET = 222
BROKER_MONITOR_OFFSET = 223
OPERATOR = "operator"
HUB = "hub"
STOOD_IN_FOR = (
    System.TAX,
    System.SOCIAL_INSURANCE,
    System.WELFARE,
    System.JUDICIAL_RECORDS,
    System.BUSINESS_REGISTER,
    System.HEALTH,
)
"""Systems of other ministries, which one process stands in for."""
PROVINCE = "H08"
"""The demo province, Bình Định as it was in 2023: the unit in whose name sync logs in at the portal."""


@dataclass(frozen=True, slots=True)
class Consumer:
    """A durable consumer on the stream of the axis.

    Its name starts with the name of the process it belongs to.
    """

    name: str
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Process:
    """One service process.

    `publishes` are the branches of the axis on which it may announce events, if any; `settings` are further
    settings (without the prefix), in which `{data_dir}`, `{members_file}`, `{portal_username}`,
    `{portal_password}` and `{url}` (its own address) are filled in. Who `observes` may see how far every consumer
    is and look at any message.
    """

    name: str
    module: str
    offset: int
    role: str
    publishes: tuple[str, ...] = ()
    consumers: tuple[Consumer, ...] = ()
    needs: tuple[str, ...] = ()
    scopes: frozenset[str] = frozenset()
    settings: Mapping[str, str] = field(default_factory=dict)
    observes: bool = False

    @property
    def prefix(self) -> str:
        return f"TRUC_{self.name.upper()}_"

    @property
    def on_axis(self) -> bool:
        """Whether it speaks or listens there at all; one that does not gets no key."""
        return bool(self.publishes or self.consumers or self.observes)


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the axis that is not a process: somebody's application, or the hands of a rehearsal."""

    client_id: str
    name: str
    scopes: frozenset[str]


PROCESSES: tuple[Process, ...] = (
    Process(
        name=HUB,
        module="services.bus.hub",
        offset=0,
        role="members, tokens, latencies, indicators",
        observes=True,
        needs=("sync", "population", "dossier", "civil", "land", "ministries"),
        scopes=frozenset({scopes.AXIS_OBSERVE, scopes.SYNC_READ}),
        settings={"MEMBERS_FILE": "{members_file}", "NICENESS": "10"},
    ),
    Process(
        name="portal",
        module="gateway.portal",
        offset=1,
        role="stand-in for the national portal",
        settings={
            "SYNC_USERNAME": "{portal_username}",
            "SYNC_PASSWORD": "{portal_password}",
            "SYNC_UNIT": PROVINCE,
        },
    ),
    Process(
        name="sync",
        module="gateway.sync",
        offset=2,
        role="keeps the portal in step",
        publishes=("portal",),
        consumers=(
            Consumer("sync-dossiers", ("axis.dossier.status-changed",)),
            Consumer("sync-answers", ("axis.dossier.request-declined",)),
        ),
        needs=("portal", "dossier"),
        scopes=frozenset({scopes.DOSSIER_READ, scopes.PORTAL_READ}),
        settings={
            "USERNAME": "{portal_username}",
            "PASSWORD": "{portal_password}",
            "UNIT": PROVINCE,
            "PROFILE": "strict",
        },
    ),
    Process(
        name="population",
        module="services.population",
        offset=10,
        role="citizens, households, residence",
        publishes=("population", "answer.residence"),
        consumers=(
            Consumer("population-civil", ("axis.civil.>",)),
            Consumer("population-tasks", ("axis.task.residence.>",)),
        ),
    ),
    Process(
        name="dossier",
        module="services.dossier",
        offset=20,
        role="the one-stop shop",
        publishes=("dossier", "task", "result"),
        consumers=(
            Consumer("dossier-portal", ("axis.portal.>",)),
            Consumer("dossier-answers", ("axis.answer.>",)),
        ),
        needs=("population",),
        scopes=frozenset({scopes.POPULATION_CHECK}),
        settings={"VERIFY_URL": "{url}/verify"},
    ),
    Process(
        name="civil",
        module="services.registry.civil",
        offset=30,
        role="the civil registry",
        publishes=("civil", "answer.civil"),
        consumers=(
            Consumer("civil-tasks", ("axis.task.civil.>",)),
            Consumer("civil-personal-ids", ("axis.population.personal-id-assigned",)),
        ),
    ),
    Process(
        name="land",
        module="services.registry.land",
        offset=40,
        role="the land registry",
        publishes=("land", "answer.land"),
        consumers=(
            Consumer("land-tasks", ("axis.task.land.>",)),
            Consumer("land-civil", ("axis.civil.death-registered",)),
            Consumer("land-runs", ("axis.dossier.run-ended",)),
        ),
    ),
    Process(
        name="ministries",
        module="gateway.ministries",
        offset=50,
        role="stand-in ministries",
        publishes=tuple(f"answer.{system.value}" for system in STOOD_IN_FOR),
        consumers=tuple(
            Consumer(f"ministries-{system.value}", (f"axis.task.{system.value}.>",)) for system in STOOD_IN_FOR
        ),
    ),
)

OF_THE_HUB = {scopes.HUB_MEMBERS, scopes.HUB_OPERATORS}

PEOPLE: tuple[Person, ...] = (
    Person(
        "one-stop",
        "One-stop shop of the province (Bộ phận Một cửa)",
        scopes.ALL - OF_THE_HUB,
    ),
    Person(OPERATOR, "Operator of the axis (quản trị trục)", scopes.ALL),
)


def by_name(processes: Sequence[Process]) -> dict[str, Process]:
    return {process.name: process for process in processes}
