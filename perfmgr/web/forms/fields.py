"""Field types that understand how Chinese users type: amounts in 万元, numbers, days, pasted text."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from wtforms import Field, FieldList, Form, FormField, StringField, TextAreaField
from wtforms.utils import unset_value
from wtforms.validators import StopValidation, ValidationError

from perfmgr.rules.dates import parse_day
from perfmgr.rules.money import AmountError, parse_wan, wan_exact
from perfmgr.rules.numbers import decimals, parse_count, parse_number, plain
from perfmgr.rules.texts import clean, clean_line
from perfmgr.web.language import gettext as _
from perfmgr.web.language import lazy_gettext


class BaseForm(Form):
    """A form over posted data; ``summary`` collects every message with the id of its field."""

    def summary(self) -> list[tuple[str, str]]:
        """Return (field id, message) in the order of the page, nested rows included."""
        return _collect(self)

    def field_by_id(self, wanted: str) -> Field | None:
        """Return the field with this id, in a row of a table too, or None."""
        return _field_by_id(self, wanted)


def _field_by_id(form: Form, wanted: str) -> Field | None:
    for field in form:
        if field.id == wanted and not hasattr(field, "entries"):
            return field
        for entry in getattr(field, "entries", ()):
            found = _field_by_id(entry.form, wanted)
            if found is not None:
                return found
    return None


def _collect(form: Form) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for field in form:
        entries = getattr(field, "entries", None)
        if entries is not None:
            found += [(field.id, error) for error in field.errors if isinstance(error, str)]
            for entry in entries:
                found += _collect(entry.form)
        else:
            found += [(field.id, str(error)) for error in field.errors]
    return found


class Required:
    """The field must not be empty; the sentence names it."""

    field_flags = {"required": True}

    def __call__(self, form: Form, field: Field) -> None:
        if field.data is None or field.data == "":
            if field.errors:
                raise StopValidation
            raise StopValidation(_("“%(label)s”不能为空，请填写。", label=field.label.text))


class AtMost:
    """The text must not be longer than ``limit`` characters (a line break counts as one)."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self.field_flags = {"maxlength": limit}

    def __call__(self, form: Form, field: Field) -> None:
        over = len(field.data or "") - self.limit
        if over > 0:
            raise ValidationError(
                _(
                    "“%(label)s”超出 %(over)s 字，最多 %(limit)s 字，请删减。",
                    label=field.label.text,
                    over=over,
                    limit=self.limit,
                )
            )


class LineField(StringField):
    """One line of text, cleaned of what pasting brings along."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if valuelist:
            self.data = clean_line(valuelist[0])


class LongField(TextAreaField):
    """Long text with line breaks, cleaned of what pasting brings along."""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if valuelist:
            self.data = clean(valuelist[0])


class _TypedField(StringField):
    """A text field whose data is not text; what was typed is shown again when it cannot be read."""

    raw = ""

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if not valuelist:
            return
        self.raw = clean_line(valuelist[0])
        self.data = None
        if self.raw:
            self.data = self.read(self.raw)

    def read(self, text: str) -> Any:
        """Return the value of the text or raise ValueError with a sentence."""
        raise NotImplementedError

    def write(self, value: Any) -> str:
        """Return how a stored value is shown in the field."""
        return str(value)

    def _value(self) -> str:
        if self.raw_data:
            return self.raw
        return "" if self.data is None else self.write(self.data)


class WanField(_TypedField):
    """An amount typed in 万元; the data is yuan as Decimal, or None when empty."""

    data: Decimal | None

    def read(self, text: str) -> Decimal | None:
        try:
            return parse_wan(text, self.label.text)
        except AmountError as error:
            raise ValueError(error.finding.sentence(_)) from error

    def write(self, value: Decimal) -> str:
        return wan_exact(value)


class NumberField(_TypedField):
    """A number; the data is a Decimal with at most ``places`` decimals, or None when empty."""

    data: Decimal | None

    def __init__(
        self,
        label: str = "",
        validators: Any = None,
        places: int = 6,
        limit: int = 10**12,
        negative: bool = True,
        **kw: Any,
    ):
        super().__init__(label, validators, **kw)
        self.places = places
        self.limit = limit
        self.negative = negative

    def read(self, text: str) -> Decimal:
        value = parse_number(text.rstrip("%％"))
        label = self.label.text
        if value is None:
            raise ValueError(
                _("“%(label)s”填的“%(text)s”不是数字，请填写数字，例如 95 或 1,200。", label=label, text=text[:40])
            )
        if decimals(value) > self.places:
            raise ValueError(_("“%(label)s”最多保留 %(places)s 位小数。", label=label, places=self.places))
        if abs(value) >= self.limit:
            raise ValueError(_("“%(label)s”填的数字过大，请核对单位。", label=label))
        if value < 0 and not self.negative:
            raise ValueError(_("“%(label)s”不能是负数。", label=label))
        return value

    def write(self, value: Decimal | int) -> str:
        return plain(Decimal(value))


class DayField(_TypedField):
    """A day typed in any usual way (2025-1-1, 2025年1月1日, 20250101); the data is a date, or None."""

    data: dt.date | None

    def read(self, text: str) -> dt.date:
        day = parse_day(text)
        if day is None:
            raise ValueError(
                _(
                    "“%(label)s”填的“%(text)s”不是真实存在的日期，请按 2025-01-31 的样子填写。",
                    label=self.label.text,
                    text=text[:40],
                )
            )
        return day

    def write(self, value: dt.date) -> str:
        return value.isoformat()


class OneOf:
    """The value must be one of the field's choices; an empty one is allowed unless required."""

    def __call__(self, form: Form, field: Field) -> None:
        if field.data and field.data not in {str(value) for value, *_rest in field.choices or ()}:
            raise ValidationError(_("请从“%(label)s”的列表中选择。", label=field.label.text))


