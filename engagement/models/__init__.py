from engagement.models.audit import LogEntry
from engagement.models.jobs import Job, PeriodicDeed, WorkerHeartbeat
from engagement.models.live import LiveEvent
from engagement.models.moderation import Appeal, QueueItem, Ruling
from engagement.models.participation import Charter, Phase, Poster, Project, Round
from engagement.models.people import Membership, User
from engagement.models.places import Place
from engagement.models.receipts import Receipt

__all__ = [
    "Appeal",
    "Charter",
    "Job",
    "LiveEvent",
    "LogEntry",
    "Membership",
    "PeriodicDeed",
    "Phase",
    "Place",
    "Poster",
    "Project",
    "QueueItem",
    "Receipt",
    "Round",
    "Ruling",
    "User",
    "WorkerHeartbeat",
]
