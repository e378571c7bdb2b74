"""Endpoints: setting up group robots and webhooks of a unit, and trying them."""

from collections.abc import Callable
from dataclasses import dataclass

from flask import current_app
from sqlalchemy import update as update_rows

from perfmgr import times
from perfmgr.actions._action import action, require_role, require_version, write_event
from perfmgr.actions._robot_round import target_of
from perfmgr.channels import robots
from perfmgr.channels.letters import Item
from perfmgr.channels.outcomes import SendingError, Unreachable
from perfmgr.channels.sealing import seal, unseal
from perfmgr.channels.webhooks import Line, checked_addresses
from perfmgr.extensions import db
from perfmgr.models.message import Endpoint
from perfmgr.models.unit import Unit
from perfmgr.queries.people import Viewer
from perfmgr.rules.endpoints import check_address, house_hosts, shown
from perfmgr.rules.messages import ROBOTS, known_kinds
from perfmgr.rules.refusals import Refused
from perfmgr.rules.roles import ADMINISTRATOR
from perfmgr.rules.texts import N_, clean_line

TEST_TEXT = N_("这是一条测试消息，由 %(name)s 从预算绩效目标管理系统发出。")
NO_SECRET = N_("通用 Webhook 必须填写密钥（至少 16 个字符），对方用它核对签名。")


@dataclass(frozen=True, slots=True)
class EndpointDraft:
    """What is typed about an endpoint. An empty address or secret leaves the stored one."""

    name: str
    address: str = ""
    secret: str = ""
    kinds: tuple[str, ...] = ()
    active: bool = True


def require_usable(kind: str, address: str) -> None:
    """Raise Refused, at the field, unless this address may be called now; looks its name up."""
    db.session.rollback()  # the look-up may take its time
    target = check_address(kind, address, house_hosts(current_app.config["WEBHOOK_HOSTS"]))
    try:
        checked_addresses(target)
    except Unreachable as error:
        raise Refused(error.reason, field="address") from error


def _check(kind: str, draft: EndpointDraft, stored: str) -> str:
    name = clean_line(draft.name)
    if not name:
        raise Refused(N_("“名称”不能为空。"), field="name")
    if kind not in ROBOTS:
        raise Refused(N_("请从列表中选择类型。"), field="kind")
    if kind == "webhook" and len(draft.secret) < 16 and not (stored and not draft.secret):
        raise Refused(NO_SECRET, field="secret")
    return name


def create(unit_id: int, kind: str, draft: EndpointDraft, by: Viewer) -> Endpoint:
    """Set up an endpoint of a unit. Raises Refused for an address that must not be called."""
    _check(kind, draft, "")
    require_usable(kind, draft.address)
    return _create(unit_id, kind, draft, by)


@action
def _create(unit_id: int, kind: str, draft: EndpointDraft, by: Viewer) -> Endpoint:
    unit = db.session.get(Unit, unit_id)
    if unit is None:
        raise Refused(N_("请从列表中选择单位。"), field="unit_id")
    require_role(by, unit.path, {ADMINISTRATOR})
    endpoint = Endpoint(
        unit_id=unit.id,
        kind=kind,
        name=_check(kind, draft, ""),
        address=seal(draft.address),
        secret=seal(draft.secret),
        kinds=known_kinds(draft.kinds),
        active=draft.active,
        created_at=times.now(),
    )
    db.session.add(endpoint)
    db.session.flush()
    write_event("endpoint", endpoint.id, "create", by)
    return endpoint


def update(endpoint: Endpoint, draft: EndpointDraft, by: Viewer, version: int | None = None) -> None:
    """Change an endpoint; what is typed as address or secret replaces what is stored."""
    _check(endpoint.kind, draft, endpoint.secret)
    if draft.address:
        require_usable(endpoint.kind, draft.address)
    _update(endpoint, draft, by, version)


@action
def _update(endpoint: Endpoint, draft: EndpointDraft, by: Viewer, version: int | None) -> None:
    require_role(by, endpoint.unit.path, {ADMINISTRATOR})
    require_version(endpoint, version)
    endpoint.name = _check(endpoint.kind, draft, endpoint.secret)
    endpoint.kinds, endpoint.active = known_kinds(draft.kinds), draft.active
    if draft.address:
        endpoint.address = seal(draft.address)
    if draft.secret:
        endpoint.secret = seal(draft.secret)
    endpoint.failures, endpoint.down_until, endpoint.error = 0, None, ""
    # Which fields, not what is in them: history is read by more people.
    changed = {name: ["", "已更换"] for name in ("address", "secret") if getattr(draft, name)}
    write_event("endpoint", endpoint.id, "change", by, details=changed or None)


@action
def set_active(endpoint: Endpoint, active: bool, by: Viewer) -> None:
    """Pause an endpoint, or let it go on; its messages wait meanwhile."""
    require_role(by, endpoint.unit.path, {ADMINISTRATOR})
    if endpoint.active != active:
        endpoint.active = active
        endpoint.failures, endpoint.down_until, endpoint.error = 0, None, ""
        write_event("endpoint", endpoint.id, "resume" if active else "pause", by)


@action
def delete(endpoint: Endpoint, by: Viewer) -> None:
    """Remove an endpoint with its messages."""
    require_role(by, endpoint.unit.path, {ADMINISTRATOR})
    write_event("endpoint", endpoint.id, "delete", by)
    db.session.delete(endpoint)


def shown_address(endpoint: Endpoint) -> str:
    """Return as much of the address as may be shown."""
    try:
        return shown(unseal(endpoint.address))
    except Unreachable:
        return ""


def send_test(endpoint: Endpoint, by: Viewer, translate: Callable[[str], str] = str) -> str:
    """Send a message at once and return what went wrong in a sentence; empty when it was accepted."""
    require_role(by, endpoint.unit.path, {ADMINISTRATOR})
    number, kind, address, sealed, unit = (
        endpoint.id,
        endpoint.kind,
        endpoint.address,
        endpoint.secret,
        endpoint.unit.name,
    )
    db.session.rollback()  # nothing stays open while we wait for the other side
    site = current_app.config["PUBLIC_URL"]
    item = Item(translate(TEST_TEXT) % {"name": by.name}, "", site)
    now = times.now()
    key = f"test:{by.id}:{int(now.timestamp() * 1000)}"
    told = robots.Told(key, unit, by.name, [item], [{"kind": "test"}], 1)
    try:
        target, secret = target_of(kind, address), unseal(sealed)
        request = robots.write(kind, told, secret, now)
        with Line(target) as line:
            robots.judge(kind, *line.post(request.body, request.headers, request.query))
    except SendingError as error:
        return translate(error.reason)
    _works(number)
    return ""


@action
def _works(endpoint_id: int) -> None:
    """Forget earlier failures, so that what waits goes out at once."""
    db.session.execute(
        update_rows(Endpoint).where(Endpoint.id == endpoint_id).values(failures=0, down_until=None, error="")
    )
