"""Which licences the safety checklist allows."""

from msgspec import Struct

from mlcharter.charter.charter import Charter


class Allowed(Struct, frozen=True):
    """The names that are allowed for everything, and (name, licence) pairs allowed for one."""

    names: frozenset[str]
    exceptions: frozenset[tuple[str, str]]

    @classmethod
    def of(cls, charter: Charter) -> "Allowed | None":
        """What the config block `licences` allows today; None while it cannot be told."""
        rule = charter.entry("licences")
        if rule is None or not charter.settled("licences"):
            return None
        current = [e for e in rule.value.exceptions if e.until >= charter.earliest]
        return cls(
            frozenset(rule.value.allow) - frozenset(rule.value.deny),
            frozenset((exception.name, exception.licence) for exception in current),
        )

    def allows(self, licence: str, name: str) -> bool:
        """Whether something called `name` may be under a licence, an SPDX expression or a name."""
        if (name, licence) in self.exceptions:
            return True
        choices: list[list[str]] = [[]]
        for word in licence.replace("(", " ").replace(")", " ").split():
            if word == "OR":
                choices.append([])
            elif word != "AND":
                choices[-1].append(word)
        whole = licence.strip() in self.names
        return whole or any(parts and self.names.issuperset(parts) for parts in choices)
