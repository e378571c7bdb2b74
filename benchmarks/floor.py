"""The floor: bare Flask, SQLAlchemy Core and Jinja over the same rows; no session, no CSRF, no permission, no audit."""

import csv
import datetime as dt
import io
import os
from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from flask import Flask, Response, render_template, request, stream_with_context
from sqlalchemy import case, create_engine, func, insert, select, update

from perfmgr.extensions import prepare_engine
from perfmgr.models import Base

T = Base.metadata.tables
D, P, U, B, E = (T[n].c for n in ("declaration", "project", "unit", "budget_line", "evaluation"))

app = Flask(__name__)
engine = create_engine(os.environ["PERFMGR_DATABASE_URL"], pool_size=4)
prepare_engine(engine)
reading = engine.execution_options(readonly=True)


@app.get("/list")
def page() -> str:
    """One page of 50 rows with the count of all."""
    conditions = [D.year == int(request.args["year"])]
    if request.args.get("state"):
        conditions.append(D.state == request.args["state"])
    if request.args.get("category"):
        conditions.append(P.category == request.args["category"])
    columns = (D.id, P.code, P.name, U.name.label("unit_name"), P.category, D.annual_amount, D.state, D.updated_at)
    joined = T["declaration"].join(T["project"], D.project_id == P.id)
    with reading.connect() as connection:
        total = connection.scalar(select(func.count()).select_from(joined).where(*conditions))
        rows = connection.execute(
            select(*columns)
            .select_from(joined.join(T["unit"], U.id == D.unit_id))
            .where(*conditions)
            .order_by(D.id.desc())
            .limit(50)
        ).all()
    return render_template("floor_list.html", rows=rows, total=total)


@app.get("/detail/<int:number>")
def detail(number: int) -> str:
    """One declaration with everything that hangs on it."""
    with reading.connect() as connection:
        project = connection.execute(
            select(T["declaration"], P.name, P.code)
            .select_from(T["declaration"].join(T["project"], D.project_id == P.id))
            .where(D.id == number)
        ).one()
        parts = {
            name: connection.execute(
                select(T[table]).where(T[table].c.declaration_id == number).order_by(T[table].c.id)
            ).all()
            for name, table in (
                ("bases", "legal_basis"),
                ("steps", "step"),
                ("funds", "fund"),
                ("indicators", "indicator"),
            )
        }
        event = T["event"].c
        events = connection.execute(
            select(T["event"]).where(event.subject_kind == "declaration", event.subject_id == number)
        ).all()
    return render_template("floor_detail.html", project=project, events=events, **parts)


@app.get("/coverage")
def coverage() -> str:
    """The sums of both stages by department, one GROUP BY each."""
    year = int(request.args["year"])
    done = func.sum(case((D.state == "approved", 1), else_=0)).label("done")
    evaluated = func.sum(case((E.state.in_(("submitted", "confirmed")), 1), else_=0)).label("done")
    targets = (
        select(U.name, func.count().label("number"), done, func.sum(D.annual_amount).label("money"))
        .select_from(T["declaration"].join(T["unit"], U.id == D.department_id))
        .where(D.year == year)
        .group_by(U.name)
    )
    evaluations = (
        select(U.name, func.count().label("number"), evaluated, func.sum(B.executed).label("money"))
        .select_from(
            T["budget_line"]
            .join(T["unit"], U.id == B.department_id)
            .outerjoin(T["evaluation"], (E.project_id == B.project_id) & (E.year == B.year))
        )
        .where(B.year == year)
        .group_by(U.name)
    )
    with reading.connect() as connection:
        tables = [connection.execute(statement).all() for statement in (targets, evaluations)]
    return render_template("floor_coverage.html", tables=tables)


@app.post("/create")
def create() -> str:
    """One project with its declaration and 10 indicators, in one transaction."""
    form = request.form
    now = dt.datetime.now(dt.UTC)
    with engine.begin() as connection:
        where = {"unit_id": int(form["unit_id"]), "department_id": int(form["department_id"])}
        project = connection.execute(
            insert(T["project"]).values(code=form["code"], name=form["name"], category="specific", **where)
        ).inserted_primary_key[0]
        declaration = connection.execute(
            insert(T["declaration"]).values(
                project_id=project,
                year=int(form["year"]),
                cycle_id=int(form["cycle_id"]),
                scheme_id=int(form["scheme_id"]),
                updated_at=now,
                **where,
            )
        ).inserted_primary_key[0]
        rows: list[dict[str, Any]] = [
            {
                "declaration_id": declaration,
                "position": n + 1,
                "category": form[f"indicators-{n}-category"],
                "name": form[f"indicators-{n}-name"],
                "sign": form[f"indicators-{n}-sign"],
                "target_value": Decimal(form[f"indicators-{n}-target"]),
                "unit": form[f"indicators-{n}-unit"],
                "weight": Decimal(form[f"indicators-{n}-weight"]),
            }
            for n in range(10)
        ]
        connection.execute(insert(T["indicator"]), rows)
    return "ok"


@app.post("/line/<int:number>")
def line(number: int) -> str:
    """Save one line of a self-evaluation."""
    c = T["evaluation_line"].c
    with engine.begin() as connection:
        connection.execute(
            update(T["evaluation_line"])
            .where(c.id == number)
            .values(actual_value=Decimal(request.form["actual"]), reason=request.form["reason"])
        )
    return "ok"


@app.get("/export.csv")
def export() -> Response:
    """All rows of the list as csv, streamed."""
    year = int(request.args["year"])

    def body() -> Iterator[str]:
        buffer = io.StringIO()
        writer = csv.writer(buffer)
        with reading.connect() as connection:
            rows = connection.execution_options(yield_per=1000).execute(
                select(P.code, P.name, U.name, P.category, D.annual_amount, D.state)
                .select_from(
                    T["declaration"].join(T["project"], D.project_id == P.id).join(T["unit"], U.id == D.unit_id)
                )
                .where(D.year == year)
                .order_by(D.id.desc())
            )
            for count, row in enumerate(rows, 1):
                writer.writerow(row)
                if count % 500 == 0:
                    yield buffer.getvalue()
                    buffer.seek(0)
                    buffer.truncate()
        yield buffer.getvalue()

    return Response(stream_with_context(body()), mimetype="text/csv")
