"""The disclosure text as blocks, and as a Word document."""

import datetime as dt
import io
from dataclasses import dataclass, field
from typing import Any

from docx import Document
from docx.document import Document as WordDocument
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from perfmgr.models.declaration import Declaration
from perfmgr.queries.disclosures import Disclosure
from perfmgr.rules.dates import chinese
from perfmgr.rules.disclosures import (
    Sentence,
    evaluation_sentence,
    short_wan,
    spending_sentences,
    targets_sentence,
)
from perfmgr.rules.projects import FUND_SOURCES

DIGITS = "一二三四五六七八九十"


@dataclass(frozen=True, slots=True)
class Block:
    """A heading with its paragraphs; ``remarks`` are for the department only and never printed."""

    heading: str
    paragraphs: list[str]
    remarks: list[str] = field(default_factory=list)
    level: int = 1


def _block(heading: str, sentences: list[Sentence], level: int = 1) -> Block:
    return Block(
        heading,
        [line for sentence in sentences for line in sentence.text.split("\n") if line],
        [remark for sentence in sentences for remark in sentence.remarks],
        level,
    )


def budget_blocks(disclosure: Disclosure, declaration: Declaration | None) -> list[Block]:
    """Return the text that goes into the published budget: targets, and one project's six sections."""
    blocks = [_block("预算绩效管理情况", [targets_sentence(disclosure.targets)])]
    return blocks + (project_blocks(declaration) if declaration else [])


def accounts_blocks(disclosure: Disclosure) -> list[Block]:
    """Return the text that goes into the published accounts: spending, self-evaluation, problems, measures."""
    facts = disclosure.evaluation
    blocks = []
    if disclosure.has_spending:
        sentences = spending_sentences(disclosure.total, disclosure.basic, disclosure.project, disclosure.functions)
        blocks.append(_block("支出决算情况", sentences))
    blocks.append(_block("绩效自评情况", [evaluation_sentence(facts)]))
    missing = [
        name for name, text in (("存在的主要问题", facts.problems), ("下一步改进措施", facts.measures)) if not text
    ]
    if missing:
        blocks[-1].remarks.append(f"没有“{'”和“'.join(missing)}”：请在部门整体自评中填写，公开文本应当写明。")
    if facts.problems:
        blocks.append(_block("存在的主要问题", [Sentence(facts.problems)]))
    if facts.measures:
        blocks.append(_block("下一步改进措施", [Sentence(facts.measures)]))
    return blocks


def project_blocks(declaration: Declaration) -> list[Block]:
    """Return the six sections of one project, in the order of the published document."""
    sections = [
        ("项目概述", declaration.overview.split("\n")),
        ("立项依据", [*_bases(declaration), *declaration.rationale.split("\n")]),
        ("实施主体", declaration.body.split("\n")),
        ("实施方案", _plan(declaration)),
        ("实施周期", [_period(declaration)]),
        ("年度预算安排", [_funds(declaration)]),
    ]
    head = Block(f"{declaration.project.name}情况说明", [])
    return [
        head,
        *(
            Block(f"{number}.{title}", [line for line in lines if line.strip()], level=2)
            for number, (title, lines) in enumerate(sections, 1)
        ),
    ]


def _bases(declaration: Declaration) -> list[str]:
    return [f"《{basis.title}》" + (f"（{basis.number}）" if basis.number else "") for basis in declaration.bases]


def _plan(declaration: Declaration) -> list[str]:
    lines = [*declaration.plan.split("\n"), "主要目标：", *declaration.goals.split("\n")]
    if declaration.steps:
        lines.append("步骤和计划：")
    for number, step in enumerate(declaration.steps, 1):
        when = ""
        if step.start_on and step.end_on:
            when = f"（{chinese(step.start_on)}至{chinese(step.end_on)}）"
        first, *rest = step.content.split("\n")
        lines += [f"（{number}）{first}{when}", *rest]
    return lines


def _period(declaration: Declaration) -> str:
    if not (declaration.start_on and declaration.end_on):
        return ""
    return f"项目起止时间为{chinese(declaration.start_on)}到{chinese(declaration.end_on)}。"


def _funds(declaration: Declaration) -> str:
    order = list(FUND_SOURCES)
    funds = sorted(declaration.funds, key=lambda fund: order.index(fund.source))
    parts = "、".join(f"{FUND_SOURCES[fund.source]}{short_wan(fund.amount)}万元" for fund in funds)
    total = f"，合计{short_wan(declaration.annual_amount)}万元" if len(funds) > 1 else ""
    return f"{declaration.year}年安排该项目{parts}{total}。"


def numbered(blocks: list[Block]) -> list[Block]:
    """Return the blocks with 一、二、三 before the headings of the first level."""
    counter = 0
    result = []
    for block in blocks:
        heading = block.heading
        if block.level == 1:
            heading = f"{DIGITS[counter]}、{heading}"
            counter += 1
        result.append(Block(heading, block.paragraphs, block.remarks, block.level))
    return result


def word(title: str, author: str, blocks: list[Block], made_at: dt.datetime) -> bytes:
    """Return the blocks as a Word document laid out as official documents are (仿宋, 28 mm margin)."""
    document = new_document(title, author, made_at)
    add_text(document, title, font="黑体", size=22, align=WD_ALIGN_PARAGRAPH.CENTER)
    for block in blocks:
        add_text(document, block.heading, font="黑体" if block.level == 1 else "楷体", indent=True, level=block.level)
        for paragraph in block.paragraphs:
            add_text(document, paragraph, indent=True)
    return saved(document)


def new_document(title: str, author: str, made_at: dt.datetime) -> WordDocument:
    """Return an empty Word document laid out as official documents are."""
    document = Document()
    made = document.core_properties
    made.title, made.author, made.comments = title, author, ""
    made.created = made.modified = made_at.astimezone(dt.UTC).replace(tzinfo=None)
    made.language = "zh-CN"
    section = document.sections[0]
    section.page_height, section.page_width = Cm(29.7), Cm(21)
    section.top_margin, section.bottom_margin = Cm(3.7), Cm(3.5)
    section.left_margin, section.right_margin = Cm(2.8), Cm(2.6)
    style = document.styles["Normal"]
    style.font.name, style.font.size = "仿宋", Pt(16)
    style.element.rPr.rFonts.set(qn("w:eastAsia"), "仿宋")
    style.paragraph_format.line_spacing = Pt(28)
    return document


def saved(document: WordDocument) -> bytes:
    """Return a Word document as a file."""
    buffer = io.BytesIO()
    document.save(buffer)
    return buffer.getvalue()


def add_text(
    place: Any,
    text: str,
    *,
    font: str = "",
    size: float = 16,
    align: WD_ALIGN_PARAGRAPH | None = None,
    indent: bool = False,
    level: int = 0,
    paragraph: Any = None,
) -> None:
    """Add a paragraph (or fill the given one of a table's cell) in the fonts of official documents."""
    # A heading is one for screen readers and the table of contents too, but looks as official documents do.
    if paragraph is None:
        paragraph = place.add_paragraph(style=f"Heading {level}" if level else None)
    paragraph.paragraph_format.space_before = Pt(0)
    paragraph.paragraph_format.space_after = Pt(0)
    if align is not None:
        paragraph.alignment = align
    if indent:
        paragraph.paragraph_format.first_line_indent = Pt(32)
    run = paragraph.add_run(text)
    run.font.size, run.font.bold, run.font.color.rgb = Pt(size), False, RGBColor(0, 0, 0)
    if font:
        run.font.name = font
        run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
