"""Forms: the parameters of a draw."""

from decimal import Decimal

from perfmgr.rules.parameters import HUNDRED
from perfmgr.rules.reviews import ReviewRules
from perfmgr.rules.samples import LONGEST_SEED, Draw
from perfmgr.web.forms.fields import AtMost, BaseForm, LineField, NumberField, Required
from perfmgr.web.language import lazy_gettext as _l


class SampleForm(BaseForm):
    """Share of the sheets in percent, weight of one with a red light, and the seed."""

    share = NumberField(_l("抽查比例"), [Required()], places=2, limit=1000)
    factor = NumberField(_l("红灯自评的权重"), [Required()], places=2, limit=1000)
    seed = LineField(_l("种子"), [AtMost(LONGEST_SEED)])

    def draw(self) -> Draw:
        """Return what was typed."""
        return Draw(self.seed.data or "", (self.share.data or Decimal(0)) / HUNDRED, self.factor.data or Decimal(0))


def draw_values(rules: ReviewRules) -> dict[str, Decimal]:
    """Return the usual parameters of a scheme under the names of the fields."""
    return {"share": rules.sample * HUNDRED, "factor": max(rules.red_factor, Decimal(1))}
