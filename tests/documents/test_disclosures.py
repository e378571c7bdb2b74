"""The Word document of a disclosure: what it says about itself, and its headings."""

import datetime as dt
import io

from docx import Document

from perfmgr.documents.disclosures import Block, numbered, word

MADE = dt.datetime(2026, 3, 1, 1, 30, tzinfo=dt.UTC)
BLOCKS = numbered([Block("绩效自评情况", ["共涉及项目9个。"], ["只给自己看"]), Block("1.项目概述", ["概述"], level=2)])


def test_the_document_names_department_and_title_and_no_tool() -> None:
    made = Document(io.BytesIO(word("甲部门2025年部门决算绩效信息", "甲部门", BLOCKS, MADE))).core_properties
    assert (made.title, made.author, made.comments) == ("甲部门2025年部门决算绩效信息", "甲部门", "")
    assert made.created is not None
    assert made.created.replace(tzinfo=dt.UTC) == MADE


def test_headings_are_headings_and_remarks_stay_at_home() -> None:
    document = Document(io.BytesIO(word("标题", "甲部门", BLOCKS, MADE)))
    assert [(p.style.name if p.style else "", p.text) for p in document.paragraphs] == [
        ("Normal", "标题"),
        ("Heading 1", "一、绩效自评情况"),
        ("Normal", "共涉及项目9个。"),
        ("Heading 2", "1.项目概述"),
        ("Normal", "概述"),
    ]
