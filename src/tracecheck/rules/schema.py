"""The JSON Schema of a rule file, for editors: made from the kinds, so that a new kind is in it.

It knows shapes, not meaning: what conditions say is judged by `load` alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..conditions.builder import NAME
from ..conditions.units import TIMES, UNITS
from ..model.rules import SEVERITIES, KindSpec, Parameter
from .parameters import LARGEST_COUNT
from .rule import ID
from .variables import LONGEST
from .variables import NAME as VARIABLE
from .vocabulary import EVENT

Schema = dict[str, Any]

_VARIABLE: Schema = {"type": "string", "pattern": r"\$\{"}
_NONEMPTY: Schema = {"type": "string", "minLength": 1}
_FIELD: Schema = {"$ref": "#/$defs/field"}
_SELECTOR: Schema = {"$ref": "#/$defs/selector"}
_UNSIGNED = r"[0-9]+(\.[0-9]+)?"
_DURATION = f"^{_UNSIGNED}({'|'.join(TIMES)})$"
_PERCENT = f"^{_UNSIGNED}%$"


def schema(kinds: Mapping[str, KindSpec]) -> Schema:
    """The schema (draft 2020-12) of a rule file that may use these kinds."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "tracecheck rule file",
        "$defs": _definitions(kinds),
        **_object(_top()),
    }


def _definitions(kinds: Mapping[str, KindSpec]) -> Schema:
    return {
        "field": {"type": "string", "pattern": f"^{NAME.pattern}$|\\$\\{{"},
        "selector": {
            "type": "string",
            "minLength": 1,
            "description": "TAG where CONDITION, TAG, * where CONDITION, or the name of an event.",
        },
        "key": {
            "description": "The fields that join events; none judges the log as one key.",
            "oneOf": [_FIELD, _list(_FIELD, fewest=1)],
        },
        "example": {
            **_object(
                {
                    "holds": _text("A log that keeps the rule."),
                    "breaks": _text("A log that breaks the rule."),
                    "with": {
                        "description": "The exact count of each class that the example breaks.",
                        "type": "object",
                        "additionalProperties": _or_variable(_whole(0)),
                    },
                }
            ),
            "oneOf": [
                {"required": ["holds"], "not": {"required": ["with"]}},
                {"required": ["breaks"]},
            ],
        },
        "rule": {
            **_object(
                _rule() | {name: _kind(kind) for name, kind in kinds.items()}, required=("id",)
            ),
            "oneOf": [{"required": [name]} for name in kinds],
        },
    }


def _top() -> Schema:
    return {
        "version": {"description": "The version of the rule file's layout.", "const": 1},
        "name": _text("The name of this set of rules."),
        "about": _text("What the rules are for."),
        "include": _about(
            "Other rule files, relative to this one; their rules come first.", _list(_NONEMPTY)
        ),
        "vars": _names(
            "Values that are put in for ${name}; --set name=value overrides.",
            VARIABLE.pattern,
            {"type": ["string", "number"], "maxLength": LONGEST},
        ),
        "key": {"$ref": "#/$defs/key"},
        "aliases": _names("Other spellings of a field.", NAME.pattern, _list(_FIELD)),
        "void": _about("Values that stand for no value.", _list({"type": ["string", "number"]})),
        "personal": _about(
            "Fields that are masked in every report.", {"oneOf": [_FIELD, _list(_FIELD)]}
        ),
        "units": _names(
            "The unit of a field that is written without one.",
            NAME.pattern,
            _or_variable({"enum": list(UNITS)}),
        ),
        "events": _names("Names for selectors.", EVENT.pattern, _SELECTOR),
        "rules": _about("The rules, in order.", _list({"$ref": "#/$defs/rule"})),
    }


def _rule() -> Schema:
    return {
        "id": {
            "description": "A claim that should hold, in kebab case.",
            **_or_variable({"type": "string", "pattern": f"^{ID.pattern}$"}),
        },
        "title": _text("The claim, as a sentence."),
        "why": _text("Why it matters."),
        "remedy": _text("What to do when it fails."),
        "severity": _about("Default high.", _or_variable({"enum": list(SEVERITIES)})),
        "key": {"$ref": "#/$defs/key"},
        "allow_unattributed": _flag("Pass in spite of events without a key."),
        "allow_empty": _flag("Pass without anything to judge."),
        "enabled": _flag("Default true."),
        "examples": _about("Logs that hold or break the rule.", _list({"$ref": "#/$defs/example"})),
    }


def _kind(kind: KindSpec) -> Schema:
    required = tuple(parameter.name for parameter in kind.parameters if parameter.required)
    result = _object({p.name: _parameter(p) for p in kind.parameters}, required=required)
    if kind.one_of:
        result["allOf"] = [
            {"oneOf": [{"required": [name]} for name in group]} for group in kind.one_of
        ]
    elif not required:
        result["type"] = ["object", "null"]
    return {"description": kind.about, **result}


def _parameter(parameter: Parameter) -> Schema:
    fewest = max(1, parameter.at_least)
    count = _whole(parameter.at_least)
    percent = {"type": "string", "pattern": _PERCENT}
    choice = {"enum": list(parameter.choices)}
    shapes: dict[str, Schema] = {
        "selector": _SELECTOR,
        "selectors": _list(_SELECTOR, fewest=fewest),
        "expectation": _NONEMPTY,
        "regex": {"type": "string"},
        "duration": _or_variable({"type": "string", "pattern": _DURATION}),
        "count": _or_variable(count),
        "percent": _or_variable(percent),
        "count_or_percent": _or_variable(count, percent),
        "fields": _list(_FIELD, fewest=fewest, distinct=True),
        "choices": _list(_or_variable(choice), fewest=fewest, distinct=True),
        "budget": _or_variable({"enum": ["violate", "allow"]}, count, percent),
    }
    result = {"description": parameter.about, **shapes[parameter.type]}
    if parameter.default is not None:
        many = isinstance(parameter.default, tuple)
        result["default"] = list(parameter.default) if many else parameter.default
    return result


def _object(properties: Schema, required: tuple[str, ...] = ()) -> Schema:
    return {
        "type": "object",
        "properties": properties,
        "required": list(required),
        "additionalProperties": False,
    }


def _names(about: str, pattern: str, value: Schema) -> Schema:
    return {
        "description": about,
        "type": "object",
        "propertyNames": {"pattern": f"^({pattern})$"},
        "additionalProperties": value,
    }


def _list(item: Schema, fewest: int = 0, *, distinct: bool = False) -> Schema:
    result: Schema = {"type": "array", "items": item, "minItems": fewest}
    return {**result, "uniqueItems": True} if distinct else result


def _whole(at_least: int) -> Schema:
    return {"type": "integer", "minimum": at_least, "maximum": LARGEST_COUNT}


def _about(about: str, shape: Schema) -> Schema:
    return {"description": about, **shape}


def _text(about: str) -> Schema:
    return _about(about, {"type": "string"})


def _flag(about: str) -> Schema:
    return _about(about, _or_variable({"type": "boolean"}))


def _or_variable(*schemas: Schema) -> Schema:
    return {"anyOf": [*schemas, _VARIABLE]}
