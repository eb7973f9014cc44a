"""The changes (biến động) of a parcel, told apart by `kind`.

`effective_on` is the day of the contract, decision or event; registration is due within the time the rules say.
Shares are fractions of the whole right.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field

from contracts.identifiers import DossierCode, ParcelKey, PersonalId, TaxCode
from contracts.land.parcels import Address, Documents, Holders, LandUses, ParcelNumber
from contracts.land.values import Area, Geohash, Holder, Party, PartyName, Share, Vnd
from contracts.population.values import Day, Input, Line

Note = Annotated[Line, Field(max_length=1_000)]


class ChangeKind(StrEnum):
    """Every kind of row in the history of a parcel."""

    REGISTRATION = "registration"
    TRANSFER = "transfer"
    GIFT = "gift"
    INHERITANCE = "inheritance"
    LEASE = "lease"
    SUBLEASE = "sublease"
    MORTGAGE = "mortgage"
    MORTGAGE_DELETION = "mortgage-deletion"
    SPLIT = "split"
    MERGE = "merge"
    PURPOSE = "change-of-purpose"
    REISSUE = "reissue"
    CORRECTION = "correction"
    DETAILS = "change-of-details"
    BLOCK = "block"
    LIFT = "lift"


class _Change(Input):
    effective_on: Day
    documents: Documents
    dossier: DossierCode | None = None
    note: Note = ""


class Giver(Input):
    """Who gives, and how much of the whole right: all that is theirs, if no share is said."""

    personal_id: PersonalId | None = None
    tax_code: TaxCode | None = None
    name: PartyName | None = None
    share: Share | None = None


class _Handover(_Change):
    """`givers` empty: every holder gives everything. `consents`: restrictions whose holder agrees."""

    givers: Annotated[list[Giver], Field(max_length=100, default_factory=list)]
    recipients: Holders
    value_vnd: Vnd = 0
    relation: Literal["", "spouse", "parent", "child", "sibling", "grandparent", "grandchild"] = ""
    consents: Annotated[list[Annotated[Line, Field(max_length=36)]], Field(max_length=20, default_factory=list)]


class Transfer(_Handover):
    """Chuyển nhượng."""

    kind: Literal["transfer"]


class Gift(_Handover):
    """Tặng cho."""

    kind: Literal["gift"]


class Inheritance(_Handover):
    """Thừa kế."""

    kind: Literal["inheritance"]


class _Letting(_Change):
    lessees: Holders
    until: Day
    value_vnd: Vnd = 0


class Lease(_Letting):
    """Cho thuê."""

    kind: Literal["lease"]


class Sublease(_Letting):
    """Cho thuê lại, under a lease that is live."""

    kind: Literal["sublease"]
    lease: Annotated[Line, Field(max_length=36)]


class Mortgage(_Change):
    """Thế chấp. `allows_disposal`: the mortgagee has agreed beforehand to transfers."""

    kind: Literal["mortgage"]
    mortgagee: Party
    contract_number: Annotated[Line, Field(min_length=1, max_length=60)]
    amount_vnd: Vnd = 0
    allows_disposal: bool = False


class MortgageDeletion(_Change):
    """Xóa thế chấp."""

    kind: Literal["mortgage-deletion"]
    mortgage: Annotated[Line, Field(min_length=1, max_length=36)]


class NewPiece(Input):
    """One parcel of a split. Without holders they are those of the old parcel; so are land uses, if it has one."""

    parcel_number: ParcelNumber
    area_m2: Area
    geohash: Geohash | None = None
    land_uses: LandUses | None = None
    address: Address | None = None
    holders: Holders | None = None


class Split(_Change):
    """Tách thửa."""

    kind: Literal["split"]
    pieces: Annotated[list[NewPiece], Field(min_length=2, max_length=50)]
    consents: Annotated[list[Annotated[Line, Field(max_length=36)]], Field(max_length=20, default_factory=list)]


class Merge(_Change):
    """Hợp thửa: this parcel and others of the same sheet and the same holders become one."""

    kind: Literal["merge"]
    others: Annotated[list[ParcelKey], Field(min_length=1, max_length=50)]
    parcel_number: ParcelNumber
    area_m2: Area
    geohash: Geohash | None = None
    address: Address | None = None
    consents: Annotated[list[Annotated[Line, Field(max_length=36)]], Field(max_length=20, default_factory=list)]


class Purpose(_Change):
    """Chuyển mục đích sử dụng đất."""

    kind: Literal["change-of-purpose"]
    land_uses: LandUses
    term_until: Day | None = None
    value_vnd: Vnd = 0


class LostCertificate(Input):
    """Since when the loss has been posted at the commune (niêm yết)."""

    posted_on: Day


class Reissue(_Change):
    """Cấp đổi; with `lost`, cấp lại do mất."""

    kind: Literal["reissue"]
    lost: LostCertificate | None = None


class Renamed(Input):
    """A holder, by number or present name, and what is to stand in the book."""

    personal_id: PersonalId | None = None
    tax_code: TaxCode | None = None
    name: PartyName | None = None
    becomes: Party


class _Details(_Change):
    """What is to stand in the book from now on; what is not named stays."""

    holders: Annotated[list[Renamed], Field(max_length=100, default_factory=list)]
    address: Address | None = None
    new_certificate: bool = False


class Details(_Details):
    """Đổi tên hoặc thay đổi thông tin."""

    kind: Literal["change-of-details"]


class Correction(_Details):
    """Đính chính: the book was wrong."""

    kind: Literal["correction"]
    area_m2: Area | None = None
    land_uses: LandUses | None = None
    geohash: Geohash | None = None
    term_until: Day | None = None


OneOfChanges = (
    Transfer
    | Gift
    | Inheritance
    | Lease
    | Sublease
    | Mortgage
    | MortgageDeletion
    | Split
    | Merge
    | Purpose
    | Reissue
    | Correction
    | Details
)
AnyChange = Annotated[OneOfChanges, Field(discriminator="kind")]

__all__ = [
    "AnyChange",
    "ChangeKind",
    "Correction",
    "Details",
    "Gift",
    "Giver",
    "Holder",
    "Inheritance",
    "Lease",
    "LostCertificate",
    "Merge",
    "Mortgage",
    "MortgageDeletion",
    "NewPiece",
    "OneOfChanges",
    "Purpose",
    "Reissue",
    "Renamed",
    "Split",
    "Sublease",
    "Transfer",
]
