"""The systems that answer tasks. Which process stands behind one is a matter of deployment."""

from __future__ import annotations

from enum import StrEnum
from typing import Final

from contracts.problems import Text


class System(StrEnum):
    """A system of the province; its value is a token of the axis' subjects."""

    CIVIL = "civil"
    LAND = "land"
    RESIDENCE = "residence"
    TAX = "tax"
    SOCIAL_INSURANCE = "social-insurance"
    WELFARE = "welfare"
    JUDICIAL_RECORDS = "judicial-records"
    BUSINESS_REGISTER = "business-register"
    HEALTH = "health"

    @property
    def text(self) -> Text:
        return _NAMES[self]


_NAMES: Final = {
    System.CIVIL: Text("Hộ tịch", "Civil registry"),
    System.LAND: Text("Đất đai", "Land registry"),
    System.RESIDENCE: Text("Cư trú (Công an)", "Residence (police)"),
    System.TAX: Text("Thuế", "Tax"),
    System.SOCIAL_INSURANCE: Text("Bảo hiểm xã hội", "Social insurance"),
    System.WELFARE: Text("Bảo trợ xã hội", "Welfare"),
    System.JUDICIAL_RECORDS: Text("Lý lịch tư pháp", "Judicial records"),
    System.BUSINESS_REGISTER: Text("Đăng ký kinh doanh", "Business register"),
    System.HEALTH: Text("Y tế", "Health"),
}
