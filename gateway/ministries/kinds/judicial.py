"""Judicial records (lý lịch tư pháp): the criminal-record certificate. Few people have an entry: drawn."""

from __future__ import annotations

from contracts.tasks import Answer
from gateway.ministries.draws import data, digits
from gateway.ministries.kinds.matter import Matter


def issue_certificate(matter: Matter) -> Answer:
    """`judicial.issue-certificate`: form 1 for a citizen or an organisation, form 2 for the citizen alone."""
    rules = data("judicial")
    recorded = matter.draws("record").randrange(1000) < rules["recorded_per_mille"]
    return Answer.completed(
        {
            "number": f"{digits(matter.draws('number'), 5)}/{matter.today:%Y}/LLTP",
            "certificate_type": matter.form["certificate_type"],
            "issued_on": matter.today.isoformat(),
            "issued_by": rules["issuing_agency"],
            "criminal_record": "recorded" if recorded else "none",
            "content": "Có án tích" if recorded else "Không có án tích",
        }
    )
