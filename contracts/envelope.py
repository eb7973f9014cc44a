"""The one envelope every event on the axis travels in: CloudEvents 1.0, structured JSON, with three extensions.

`key` names the aggregate the event belongs to, `version` counts up by one per key, `traceparent` continues the
W3C trace. Order is per key and is defined by the version, never by the order of delivery. Nothing personal may
stand in an attribute: attributes become headers, log fields and subjects; personal data stay in `data`.
"""

from __future__ import annotations

import builtins
from datetime import datetime
from typing import Annotated, Any, ClassVar, Self, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PrivateAttr

TYPE_PREFIX = "vn.truc."
SUBJECT_PREFIX = "axis."
CONTENT_TYPE = "application/cloudevents+json"

D = TypeVar("D", bound="EventData")

REGISTRY: dict[str, type[EventData]] = {}
"""Event data models by CloudEvents type, filled as their modules are imported."""


class EventData(BaseModel):
    """Base of every event's data. A subclass states TYPE ("dossier.status-changed") and, once it changes
    incompatibly, a higher VERSION; both old and new then live side by side under their own CloudEvents type."""

    TYPE: ClassVar[str] = ""
    VERSION: ClassVar[int] = 1
    DOSSIER: ClassVar[str] = "dossier_code"
    """The field that names the dossier this is about, where there is one: its trace is the dossier's."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    @classmethod
    def __pydantic_init_subclass__(cls, **kwargs: Any) -> None:
        super().__pydantic_init_subclass__(**kwargs)
        if cls.TYPE:
            REGISTRY[cls.cloudevents_type()] = cls

    @classmethod
    def cloudevents_type(cls) -> str:
        """The type attribute, such as `vn.truc.dossier.status-changed.v1`."""
        return f"{TYPE_PREFIX}{cls.TYPE}.v{cls.VERSION}"

    @classmethod
    def axis_subject(cls) -> str:
        """The broker subject, such as `axis.dossier.status-changed`."""
        return SUBJECT_PREFIX + cls.TYPE

    def subject(self) -> str:
        """The subject this very event goes out on."""
        return self.axis_subject()

    def about_dossier(self) -> str | None:
        """The code of the dossier this is about, if it is about one."""
        return getattr(self, self.DOSSIER, None)

    @classmethod
    def domain(cls) -> str:
        return cls.TYPE.partition(".")[0]


class Event(BaseModel):
    """A CloudEvents 1.0 event of the axis. Unknown attributes of foreign members are kept out, not refused."""

    model_config = ConfigDict(extra="ignore", frozen=True)

    specversion: Annotated[str, Field(pattern=r"^1\.0$")] = "1.0"
    id: Annotated[str, Field(min_length=1, max_length=64)]
    source: Annotated[str, Field(min_length=1, max_length=200)]
    type: Annotated[str, Field(min_length=1, max_length=200)]
    time: datetime
    datacontenttype: str = "application/json"
    key: Annotated[str, Field(min_length=1, max_length=100)]
    version: Annotated[int, Field(ge=1)]
    traceparent: str | None = None
    data: dict[str, Any]
    _read: EventData | None = PrivateAttr(None)

    def data_as(self, model: builtins.type[D]) -> D:
        """The data, validated as `model`; raises pydantic's ValidationError if they do not fit."""
        if not isinstance(self._read, model):
            self._read = model.model_validate(self.data)
        return self._read

    @property
    def axis_subject(self) -> str:
        """The subject this event is published on, from its type: `axis.<domain>.<event>`."""
        name = self.type.removeprefix(TYPE_PREFIX).rpartition(".v")[0]
        return SUBJECT_PREFIX + name

    def about_dossier(self) -> str | None:
        """The code of the dossier this is about, if its type is known and names one."""
        model = REGISTRY.get(self.type)
        code = self.data.get(model.DOSSIER) if model is not None else None
        return code if isinstance(code, str) else None

    def is_a(self, model: builtins.type[EventData]) -> bool:
        return self.type == model.cloudevents_type()

    @classmethod
    def of(
        cls,
        data: EventData,
        *,
        id: str,
        source: str,
        key: str,
        version: int,
        time: datetime,
        traceparent: str | None = None,
    ) -> Self:
        """An event around `data`, checked."""
        return cls(
            id=id,
            source=source,
            type=data.cloudevents_type(),
            time=time,
            key=key,
            version=version,
            traceparent=traceparent,
            data=data.model_dump(mode="json"),
        )
