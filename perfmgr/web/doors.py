"""The access matrix: which roles may open which door. A route that is not listed is closed to everybody."""

from perfmgr.rules.roles import ADMINISTRATOR, DEPARTMENT_REVIEWER, FILLER, FINANCE_REVIEWER, ROLES

ANYONE = frozenset({"anyone"})
SIGNED_IN = frozenset({"signed_in"})
CLOSED: frozenset[str] = frozenset()

_STAFF = frozenset(ROLES)
_FILLER = frozenset({FILLER})
_ADMIN = frozenset({ADMINISTRATOR})
_FILLER_OR_ADMIN = _FILLER | _ADMIN
_REVIEWERS = frozenset({DEPARTMENT_REVIEWER, FINANCE_REVIEWER})
_BUDGETERS = frozenset({FINANCE_REVIEWER, ADMINISTRATOR})

DOORS: dict[str, frozenset[str]] = {
    "static": ANYONE,
    "health.show": ANYONE,
    "sessions.new": ANYONE,
    "sessions.create": ANYONE,
    "sessions.language": ANYONE,
    "sessions.destroy": SIGNED_IN,
    "sessions.password": SIGNED_IN,
    "sessions.change_password": SIGNED_IN,
    "manual.index": ANYONE,
    "manual.show": ANYONE,
    "manual.image": ANYONE,
    "home.show": SIGNED_IN,
    "notices.index": SIGNED_IN,
    "notices.read": SIGNED_IN,
    "notices.read_all": SIGNED_IN,
    # Projects and their targets.
    "projects.index": _STAFF,
    "projects.export": _STAFF,
    "projects.export_forms": _STAFF,
    "projects.export_indicators": _STAFF,
    "projects.new": _FILLER,
    "projects.create": _FILLER,
    "projects.show": _STAFF,
    "projects.edit": _FILLER_OR_ADMIN,
    "projects.update": _FILLER_OR_ADMIN,
    "projects.exemption": _ADMIN,
    "projects.declare": _FILLER,
    "declarations.show": _STAFF,
    "declarations.section": _FILLER,
    "declarations.save_section": _FILLER,
    "declarations.submission": _FILLER,
    "declarations.withdrawal": _FILLER,
    "declarations.discarding": _FILLER,
    "declarations.returning": _REVIEWERS,
    "declarations.approval": _REVIEWERS,
    "declarations.export": _STAFF,
    # Targets from Excel.
    "imports.index": _FILLER,
    "imports.new": _FILLER,
    "imports.template": _FILLER,
    "imports.create": _FILLER,
    "imports.show": _FILLER,
    "imports.export_annotated": _FILLER,
    "imports.confirmation": _FILLER,
    "imports.slices": _FILLER,
    "imports.discarding": _FILLER,
    # Budget and execution.
    "budgets.index": _STAFF,
    "budgets.show": _STAFF,
    "budgets.create": _BUDGETERS,
    "budgets.amounts": _BUDGETERS,
    "budgets.approval": _BUDGETERS,
    "budgets.revocation": _BUDGETERS,
    "budgets.execution": _FILLER_OR_ADMIN,
    # Self-evaluation.
    "evaluations.index": _STAFF,
    "evaluations.show": _STAFF,
    "evaluations.export": _STAFF,
    "evaluations.edit": _FILLER,
    "evaluations.update": _FILLER,
    "evaluations.preview": _FILLER,
    "evaluations.lines": _FILLER,
    "evaluations.update_lines": _FILLER,
    "evaluations.submission": _FILLER,
    "evaluations.withdrawal": _FILLER,
    "evaluations.returning": _REVIEWERS,
    "evaluations.review": _REVIEWERS,
    "evaluations.update_review": _REVIEWERS,
    "evaluations.confirmation": _REVIEWERS,
    # Overview and disclosure.
    "coverage.index": _STAFF,
    "coverage.listing": _STAFF,
    "disclosures.index": _STAFF,
    "disclosures.document": _STAFF,
    "published.index": _STAFF,
    "published.show": _STAFF,
    # Administration.
    "people.index": _ADMIN,
    "people.new": _ADMIN,
    "people.create": _ADMIN,
    "people.edit": _ADMIN,
    "people.update": _ADMIN,
    "people.reset": _ADMIN,
    "units.index": _ADMIN,
    "units.new": _ADMIN,
    "units.create": _ADMIN,
    "units.edit": _ADMIN,
    "units.update": _ADMIN,
    "units.template": _ADMIN,
    "units.upload": _ADMIN,
    "units.import_rows": _ADMIN,
    "cycles.index": _ADMIN,
    "cycles.new": _ADMIN,
    "cycles.create": _ADMIN,
    "cycles.edit": _ADMIN,
    "cycles.update": _ADMIN,
    "cycles.closing": _ADMIN,
    "cycles.opening": _ADMIN,
    "cycles.evaluations": _ADMIN,
    "schemes.index": _STAFF,
    "schemes.show": _STAFF,
    "schemes.copy": _ADMIN,
    "schemes.edit": _ADMIN,
    "schemes.update": _ADMIN,
    "schemes.publication": _ADMIN,
    "schemes.discarding": _ADMIN,
    "functions.index": _ADMIN,
    "functions.save": _ADMIN,
}


def may_enter(endpoint: str, roles: frozenset[str]) -> bool:
    """Tell whether somebody signed in with these roles may open this door."""
    door = DOORS.get(endpoint, CLOSED)
    return door in (ANYONE, SIGNED_IN) or bool(door & roles)
