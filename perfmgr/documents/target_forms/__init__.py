"""The official form 项目支出绩效目标申报表 in both layouts and as lists: templates, export, and reading back."""

from perfmgr.documents.target_forms.reading import drafts, read, sheets_as_targets

__all__ = ["drafts", "read", "sheets_as_targets"]
