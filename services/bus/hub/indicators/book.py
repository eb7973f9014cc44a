"""What the province is, as far as indicators need it: its agencies, its services, and figures somebody gave.

The demo province's comes from the catalogue; an example brings its own.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from contracts.catalogue.agencies import agencies
from contracts.catalogue.indicators import Input, inputs, online_services
from contracts.catalogue.procedures import procedures


@dataclass(frozen=True, slots=True)
class Unit:
    """An agency (cơ quan) that receives dossiers."""

    code: str
    name: str
    level: str


@dataclass(frozen=True, slots=True)
class Service:
    """A procedure (TTHC) and how far it is offered online."""

    code: str
    name: str
    field: str
    level: str
    fee: bool
    pays_online: bool


@dataclass(frozen=True)
class Book:
    """A province."""

    units: Mapping[str, Unit]
    services: Mapping[str, Service]
    inputs: Mapping[str, Input] = field(default_factory=inputs)

    def name_of(self, agency: str) -> str:
        return self.units[agency].name if agency in self.units else agency

    def service_name(self, code: str) -> str:
        return self.services[code].name if code in self.services else code

    def field_of(self, code: str) -> str:
        return self.services[code].field if code in self.services else "-"

    def fields(self) -> list[str]:
        return sorted({service.field for service in self.services.values()})

    def of_field(self, name: str) -> tuple[str, ...]:
        return tuple(sorted(code for code, service in self.services.items() if service.field == name))

    def offered(
        self, levels: Collection[str] = (), *, fee: bool = False, pays_online: bool = False
    ) -> frozenset[str]:
        """The codes of services of these levels (any, without), with a fee, payable online."""
        return frozenset(
            code
            for code, service in self.services.items()
            if (not levels or service.level in levels)
            and (service.fee or not fee)
            and (service.pays_online or not pays_online)
        )

    def below(self, unit: str) -> tuple[str, ...]:
        """The agency and all below it: H08.31 and H08.31.21 to H08.31.41."""
        found = [code for code in self.units if code == unit or code.startswith(f"{unit}.")]
        return tuple(found) or (unit,)

    def communes(self) -> Sequence[Unit]:
        return [unit for unit in self.units.values() if unit.level == "commune"]


@cache
def province() -> Book:
    """The demo province, from the catalogue."""
    online = online_services()
    return Book(
        units={each.code: Unit(each.code, each.name, each.level) for each in agencies()},
        services={
            each.code: Service(
                each.code,
                each.name,
                each.field,
                online[each.code].level if each.code in online else "information",
                each.fee_vnd > 0,
                each.code in online and online[each.code].pays_online,
            )
            for each in procedures()
        },
    )
