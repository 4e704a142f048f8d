"""What OpenSLO v1 allows of the objects that we write, from the text of its specification.

Its own JSON Schema cannot be used: it requires a property named "".
https://github.com/OpenSLO/OpenSLO/blob/main/README.md
"""

from typing import Any


def strict(required: dict[str, Any], **optional: Any) -> dict[str, Any]:
    """Return the schema of an object that has no other keys."""
    return {
        "type": "object",
        "required": list(required),
        "properties": required | optional,
        "additionalProperties": False,
    }


TEXT = {"type": "string", "minLength": 1}
DESCRIPTION = {"type": "string", "maxLength": 1050}
NAME = {"type": "string", "pattern": "^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$"}
DURATION = {"type": "string", "pattern": "^[1-9][0-9]*[mhdwMQY]$"}
METADATA = strict({"name": NAME}, displayName=TEXT)
YES_OR_NO = {"type": "boolean"}


def one(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item, "minItems": 1, "maxItems": 1}


CONDITION = strict(
    {
        "kind": {"const": "burnrate"},
        "threshold": {"type": "number"},
        "lookbackWindow": DURATION,
        "alertAfter": DURATION,
    }
)
INLINE_CONDITION = strict(
    {
        "kind": {"const": "AlertCondition"},
        "metadata": METADATA,
        "spec": strict({"severity": TEXT, "condition": CONDITION}, description=DESCRIPTION),
    }
)
POLICY = strict(
    {
        "kind": {"const": "AlertPolicy"},
        "metadata": METADATA,
        "spec": strict(
            {
                "conditions": one(INLINE_CONDITION),
                "notificationTargets": {"type": "array", "items": strict({"targetRef": NAME})},
            },
            description=DESCRIPTION,
            alertWhenNoData=YES_OR_NO,
            alertWhenResolved=YES_OR_NO,
            alertWhenBreaching=YES_OR_NO,
        ),
    }
)
QUERY = strict(
    {"metricSource": strict({"spec": {"type": "object"}}, type=TEXT, metricSourceRef=TEXT)}
)
INDICATOR = strict(
    {
        "metadata": METADATA,
        "spec": strict(
            {"ratioMetric": strict({"counter": YES_OR_NO, "good": QUERY, "total": QUERY})},
            description=DESCRIPTION,
        ),
    }
)
OBJECTIVE = strict(
    {"target": {"type": "number", "minimum": 0, "exclusiveMaximum": 1}},
    displayName=TEXT,
    timeSliceTarget={"type": "number", "exclusiveMinimum": 0, "maximum": 1},
    timeSliceWindow=DURATION,
)
SLICED = {"items": {"required": ["timeSliceTarget", "timeSliceWindow"]}}
SPECS = {
    "SLO": strict(
        {
            "service": NAME,
            "indicator": INDICATOR,
            "timeWindow": one(strict({"duration": DURATION, "isRolling": {"const": True}})),
            "budgetingMethod": {"enum": ["Occurrences", "Timeslices"]},
            "objectives": {"type": "array", "items": OBJECTIVE, "minItems": 1},
        },
        description=DESCRIPTION,
        alertPolicies={"type": "array", "items": POLICY},
    )
    | {
        "if": {"properties": {"budgetingMethod": {"const": "Timeslices"}}},
        "then": {"properties": {"objectives": SLICED}},
    },
    "Service": strict({}, description=DESCRIPTION),
    "AlertNotificationTarget": strict({"target": TEXT}, description=DESCRIPTION),
}
SCHEMA = {
    "oneOf": [
        strict(
            {
                "apiVersion": {"const": "openslo/v1"},
                "kind": {"const": kind},
                "metadata": METADATA,
                "spec": spec,
            }
        )
        for kind, spec in SPECS.items()
    ]
}
