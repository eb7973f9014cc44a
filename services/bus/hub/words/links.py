"""What links, hops and trends are called. A type or a consumer that is not here keeps its own name."""

from __future__ import annotations

from typing import Final

from contracts.problems import Language, Text

TYPES: Final = {
    "dossier.status-changed": Text("Hồ sơ đổi trạng thái", "Dossier status"),
    "dossier.request-declined": Text("Từ chối yêu cầu của công dân", "Citizen's request declined"),
    "dossier.run-ended": Text("Hồ sơ liên thông kết thúc", "Linked run ended"),
    "dossier.task-overdue": Text("Hệ thống trả lời trễ hẹn", "Task overdue"),
    "dossier.verification-recorded": Text("Xác thực người nộp", "Applicant verified"),
    "portal.status-acknowledged": Text("Cổng đã nhận trạng thái", "Status acknowledged"),
    "portal.status-refused": Text("Cổng từ chối trạng thái", "Status refused"),
    "portal.dossier-submitted": Text("Công dân nộp hồ sơ", "Dossier submitted"),
    "portal.supplement-submitted": Text("Công dân bổ sung giấy tờ", "Supplement submitted"),
    "portal.withdrawal-requested": Text("Công dân xin rút hồ sơ", "Withdrawal requested"),
    "task.requested": Text("Giao việc cho hệ thống", "Task requested"),
    "task.resumed": Text("Việc được tiếp tục", "Task resumed"),
    "task.cancelled": Text("Việc bị hủy", "Task cancelled"),
    "answer.given": Text("Hệ thống trả lời", "Answer given"),
    "civil.birth-registered": Text("Đăng ký khai sinh", "Birth registered"),
    "civil.death-registered": Text("Đăng ký khai tử", "Death registered"),
    "civil.marriage-registered": Text("Đăng ký kết hôn", "Marriage registered"),
    "civil.parentage-recognised": Text("Nhận cha, mẹ, con", "Parentage recognised"),
    "civil.record-corrected": Text("Cải chính hộ tịch", "Civil record corrected"),
    "land.certificate-issued": Text("Cấp Giấy chứng nhận", "Certificate issued"),
    "land.change-registered": Text("Đăng ký biến động", "Land change registered"),
    "land.parcel-registered": Text("Đăng ký thửa đất", "Parcel registered"),
    "land.restriction-changed": Text("Hạn chế về đất đai", "Land restriction"),
    "population.absence-declared": Text("Khai báo tạm vắng", "Absence declared"),
    "population.citizen-changed": Text("Thông tin công dân đổi", "Citizen changed"),
    "population.citizen-registered": Text("Công dân mới", "Citizen registered"),
    "population.household-changed": Text("Hộ gia đình đổi", "Household changed"),
    "population.household-split": Text("Tách hộ", "Household split"),
    "population.identity-checks-recorded": Text("Lượt xác thực định danh", "Identity checks"),
    "population.personal-id-assigned": Text("Cấp số định danh", "Personal id assigned"),
    "population.residence-changed": Text("Đổi nơi cư trú", "Residence changed"),
    "population.residence-deregistered": Text("Xóa đăng ký cư trú", "Residence deregistered"),
    "result.issued": Text("Cấp kết quả điện tử", "Result issued"),
    "result.reused": Text("Tái sử dụng kết quả", "Result reused"),
    "result.revoked": Text("Thu hồi kết quả", "Result revoked"),
}
PROCESSES: Final = {
    "portal": Text("Cổng DVCQG", "National portal"),
    "sync": Text("Đồng bộ", "Sync"),
    "hub": Text("Trục", "Hub"),
    "dossier": Text("Một cửa", "One-stop shop"),
    "population": Text("Dân cư", "Population"),
    "civil": Text("Hộ tịch", "Civil registry"),
    "land": Text("Đất đai", "Land registry"),
    "ministries": Text("Bộ, ngành (giả lập)", "Ministries (stand-in)"),
}
CONSUMERS: Final = {
    "portal": PROCESSES["portal"],
    "sync-dossiers": Text("Đồng bộ: trạng thái", "Sync: statuses"),
    "sync-answers": Text("Đồng bộ: trả lời", "Sync: answers"),
    "dossier-portal": Text("Một cửa: từ Cổng", "One-stop shop: from the portal"),
    "dossier-answers": Text("Một cửa: trả lời", "One-stop shop: answers"),
    "population-civil": Text("Dân cư: từ hộ tịch", "Population: from civil"),
    "population-tasks": Text("Dân cư: việc được giao", "Population: tasks"),
    "civil-tasks": Text("Hộ tịch: việc được giao", "Civil registry: tasks"),
    "civil-personal-ids": Text("Hộ tịch: số định danh", "Civil registry: personal ids"),
    "land-tasks": Text("Đất đai: việc được giao", "Land registry: tasks"),
    "land-civil": Text("Đất đai: từ hộ tịch", "Land registry: from civil"),
    "land-runs": Text("Đất đai: liên thông", "Land registry: runs"),
    "hub-ledger": Text("Trục: sổ độ trễ", "Hub: latency ledger"),
    "hub-indicators": Text("Trục: chỉ số", "Hub: indicators"),
    "hub-indicators-portal": Text("Trục: chỉ số từ Cổng", "Hub: indicators from the portal"),
    "hub-indicators-results": Text("Trục: chỉ số kết quả", "Hub: indicators of results"),
    "hub-indicators-checks": Text("Trục: chỉ số xác thực", "Hub: indicators of checks"),
    "ministries-tax": Text("Thuế: việc được giao", "Tax: tasks"),
    "ministries-social-insurance": Text("BHXH: việc được giao", "Social insurance: tasks"),
    "ministries-welfare": Text("Bảo trợ xã hội: việc được giao", "Welfare: tasks"),
    "ministries-judicial-records": Text("Lý lịch tư pháp: việc được giao", "Judicial records: tasks"),
    "ministries-business-register": Text("Đăng ký kinh doanh: việc được giao", "Business register: tasks"),
    "ministries-health": Text("Y tế: việc được giao", "Health: tasks"),
}
HOPS: Final = {
    "publish": Text("Hộp thư đi", "Outbox"),
    "broker": Text("Chờ ở trục", "Broker"),
    "lane": Text("Chờ đến lượt", "Waiting its turn"),
    "errors": Text("Lỗi của Cổng", "Portal errors"),
    "call": Text("Gọi Cổng", "Portal call"),
    "total": Text("Toàn bộ", "In all"),
}
APPLY: Final = Text("Chờ và xử lý", "Wait and handler")
TRENDS: Final = {
    "improving": Text("đang đỡ", "improving"),
    "steady": Text("ổn định", "steady"),
    "worsening": Text("xấu đi", "worsening"),
    "stalled": Text("đứng yên", "stalled"),
}
BREAKERS: Final = {
    "closed": Text("đóng: gọi bình thường", "closed: calls go through"),
    "open": Text("ngắt: Cổng đang lỗi, chờ thử lại", "open: the portal fails, waiting to probe"),
    "half_open": Text("thử lại: một lượt gọi dò", "half open: one call probes"),
    "half-open": Text("thử lại: một lượt gọi dò", "half open: one call probes"),
}


def type_name(type_: str, language: Language) -> str:
    return TYPES[type_].in_(language) if type_ in TYPES else type_


def consumer_name(consumer: str, language: Language) -> str:
    return CONSUMERS[consumer].in_(language) if consumer in CONSUMERS else consumer


def process_name(process: str, language: Language) -> str:
    return PROCESSES[process].in_(language) if process in PROCESSES else process
