"""The bases that generated models subclass, and the scalar types that they use."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any, ClassVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    GetCoreSchemaHandler,
    GetJsonSchemaHandler,
    SerializationInfo,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from omninode_bridge.runtime.model_checks import Check
from omninode_bridge.runtime.model_json import json_copy

__all__ = ["CheckedModel", "ContractModel", "Integer", "JsonDefault", "NotNull", "TextEnum"]


class ContractModel(BaseModel):
    """Base of models that accept exactly what a JSON Schema accepts.

    `model_validate` and `model_validate_json` know wire names only, and never convert between JSON
    types. The constructor takes Python names as well. Properties that were absent stay absent in a
    dump; properties that the schema does not name are kept unless it forbids them.
    """

    model_config = ConfigDict(
        extra="allow", strict=True, allow_inf_nan=False, protected_namespaces=()
    )

    def __init__(self, /, **data: Any) -> None:
        super().__init__(**self.__to_wire(data))

    # Tells pydantic that validation need not go through this constructor.
    __init__.__pydantic_base_init__ = True  # type: ignore[attr-defined]

    @classmethod
    def __to_wire(cls, data: dict[str, Any]) -> dict[str, Any]:
        fields = cls.model_fields
        wire_names = {field.alias or name for name, field in fields.items()}
        renamed: dict[str, Any] = {}
        for key, value in data.items():
            field = fields.get(key)
            wire = key if field is None or key in wire_names else field.alias or key
            renamed[wire] = value
        return renamed

    @model_serializer(mode="wrap")
    def __omit_absent(
        self, handler: SerializerFunctionWrapHandler, info: SerializationInfo
    ) -> dict[str, Any]:
        dumped: dict[str, Any] = handler(self)
        present, extra = self.model_fields_set, self.model_extra or {}
        for name, field in type(self).model_fields.items():
            if (name not in present or name in extra) and getattr(self, name) is None:
                key = field.alias if info.by_alias and field.alias is not None else name
                if key not in extra:
                    dumped.pop(key, None)
        return dumped


class CheckedModel(ContractModel):
    """A model with checks that look at the whole object, under its wire names."""

    __checks__: ClassVar[tuple[Check, ...]] = ()

    @model_validator(mode="before")
    @classmethod
    def __run_checks(cls, value: Any) -> Any:
        if not isinstance(value, cls):
            for check in cls.__checks__:
                check(value)
        return value


class TextEnum(StrEnum):
    """An enumeration of texts; accepts a member or its exact text."""

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_after_validator_function(
            cls, core_schema.literal_schema([member.value for member in cls])
        )


class NotNull:
    """Mark a property that may be absent but not null; in Python, None means absent."""

    @staticmethod
    def _refuse_null(value: Any) -> Any:
        if value is None:
            raise PydanticCustomError("null_not_allowed", "must not be null; leave it out instead")
        return value

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        return core_schema.no_info_before_validator_function(self._refuse_null, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        described = handler(schema)
        options = [one for one in described.get("anyOf", ()) if one != {"type": "null"}]
        if len(options) == 1:
            described = {**described, **options[0]}
            del described["anyOf"]
        elif options:
            described = {**described, "anyOf": options}
        return described


class JsonDefault:
    """A default that is made anew for every model."""

    def __init__(self, value: object) -> None:
        self._value = value

    def __call__(self) -> Any:
        """Return a fresh copy."""
        return json_copy(self._value)


def _integral(value: Any) -> Any:
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return value


Integer = Annotated[int, BeforeValidator(_integral)]
"""A JSON integer: 1 and 1.0, but neither true nor "1"."""
