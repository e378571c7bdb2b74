"""What is stored: every model, imported here so that the metadata is complete."""

from perfmgr.models.appraisal import Appraisal, AppraisalExpert, AppraisalMark, AppraisalQuestion
from perfmgr.models.attachment import Attachment
from perfmgr.models.base import Base
from perfmgr.models.budget import BudgetLine
from perfmgr.models.consequence import RenewalLift
from perfmgr.models.cycle import Cycle, Window, WindowException
from perfmgr.models.declaration import Declaration, Fund, Indicator, LegalBasis, Step
from perfmgr.models.draft import Draft
from perfmgr.models.evaluation import Evaluation, EvaluationLine
from perfmgr.models.evaluation_fund import EvaluationFund
from perfmgr.models.evaluation_mark import EvaluationMark
from perfmgr.models.evaluation_proof import EvaluationProof
from perfmgr.models.event import Event
from perfmgr.models.feed import CalendarFeed
from perfmgr.models.figure import DepartmentFigure
from perfmgr.models.function import Function
from perfmgr.models.import_batch import ImportBatch, ImportRow
from perfmgr.models.library import LibraryEntry
from perfmgr.models.message import Endpoint, Message, MessageReminder
from perfmgr.models.monitoring import Monitoring, MonitoringItem, MonitoringLine
from perfmgr.models.notice import Notice
from perfmgr.models.person import Appointment, Person
from perfmgr.models.project import Project
from perfmgr.models.published import Published
from perfmgr.models.quality import QualityCheck, QualityFinding, TextMark
from perfmgr.models.rectification import Rectification
from perfmgr.models.reminder import Reminder, ReminderRule
from perfmgr.models.review import Review, ReviewLine
from perfmgr.models.sample import Sample, SampleSheet
from perfmgr.models.scheme import SchemeVersion
from perfmgr.models.session import SignIn
from perfmgr.models.unit import Unit
from perfmgr.models.version import DeclarationVersion
from perfmgr.models.workday import SpecialDay, WorkdayTable

__all__ = [
    "Appointment",
    "Appraisal",
    "AppraisalExpert",
    "AppraisalMark",
    "AppraisalQuestion",
    "Attachment",
    "Base",
    "BudgetLine",
    "CalendarFeed",
    "Cycle",
    "Declaration",
    "DeclarationVersion",
    "DepartmentFigure",
    "Draft",
    "Endpoint",
    "Evaluation",
    "EvaluationFund",
    "EvaluationLine",
    "EvaluationMark",
    "EvaluationProof",
    "Event",
    "Function",
    "Fund",
    "ImportBatch",
    "ImportRow",
    "Indicator",
    "LegalBasis",
    "LibraryEntry",
    "Message",
    "MessageReminder",
    "Monitoring",
    "MonitoringItem",
    "MonitoringLine",
    "Notice",
    "Person",
    "Project",
    "Published",
    "QualityCheck",
    "QualityFinding",
    "Rectification",
    "Reminder",
    "ReminderRule",
    "RenewalLift",
    "Review",
    "ReviewLine",
    "Sample",
    "SampleSheet",
    "SchemeVersion",
    "SignIn",
    "SpecialDay",
    "Step",
    "TextMark",
    "Unit",
    "Window",
    "WindowException",
    "WorkdayTable",
]
