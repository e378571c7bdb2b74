"""The rules load alone: no web framework, no database layer, no files of data."""

import pathlib
import subprocess
import sys

from perfmgr import rules

FOLDER = pathlib.Path(rules.__file__).parent
MODULES = [f"perfmgr.rules.{path.stem}" for path in sorted(FOLDER.glob("[a-z]*.py"))]
FOREIGN = ("flask", "flask_babel", "sqlalchemy", "wtforms", "werkzeug", "jinja2", "yaml", "babel", "perfmgr.models")

PROGRAM = """
import importlib, sys
for name in {modules}:
    importlib.import_module(name)
print(sorted(set(sys.modules) & set({foreign})))
print(sorted(n for n in sys.modules if n.startswith("perfmgr.") and not n.startswith("perfmgr.rules")))
"""


def fresh(modules):
    program = PROGRAM.format(modules=modules, foreign=FOREIGN)
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=FOLDER.parents[1])
    return done.stdout, done.stderr


def test_all_rules_together_load_nothing_of_web_or_database():
    assert fresh(MODULES) == ("[]\n[]\n", "")


def test_the_check_would_notice_a_foreign_package():
    assert fresh(["yaml"]) == ("['yaml']\n[]\n", "")
