"""perfmgr: performance targets, self-evaluation and coverage of budget projects in government departments."""
