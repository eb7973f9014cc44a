"""Tasks: the one way a system of the province is asked to act, and the ways it may answer.

The dossier service asks (`contracts.events.task`), a system answers; what each kind of task takes and gives is
data in `contracts/catalogue/tasks/`.
"""

from contracts.tasks.answers import Answer, AnswerKind, PaymentWanted, Refusal, SupplementWanted
from contracts.tasks.kinds import TaskKind, task_kind, task_kinds
from contracts.tasks.systems import System

__all__ = [
    "Answer",
    "AnswerKind",
    "PaymentWanted",
    "Refusal",
    "SupplementWanted",
    "System",
    "TaskKind",
    "task_kind",
    "task_kinds",
]
