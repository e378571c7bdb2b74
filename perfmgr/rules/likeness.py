"""How alike two short texts are, and marks by which a database finds the candidates.

Likeness is the Jaccard index of the sets of character pairs of the names as ``texts.same_name`` compares
them: the share of common pairs among all pairs. Two texts with likeness of at least ``THRESHOLD`` always
share at least one mark (prefix filter: Bayardo, Ma and Srikant, WWW 2007), so one query on an indexed table
of marks finds every candidate; ``likeness`` then decides.
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal

from perfmgr.rules.texts import same_name

THRESHOLD = Decimal("0.7")
_LONGEST = 2_000  # characters that count; nobody compares whole books

# Pairs that stand in very many indicators, the commonest first. Marks are stored in databases: this order must
# never change, or texts marked before and after no longer find each other.
_COMMON_TEXTS = (
    "满意度 完成率 服务对象 及时率 合格率 覆盖率 群众满意 项目 成本 验收合格率 数量 按期完成率 完成 资金 发放及时率 "
    "培训 服务 工作 人数 次数 达标率 准确率 知晓率 控制率 总成本 项目总成本 单位成本 质量 时间 开展 建设 社区 居民 企业 "
    "宣传 活动 设备 采购 系统 运行 维护 检查 补助 补贴 人员 人次 受益 办结率 处置率 参训人员 社会 有效 保障 提升 降低"
)


def _pairs_of(name: str) -> frozenset[str]:
    if len(name) < 2:
        return frozenset((name,)) if name else frozenset()
    return frozenset(name[n : n + 2] for n in range(len(name) - 1))


_COMMON: dict[str, int] = {}
for _text in _COMMON_TEXTS.split():
    for _n in range(len(_text) - 1):
        _COMMON.setdefault(_text[_n : _n + 2], -len(_COMMON) - 1)


def pairs(text: str) -> frozenset[str]:
    """Return the set of neighbouring characters of a text in the form in which names are compared."""
    return _pairs_of(same_name(text[:_LONGEST]))


def common_share(first: frozenset[str], second: frozenset[str]) -> Decimal:
    """Return the likeness of two sets of pairs, 0 to 1; nothing is like nothing."""
    both = len(first & second)
    return Decimal(both) / (len(first) + len(second) - both) if both else Decimal(0)


def likeness(first: str, second: str) -> Decimal:
    """Return how alike two texts are, 0 to 1."""
    return common_share(pairs(first), pairs(second))


def _mark(pair: str) -> int:
    return zlib.crc32(pair.encode("utf-8", "surrogatepass")) & 0x7FFFFFFF


def _ordered(found: frozenset[str]) -> list[str]:
    """Return the pairs in the one order of all texts: scattered ones first, common ones last, the commonest at the end."""
    return sorted(found, key=lambda pair: (pair in _COMMON, _COMMON.get(pair, 0), _mark(pair), pair))


def _prefix(size: int, threshold: Decimal) -> int:
    """Return how many of the first pairs two texts cannot both miss when they are alike."""
    return size - math.ceil(threshold * size) + 1 if size else 0


def marks(text: str) -> tuple[int, ...]:
    """Return the marks under which a text is found: whole numbers below 2^31, at most one for each pair."""
    return _marks(pairs(text), THRESHOLD)


def _marks(found: frozenset[str], threshold: Decimal) -> tuple[int, ...]:
    prefix = _ordered(found)[: _prefix(len(found), threshold)]
    return tuple(dict.fromkeys(_mark(pair) for pair in prefix))


class Index:
    """Texts in memory that can be searched for what is like a given text; keys are whatever the caller likes."""

    def __init__(self, threshold: Decimal = THRESHOLD) -> None:
        self.threshold = threshold
        self._keys: list[object] = []
        self._sets: list[frozenset[str]] = []
        self._by_mark: defaultdict[int, list[int]] = defaultdict(list)

    def __len__(self) -> int:
        return len(self._keys)

    def add(self, key: object, text: str) -> None:
        """Take in one text."""
        found = pairs(text)
        for mark in _marks(found, self.threshold):
            self._by_mark[mark].append(len(self._keys))
        self._keys.append(key)
        self._sets.append(found)

    def like(self, text: str) -> Iterator[tuple[object, Decimal]]:
        """Yield key and likeness of every text that is alike enough, in the order they were taken in."""
        wanted = pairs(text)
        sets, size = self._sets, len(wanted)
        least, most = size * self.threshold, size / self.threshold
        candidates = {n for mark in _marks(wanted, self.threshold) for n in self._by_mark.get(mark, ())}
        for n in sorted(n for n in candidates if least <= len(sets[n]) <= most):
            share = common_share(wanted, sets[n])
            if share >= self.threshold:
                yield self._keys[n], share
