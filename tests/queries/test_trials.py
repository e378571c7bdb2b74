"""Trials only read the sheets of those units the person administers."""

from collections.abc import Callable

from sqlalchemy import update

from perfmgr.extensions import db
from perfmgr.models.evaluation import Evaluation
from perfmgr.models.scheme import SchemeVersion
from perfmgr.queries import trials
from perfmgr.queries.people import Viewer
from tests.cast import ADMIN, FILLER, YEAR
from tests.records import STRANGER, World

PLACES = {ADMIN: {"own", "other"}, STRANGER: {"elsewhere"}, FILLER: set()}


def test_a_trial_stays_within_what_the_person_administers(world: World, by: Callable[[str], Viewer]) -> None:
    version = db.session.get_one(SchemeVersion, world.scheme)
    db.session.execute(update(Evaluation).values(state="submitted"))
    db.session.commit()
    for username, places in PLACES.items():
        wanted = {world.ids[place]["evaluation_id"] for place in places}
        years = {db.session.get_one(Evaluation, id_).year for id_ in wanted}
        assert set(trials.years(version, by(username))) == years
        found = [trial for year in (YEAR, YEAR + 1) for trial in trials.run(version, by(username), year)]
        assert {trial.sheet_id for trial in found} == wanted
        assert all(trial.obstacle is not None for trial in found)  # one line without actual value
        named = [trials.named(version, by(username), year) for year in (YEAR, YEAR + 1)]
        assert set().union(*named) == wanted
