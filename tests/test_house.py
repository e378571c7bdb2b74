"""The plan of the house: who may import whom, names, doors, migrations, templates."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from flask import Flask
from sqlalchemy import CheckConstraint, create_engine, inspect

import config
from perfmgr import migrations
from perfmgr.extensions import db, prepare_engine
from perfmgr.models import Base
from perfmgr.web.doors import DOORS
from tests.conftest import new_database

PACKAGE = config.ROOT / "perfmgr"
MODULES = sorted(PACKAGE.rglob("*.py"))
LONGEST = 400

# Which rooms a room may import from, itself included. Top-level modules such as extensions are no rooms.
ROOMS = {
    "rules": {"rules"},
    "models": {"models", "rules"},
    "queries": {"queries", "models", "rules"},
    "documents": {"documents", "queries", "models", "rules"},
    "channels": {"channels", "rules"},
    "actions": {"actions", "channels", "queries", "models", "rules"},
    "demonstration": {"demonstration", "actions", "queries", "documents", "models", "rules"},
    "web": {"web", "actions", "queries", "documents", "models", "rules"},
    "cli": {"cli", "demonstration", "actions", "channels", "queries", "documents", "models", "rules"},
    "jobs": {"actions", "queries", "models", "rules"},
    "clock": {"jobs"},
}
# What each room may use of the modules that stand beside the rooms.
BESIDE = {
    "rules": set(),
    "models": set(),
    "queries": {"extensions"},
    "documents": set(),
    "channels": set(),
    "actions": {"extensions", "scanner", "storage", "times"},
    "demonstration": {"extensions", "storage", "times"},
    "web": {"extensions", "scanner", "storage", "times"},
    "cli": {"app", "assets", "clock", "extensions", "jobs", "logs", "migrations", "times"},
    "jobs": set(),
    "clock": {"extensions", "times"},
}


def dotted(path: Path) -> str:
    """Return the dotted name of a module."""
    return ".".join(path.relative_to(config.ROOT).with_suffix("").parts).removesuffix(".__init__")


def imported(path: Path) -> Iterator[str]:
    """Yield the dotted name of everything of perfmgr that a module imports, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{dotted(path)} imports relatively"
            if node.module == "perfmgr":
                yield from (f"perfmgr.{alias.name}" for alias in node.names)
            else:
                yield str(node.module)


def room(name: str) -> str:
    """Return the room of a dotted name: ``perfmgr.rules.money`` is in rules."""
    parts = name.split(".")
    return parts[1] if parts[0] == "perfmgr" and len(parts) > 1 else ""


def test_imports_only_go_down() -> None:
    found = set()
    for path in MODULES:
        own = room(dotted(path))
        allowed = ROOMS.get(own, set()) | BESIDE.get(own, set())
        if own in ROOMS:
            found |= {(dotted(path), name) for name in imported(path) if room(name) and room(name) not in allowed}
    assert found == set()


def test_every_room_is_in_the_plan() -> None:
    rooms = {path.name for path in PACKAGE.iterdir() if (path / "__init__.py").exists()}
    assert rooms | {"jobs", "clock"} == set(ROOMS)


def test_rules_know_nothing_but_the_standard_library_and_each_other() -> None:
    foreign = {
        (dotted(path), name)
        for path in (PACKAGE / "rules").glob("*.py")
        for name in imported(path)
        if name.split(".")[0] not in sys.stdlib_module_names and room(name) != "rules"
    }
    assert foreign == set()


def test_models_do_not_know_flask() -> None:
    names = {name.split(".")[0] for path in (PACKAGE / "models").glob("*.py") for name in imported(path)}
    assert names & {"flask", "flask_sqlalchemy_lite", "wtforms"} == set()


def test_rules_load_in_a_fresh_process_without_flask_and_sqlalchemy() -> None:
    names = [dotted(path) for path in (PACKAGE / "rules").glob("*.py")]
    program = f"import {', '.join(names)}, sys; print(sorted({{'flask', 'sqlalchemy', 'yaml'}} & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=config.ROOT, check=True)
    assert done.stdout == "[]\n"


def test_rules_never_read_the_clock() -> None:
    readers = {
        dotted(path)
        for path in (PACKAGE / "rules").glob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and node.attr in ("now", "today", "utcnow", "time")
    }
    assert readers == set()


