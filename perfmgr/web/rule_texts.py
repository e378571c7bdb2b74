"""Scoring rules as the pages type and show them; see ``perfmgr.rules.rule_texts``."""

from perfmgr.rules.rule_texts import read_rule as read_rule
from perfmgr.rules.rule_texts import write_rule as write_rule
