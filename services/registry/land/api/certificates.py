"""Routes of certificates."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Path, Request, Response

from contracts.land import CertificateFound, CertificateSerial
from services.bus.kit.api import read_answer
from services.bus.kit.requests import AxisRoute
from services.registry.land.api.parts import Reader
from services.registry.land.queries import parcels as queries

router = APIRouter(prefix="/v1/certificates", tags=["certificates"], route_class=AxisRoute)


@router.get("/{serial}", response_model=CertificateFound)
async def show_certificate(
    request: Request, serial: Annotated[CertificateSerial, Path()], caller: Reader
) -> Response:
    """A certificate by its serial (số phát hành), live or not, and the parcel it stands for."""
    return await read_answer(request, lambda tx: queries.certificate(tx, serial))