def test_only_times_reads_the_clock() -> None:
    readers = {
        dotted(path)
        for path in MODULES
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute)
        and node.attr in ("now", "today", "utcnow")
        and ast.unparse(node.value) in ("dt.datetime", "dt.date", "datetime", "date", "datetime.datetime")
    }
    assert readers == {"perfmgr.times"}


def test_every_module_starts_with_one_sentence() -> None:
    bad = set()
    for path in [*MODULES, config.ROOT / "config.py", *(config.ROOT / "tests").rglob("*.py")]:
        source = path.read_text(encoding="utf-8")
        if not source:
            continue
        text = ast.get_docstring(ast.parse(source)) or ""
        first, *rest = text.split("\n")
        if not first.endswith(".") or (rest and rest[0]):
            bad.add(str(path.relative_to(config.ROOT)))
    assert bad == set()


def test_no_module_is_longer_than_a_reader_likes() -> None:
    long = {dotted(path): n for path in MODULES if (n := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST}
    assert long == {}


def test_the_same_noun_has_the_same_file_name_in_every_room() -> None:
    def nouns(folder: Path) -> set[str]:
        names = {path.stem for path in folder.glob("*.py")} - {"__init__"}
        return {name for name in names if not name.startswith("_")}

    views = nouns(PACKAGE / "web" / "views")
    folders = {path.name for path in (config.ROOT / "templates").iterdir() if path.is_dir()}
    assert folders - {"_macros", "errors", "mail"} == views - {"health"}
    assert nouns(PACKAGE / "web" / "forms") - views == {"fields"}
    # What is not a noun of its own: filters, paging and scopes limit queries; what falls due is done by the clock.
    assert nouns(PACKAGE / "queries") - views - {"reminders"} == {"duties", "events", "filters", "paging", "scopes"}
    made_due = {"evaluations_due", "messages_due", "monitorings_due", "reminders_due"}
    assert nouns(PACKAGE / "actions") - views == made_due


def test_nothing_is_called_helper_or_the_like() -> None:
    words = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "handler", "service", "services"}
    assert {dotted(path) for path in MODULES if words & set(path.stem.split("_"))} == set()


def test_every_route_has_a_door_and_every_door_a_route(app: Flask) -> None:
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(DOORS)


def test_a_view_is_get_or_post_never_both(app: Flask) -> None:
    methods = {rule.endpoint: rule.methods - {"HEAD", "OPTIONS"} for rule in app.url_map.iter_rules() if rule.methods}
    assert {endpoint for endpoint, found in methods.items() if found not in ({"GET"}, {"POST"})} == set()


def test_every_template_compiles(app: Flask) -> None:
    names = app.jinja_env.list_templates(extensions=["html"])
    assert len(names) == len(list((config.ROOT / "templates").rglob("*.html")))
    for name in names:
        app.jinja_env.get_template(name)


def test_there_is_one_newest_migration() -> None:
    names = sorted(path.stem for path in (config.ROOT / "migrations" / "versions").glob("*.py"))
    assert migrations.head() == names[-1]


def test_models_and_migrations_agree(app: Flask) -> None:
    with app.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True, "compare_server_default": False})
        assert compare_metadata(context, Base.metadata) == []


def test_every_check_of_the_models_is_in_the_database_by_name(app: Flask) -> None:
    with app.app_context():
        stored = inspect(db.engine)
        found = {str(c["name"]) for t in Base.metadata.tables for c in stored.get_check_constraints(t)}
    wanted = {
        str(constraint.name)
        for table in Base.metadata.tables.values()
        for constraint in table.constraints
        if isinstance(constraint, CheckConstraint)
    }
    assert found == wanted


@pytest.mark.parametrize("kind", ["sqlite", "postgresql"])
def test_migrations_go_up_and_down_and_up_again(kind: str, tmp_path: Path, worker_id: str) -> None:
    engine = create_engine(new_database(kind, f"perfmgr_up_down_{worker_id}", tmp_path))
    prepare_engine(engine)
    tables = set(Base.metadata.tables) | {"alembic_version"}
    try:
        migrations.migrate(engine)
        assert set(inspect(engine).get_table_names()) == tables
        migrations.migrate(engine)
        assert migrations.current(engine) == migrations.head()
        migrations.migrate(engine, "base")
        assert set(inspect(engine).get_table_names()) == {"alembic_version"}
        assert migrations.current(engine) is None
        migrations.migrate(engine)
        assert set(inspect(engine).get_table_names()) == tables
    finally:
        engine.dispose()
