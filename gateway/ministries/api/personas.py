"""Personas at run time: how each system, or one kind of its tasks, behaves from now on."""

from __future__ import annotations

from fastapi import APIRouter, Request, Response

from contracts.tasks import System
from gateway.ministries.api.parts import Director, Kind, version_tag
from gateway.ministries.commands import personas as commands
from gateway.ministries.ministries import ministries_behind
from gateway.ministries.personas import Persona
from gateway.ministries.queries.personas import persona_view, persona_views
from gateway.ministries.schemas import PersonaList, PersonaView
from services.bus.kit.api import expected_version, read_answer, respond, service_of, write_reply
from services.bus.kit.requests import AxisRoute
from services.bus.kit.tx import Tx

router = APIRouter(prefix="/v1/personas", tags=["personas"], route_class=AxisRoute)


@router.get("", response_model=PersonaList)
async def list_personas(request: Request, caller: Director) -> Response:
    """The persona of every system that is played here, and of every kind that has one of its own."""
    systems = ministries_behind(request).systems
    return await read_answer(request, lambda tx: PersonaList(items=persona_views(tx, systems)))


@router.get("/{system}", response_model=PersonaView)
async def show_persona(request: Request, caller: Director, system: System, kind: Kind = None) -> Response:
    """The persona in force for a system or one of its kinds."""
    ministries = ministries_behind(request)
    ministries.desk(system, "path.system")
    ministries.kind(system, kind)
    return await read_answer(request, lambda tx: persona_view(tx, system, kind), headers=version_tag)


@router.put("/{system}", response_model=PersonaView)
async def set_persona(
    request: Request, caller: Director, system: System, persona: Persona, kind: Kind = None
) -> Response:
    """Put a persona in force, its script from the beginning. Tasks that are due to be answered already keep
    what was decided about them; an outage that ends early, or an end of playing by hand, is caught up at once."""
    ministries, now = ministries_behind(request), service_of(request).clock.now()
    ministries.desk(system, "path.system")
    ministries.kind(system, kind)
    expected = expected_version(request)

    def put(tx: Tx) -> PersonaView:
        commands.set_persona(tx, system, kind, persona, expected=expected, by=caller.client_id, now=now)
        return persona_view(tx, system, kind)

    reply = await write_reply(request, caller, put, headers=version_tag)
    ministries.wake.set()
    return respond(reply)


@router.delete("/{system}", response_model=PersonaView)
async def reset_persona(request: Request, caller: Director, system: System, kind: Kind = None) -> Response:
    """Back to the default; for a kind, to the persona of its system."""
    ministries, now = ministries_behind(request), service_of(request).clock.now()
    ministries.desk(system, "path.system")
    ministries.kind(system, kind)
    expected = expected_version(request)

    def reset(tx: Tx) -> PersonaView:
        commands.reset_persona(tx, system, kind, expected=expected, by=caller.client_id, now=now)
        return persona_view(tx, system, kind)

    reply = await write_reply(request, caller, reset, headers=version_tag)
    ministries.wake.set()
    return respond(reply)