class ChoiceField(StringField):
    """A select field over (value, name) pairs given by the view; the data is the value as text.

    Choices that cost a query may be given as a function; it is called when they are needed.
    """

    _choices: Any = ()

    def __init__(self, label: str = "", validators: Any = None, choices: Any = (), **kw: Any):
        super().__init__(label, [*(validators or ()), OneOf()], **kw)
        self.choices = choices

    @property
    def choices(self) -> list[tuple[str, Any]]:
        """The pairs to choose from."""
        if callable(self._choices):
            self._choices = list(self._choices())
        chosen: list[tuple[str, Any]] = self._choices
        return chosen

    @choices.setter
    def choices(self, choices: Any) -> None:
        self._choices = choices if callable(choices) else list(choices)

    def process_formdata(self, valuelist: Sequence[str]) -> None:
        if valuelist:
            self.data = valuelist[0].strip()

    def id_value(self) -> int | None:
        """Return the chosen value as a record id, or None."""
        return parse_count(self.data or "")


class RowList(FieldList):
    """The rows of a table, each a small form; at most ``most`` of them.

    A request that names none of the rows leaves them as they are stored. Of too many rows one
    more than allowed is read, so that they are refused and not cut off silently.
    """

    def __init__(self, form: type[Form], label: str = "", most: int = 200, **kw: Any):
        super().__init__(FormField(form), label, max_entries=most + 1, **kw)
        self.most = most
        self.errors: list[Any] = []

    def _extract_indices(self, prefix: str, formdata: Any) -> Any:
        start = f"{prefix}-"
        for key in formdata:
            number = parse_count(key.removeprefix(start).split("-", 1)[0]) if key.startswith(start) else None
            if number is not None:
                yield number

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        named = formdata and any(True for _n in self._extract_indices(self.name, formdata))
        super().process(formdata if named else None, data, extra_filters)

    def append_entry(self, data: Any = unset_value) -> Any:
        """Add a row, as long as there are not as many as can be saved."""
        return super().append_entry(data) if len(self.entries) < self.most else None

    def validate(self, form: Any, extra_validators: Any = ()) -> bool:
        """Check every row, and that there are not too many."""
        valid = super().validate(form, extra_validators)
        for number, entry in enumerate(self.entries, 1):
            _name_row(entry.form, number)
        if len(self.entries) <= self.most:
            return valid
        sentence = _("“%(label)s”最多保存 %(most)s 行，请分开填写。", label=self.label.text, most=self.most)
        self.errors = [*self.errors, sentence]
        return False


def _name_row(form: Form, number: int) -> None:
    """Say in which row it is in every message, beside the field and in the summary alike."""
    for field in form:
        if field.errors and not hasattr(field, "entries"):
            field.errors = [_("第 %(row)s 行：%(reason)s", row=number, reason=said) for said in field.errors]


class FixedRows(RowList):
    """The rows of a table that is given: what was typed replaces what is stored, row by row.

    ``stale`` tells that the request knows a row that is not there: the table has changed since.
    """

    stale = False
    entries: list[Any]

    def process(self, formdata: Any, data: Any = unset_value, extra_filters: Any = None) -> None:
        rows = [] if data is unset_value else list(data)
        sent = set(self._extract_indices(self.name, formdata)) if formdata else set()
        self.entries, self.last_index, self.object_data = [], -1, rows
        self.stale = max(sent, default=-1) >= len(rows)
        for index, row in enumerate(rows):
            self._add_entry(formdata if index in sent else None, row, index=index)


def named(names: Mapping[str, str]) -> list[tuple[str, Any]]:
    """Return code and (translated when shown) name of a table of rules, for select fields."""
    return [(code, lazy_gettext(name)) for code, name in names.items()]


def version_of(values: Any) -> int | None:
    """Return the record version a posted form was made from, or None when it carries none.

    Anything that is no number is a version that no record has.
    """
    if "version" not in values:
        return None
    number = parse_count(values["version"])
    return -1 if number is None else number
