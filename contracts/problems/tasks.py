"""Refusals about tasks and the running of dossiers."""

from __future__ import annotations

from contracts.problems.base import ProblemType
from contracts.problems.text import Text

NO_PLAN = ProblemType(
    "no-plan",
    422,
    Text("Thủ tục chưa được nối với hệ thống nào", "No system carries out this procedure"),
    Text(
        "Thủ tục {procedure} chưa có kế hoạch xử lý; chỉ cán bộ xử lý được (handling: officer).",
        "Procedure {procedure} has no plan; only officers can handle it (handling: officer).",
    ),
)
TASK_NOT_YOURS = ProblemType(
    "task-not-yours",
    403,
    Text("Nhiệm vụ của hệ thống khác", "The task is another system's"),
    Text(
        "Nhiệm vụ {task} được giao cho hệ thống {system}; cần quyền task:{system} để xem và trả lời.",
        "Task {task} was given to the system {system}; seeing and answering it needs the scope task:{system}.",
    ),
)
TASK_CLOSED = ProblemType(
    "task-closed",
    409,
    Text("Nhiệm vụ đã đóng", "The task is closed"),
    Text(
        "Nhiệm vụ {task} đang ở trạng thái {state}; trả lời này không có tác dụng.",
        "Task {task} is {state}; this answer has no effect.",
    ),
)
RESULTS_UNFIT = ProblemType(
    "results-unfit",
    422,
    Text("Kết quả không đúng lược đồ", "The results do not follow their schema"),
    Text(
        "Kết quả của nhiệm vụ loại {kind} có {count} lỗi; xem mục errors và GET /v1/task-kinds/{kind}.",
        "The results of a task of kind {kind} have {count} error(s); see errors and GET /v1/task-kinds/{kind}.",
    ),
)
SYSTEMS_AT_WORK = ProblemType(
    "systems-at-work",
    409,
    Text("Các hệ thống đang xử lý", "Systems are still at work"),
    Text(
        "Hồ sơ {code} do các hệ thống xử lý, còn {open} nhiệm vụ chưa xong; hãy chờ trả lời hoặc rút hồ sơ.",
        "Systems carry out dossier {code}, {open} task(s) are open; wait for their answers, or withdraw it.",
    ),
)
