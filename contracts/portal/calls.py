"""The calls a province makes: two addresses, the verb in the body, a request model each (domain 1.1, 1.2).

Control keys are lower or camel case and differ from verb to verb; that is how the portal spells them.
"""

# ruff: noqa: N815 - field names are the portal's

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar, Final

from pydantic import BeforeValidator, Field

from contracts.portal.dossiers import HoSo, TienDo
from contracts.portal.requests import HoiDap, PhanHoiYeuCau, TraLoiHoiDap, XacNhanYeuCau
from contracts.portal.wire import DossierCodeText, ProcedureCodeText, Wire

LOGIN_PATH: Final = "/VXPAdapter/RestService/forward/mapi/login"
DATA_PATH: Final = "/VXPAdapter/RestService/forward/mapi/g"
DESTINATION_HEADER: Final = "dstcode"


class Verb(StrEnum):
    """The `service` of a data call. The last three are ours [derived]."""

    LIST_PROCEDURES = "LayDanhSachTTHC"
    PROCEDURE = "LayThuTuc"
    LIST_AGENCIES = "LayDanhMucCoQuan"
    LIST_FIELDS = "LayDanhMucLinhVuc"
    LOOKUP_DOSSIER = "TraCuuHoSo"
    LOOKUP_TECH_ID = "TraCuuTechID"
    SYNC_DOSSIERS = "DongBoHoSoMC"
    UPDATE_PROGRESS = "CapNhatTienDoHoSoMC"
    PUBLISH_QUESTIONS = "DongBoHoiDap"
    POLL_QUESTIONS = "LayDanhSachHoiDapGuiTuDVCQG"
    AGENCY_QUESTIONS = "LayDanhSachHoiDapBoCoQuan"
    ANSWER_QUESTIONS = "DongBoKetQuaHoiDapGuiTuDVCQG"
    POLL_REQUESTS = "LayDanhSachYeuCauGuiTuDVCQG"
    ACKNOWLEDGE_REQUESTS = "XacNhanYeuCauGuiTuDVCQG"
    DECLINE_REQUESTS = "DongBoPhanHoiYeuCauGuiTuDVCQG"


def _true_or_false(value: Any) -> Any:
    """ "True"/"False" is the wire form; real booleans, "true" and "1" are seen in the wild."""
    if isinstance(value, bool | int):
        return "True" if value else "False"
    if isinstance(value, str):
        return {"true": "True", "1": "True", "false": "False", "0": "False"}.get(value.lower(), value)
    return value


Updating = Annotated[str, Field(pattern=r"^(?:True|False)$"), BeforeValidator(_true_or_false)]
Amount = Annotated[str | None, Field(pattern=r"^\d{1,4}$")]


class LoginCall(Wire):
    username: Annotated[str, Field(min_length=1, max_length=200)]
    password: Annotated[str, Field(min_length=1, max_length=200)]


class PortalCall(Wire):
    """What every data call carries: the session, the calling unit's code (H08), the verb."""

    VERB: ClassVar[Verb]

    session: Annotated[str, Field(max_length=200)] = ""
    madonvi: Annotated[str, Field(max_length=35)] = ""
    service: str = ""


class DossiersCall(PortalCall):
    """DongBoHoSoMC: create (isUpdating False) or replace (True) dossiers."""

    VERB = Verb.SYNC_DOSSIERS
    isUpdating: Updating = "False"
    data: Annotated[list[HoSo], Field(min_length=1)]

    @property
    def updating(self) -> bool:
        return self.isUpdating == "True"


class ProgressCall(PortalCall):
    """CapNhatTienDoHoSoMC: rows of progress, of one or several dossiers, each dossier's in order."""

    VERB = Verb.UPDATE_PROGRESS
    data: Annotated[list[TienDo], Field(min_length=1)]


class LookupDossierCall(PortalCall):
    VERB = Verb.LOOKUP_DOSSIER
    mahoso: DossierCodeText


class LookupTechIdCall(PortalCall):
    """TraCuuTechID: the portal account of a person or business, by tax code or id number."""

    VERB = Verb.LOOKUP_TECH_ID
    provider: Annotated[str | None, Field(max_length=100)] = None
    mstorcmnd: Annotated[str, Field(min_length=1, max_length=20)]


class ProceduresCall(PortalCall):
    VERB = Verb.LIST_PROCEDURES


class ProcedureCall(PortalCall):
    VERB = Verb.PROCEDURE
    maTTHC: ProcedureCodeText


class AgenciesCall(PortalCall):
    VERB = Verb.LIST_AGENCIES


class FieldsCall(PortalCall):
    VERB = Verb.LIST_FIELDS


class PublishedQuestionsCall(PortalCall):
    """DongBoHoiDap: questions and answers the province publishes."""

    VERB = Verb.PUBLISH_QUESTIONS
    data: Annotated[list[HoiDap], Field(min_length=1)]


class PortalQuestionsCall(PortalCall):
    """LayDanhSachHoiDapGuiTuDVCQG: questions citizens asked this unit on the portal, not yet answered."""

    VERB = Verb.POLL_QUESTIONS
    soLuong: Amount = None


class AgencyQuestionsCall(PortalCall):
    """LayDanhSachHoiDapBoCoQuan: answered questions of an agency."""

    VERB = Verb.AGENCY_QUESTIONS
    maCoQuan: Annotated[str | None, Field(max_length=35)] = None
    soLuong: Amount = None


class AnswersCall(PortalCall):
    """DongBoKetQuaHoiDapGuiTuDVCQG: answers to questions asked on the portal."""

    VERB = Verb.ANSWER_QUESTIONS
    data: Annotated[list[TraLoiHoiDap], Field(min_length=1)]


class PortalRequestsCall(PortalCall):
    """LayDanhSachYeuCauGuiTuDVCQG [derived]: what citizens did on the portal and nobody acknowledged yet."""

    VERB = Verb.POLL_REQUESTS
    soLuong: Amount = None


class AcknowledgeRequestsCall(PortalCall):
    """XacNhanYeuCauGuiTuDVCQG [derived]."""

    VERB = Verb.ACKNOWLEDGE_REQUESTS
    data: Annotated[list[XacNhanYeuCau], Field(min_length=1)]


class DeclinesCall(PortalCall):
    """DongBoPhanHoiYeuCauGuiTuDVCQG [derived]: requests the province declined."""

    VERB = Verb.DECLINE_REQUESTS
    data: Annotated[list[PhanHoiYeuCau], Field(min_length=1)]


REQUEST_OF: dict[str, type[PortalCall]] = {
    model.VERB.value: model
    for model in (
        DossiersCall, ProgressCall, LookupDossierCall, LookupTechIdCall, ProceduresCall, ProcedureCall,
        AgenciesCall, FieldsCall, PublishedQuestionsCall, PortalQuestionsCall, AgencyQuestionsCall,
        AnswersCall, PortalRequestsCall, AcknowledgeRequestsCall, DeclinesCall,
    )
}  # fmt: skip
"""The request model of each verb."""
