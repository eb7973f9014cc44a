"""Land: parcels that change hands, shape or paper."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from tests.scenarios.asks.parts import FEW_DAYS_AGO, TODAY, Ask, Asked, party
from tests.scenarios.province import Person, Province

BANK = {"name": "Ngân hàng Nông nghiệp và Phát triển nông thôn", "tax_code": "0100686174"}


def land(province: Province, owner: Person | None = None) -> tuple[Person, dict[str, Any]]:
    """An owner, and the fields of a form that name the parcel."""
    owner = owner or province.person()
    made = province.parcel(owner)
    return owner, {"parcel_key": made["key"], "certificate_serial": str(made["certificate"])}


def distrained(ask: Ask) -> Ask:
    """The same, where the court has laid its hand on the parcel before."""

    def asked(province: Province) -> Asked:
        who, form = ask(province)
        province.distrain(form["parcel_key"])
        return who, form

    return asked


def by_a_stranger(ask: Ask) -> Ask:
    """The same, asked for by somebody who has nothing to do with the parcel."""

    def asked(province: Province) -> Asked:
        _, form = ask(province)
        return province.person(), form

    return asked


def handed_over(kind: str, **more: Any) -> Ask:
    def ask(province: Province) -> Asked:
        owner, parcel = land(province)
        return owner, {
            "kind": kind,
            **parcel,
            "effective_on": TODAY.isoformat(),
            "contract_number": "15/2026/HĐ",
            "contract_by": "Văn phòng công chứng",
            "value_vnd": 1_200_000_000,
            "recipient": party(province.person()),
            **more,
        }

    return ask


def inheritance_of(died: bool) -> Ask:
    """The owner has died, which the land registry has heard or not, and a child asks for the land."""

    def ask(province: Province) -> Asked:
        owner, child = province.person("male", date(1941, 3, 2)), province.person()
        _, parcel = land(province, owner)
        if died:
            before = province.taken_by("land", "land-civil")
            province.dies(owner, FEW_DAYS_AGO)
            province.until_taken("land", "land-civil", before)
        return child, {
            "kind": "inheritance",
            **parcel,
            "effective_on": TODAY.isoformat(),
            "contract_number": "3/2026/TK",
            "contract_by": "Văn phòng công chứng",
            "value_vnd": 900_000_000,
            "relation": "child",
            "giver": party(owner),
            "recipient": party(child),
        }

    return ask


def transfer_by_a_stranger(province: Province) -> Asked:
    """A stranger sells what is not theirs."""
    _, form = handed_over("transfer")(province)
    stranger = province.person()
    return stranger, {**form, "giver": party(stranger)}


def gift_of_shares_that_do_not_add_up(province: Province) -> Asked:
    """Two recipients, two thirds for each."""
    owner, form = handed_over("gift", relation="child")(province)
    another = province.person()
    too_much = {"share": "2/3"}
    recipients = {"recipient": {**form["recipient"], **too_much}, "co_recipient": {**party(another), **too_much}}
    return owner, {**form, **recipients}


def purpose(province: Province) -> Asked:
    owner, parcel = land(province)
    uses = {"land_uses": ["CLN: 120.5"], "value_vnd": 90_000_000}
    return owner, {**parcel, "effective_on": TODAY.isoformat(), **uses}


def purpose_as_before(province: Province) -> Asked:
    owner, form = purpose(province)
    return owner, {**form, "land_uses": ["ONT: 120.5"]}


def mortgage(province: Province) -> Asked:
    owner, parcel = land(province)
    return owner, {
        **parcel,
        "effective_on": TODAY.isoformat(),
        "contract_number": "7/2026/TC",
        "amount_vnd": 500_000_000,
        "mortgagee": BANK,
    }


def mortgage_deletion(province: Province) -> Asked:
    owner, form = mortgage(province)
    province.until_over(province.take_in("1.011441", owner, form))
    return owner, {
        "parcel_key": form["parcel_key"],
        "contract_number": form["contract_number"],
        "effective_on": TODAY.isoformat(),
    }


def deletion_of_no_mortgage(province: Province) -> Asked:
    owner, parcel = land(province)
    form = {"parcel_key": parcel["parcel_key"], "contract_number": "7/2026/TC", "effective_on": TODAY.isoformat()}
    return owner, form


def split(province: Province) -> Asked:
    owner, parcel = land(province)
    number = int(parcel["parcel_key"].rpartition("-")[2])
    pieces = [f"{number + 50_000}: 60.5", f"{number + 70_000}: 60"]
    return owner, {**parcel, "effective_on": TODAY.isoformat(), "pieces": pieces}


def split_that_loses_land(province: Province) -> Asked:
    owner, form = split(province)
    return owner, {**form, "pieces": [*form["pieces"][:1], f"{form['pieces'][1].partition(':')[0]}: 10"]}


def lost_certificate(province: Province) -> Asked:
    owner, parcel = land(province)
    posted = TODAY - timedelta(days=40)
    return owner, {**parcel, "posted_on": posted.isoformat(), "reason": "Bị mất"}


def lost_certificate_of_another(province: Province) -> Asked:
    """The serial is that of another parcel's certificate."""
    owner, form = lost_certificate(province)
    _, another = land(province)
    return owner, {**form, "certificate_serial": another["certificate_serial"]}


def exchange(province: Province) -> Asked:
    owner, parcel = land(province)
    return owner, {**parcel, "reason": "Giấy chứng nhận bị ố, nhòe"}


def corrected(province: Province) -> Asked:
    owner, parcel = land(province)
    return owner, {**parcel, "effective_on": TODAY.isoformat(), "address": "Thôn Quảng Nghiệp"}


def corrected_nothing(province: Province) -> Asked:
    owner, form = corrected(province)
    del form["address"]
    return owner, form


def details(province: Province) -> Asked:
    owner, form = corrected(province)
    becomes = {**party(owner), "name": f"{owner.full_name} Hoa"}
    return owner, {**form, "holder_number": owner.personal_id, "becomes": becomes}


def details_of_a_stranger(province: Province) -> Asked:
    owner, form = details(province)
    stranger = province.person()
    return owner, {**form, "holder_number": stranger.personal_id, "becomes": party(stranger)}
