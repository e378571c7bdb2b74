"""How alike two short texts are, and marks by which a database finds the candidates.

Likeness is the Jaccard index of the sets of character pairs of the names as ``texts.same_name`` compares
them: the share of common pairs among all pairs. Two texts with likeness of at least ``THRESHOLD`` always
share at least one mark (prefix filter: Bayardo, Ma and Srikant, WWW 2007; of two elements: Wang, Li and Feng,
SIGMOD 2012), so one query on an indexed table
of marks finds every candidate; ``likeness`` then decides.
"""

import math
import zlib
from collections import defaultdict
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from itertools import combinations

from perfmgr.rules.texts import same_name

THRESHOLD = Decimal("0.7")
_LONGEST = 2_000  # characters that count; nobody compares whole books
_SHORT = 20  # pairs up to which a text counts as short

# Pairs that stand in very many indicators, the commonest first. Marks are stored in databases: this order must
# never change, or texts marked before and after no longer find each other.
_COMMON_TEXTS = (
    "满意度 完成率 服务对象 及时率 合格率 覆盖率 群众满意 项目 成本 验收合格率 数量 按期完成率 完成 资金 发放及时率 "
    "培训 服务 工作 人数 次数 达标率 准确率 知晓率 控制率 总成本 项目总成本 单位成本 质量 时间 开展 建设 社区 居民 企业 "
    "宣传 活动 设备 采购 系统 运行 维护 检查 补助 补贴 人员 人次 受益 办结率 处置率 参训人员 社会 有效 保障 提升 降低 "
    "增长率 到位率 利用率 通过率 参与率 投诉率 整改率 故障率 差错率 场次 户数 件数 面积 长度 里程 期数 份数 天数 个数 "
    "组织 举办 新增 新建 改造 修缮 维修 养护 管理 监测 监督 巡查 执法 审核 评审 验收 发放 拨付 支付 救助 慰问 走访 帮扶 "
    "学生 学员 教师 学校 校舍 老年人 老人 儿童 妇女 青年 残疾人 困难群众 家庭 村民 农户 农村 农业 村庄 街道 乡镇 城区 城市 "
    "道路 桥梁 河道 公园 绿化 绿地 环境 整治 治理 垃圾 污水 水质 管网 供水 防汛 消防 安全 隐患 应急 演练 事故 工程 施工 工地 "
    "小区 物业 楼宇 市场 园区 商户 产业 投资 招商 签约 就业 创业 人才 引进 招聘 社保 保险 医疗 医院 卫生 健康 体检 患者 疫苗 "
    "文化 旅游 图书 档案 体育 演出 展览 信息 信息化 数据 平台 网络 软件 硬件 电梯 车辆 食品 药品 抽检 检测 检验 登记 审批 政务 "
    "法律 法治 调解 矛盾 纠纷 信访 普法 党员 党建 党组织 干部 志愿者 志愿服务 退役军人 会议 调研 课题 报告 统计 调查 普查 "
    "编制 规划 方案 制度 标准 认定 认证 指导 推广 职工 居家 养老 托育 燃气 电力 路灯 停车 交通 出行 游客 司机 清淤 清运 消毒"
)


def _pairs_of(name: str) -> frozenset[str]:
    if len(name) < 2:
        return frozenset((name,)) if name else frozenset()
    return frozenset(name[n : n + 2] for n in range(len(name) - 1))


_COMMON: dict[str, int] = {}
for _text in _COMMON_TEXTS.split():
    for _n in range(len(_text) - 1):
        # The commonest have the highest place, so that they come last.
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
    return sorted(found, key=_place)


@lru_cache(maxsize=100_000)
def _place(pair: str) -> tuple[bool, int, int, str]:
    return pair in _COMMON, _COMMON.get(pair, 0), _mark(pair), pair


def marks(text: str) -> tuple[int, ...]:
    """Return the marks under which a text is found: whole numbers below 2^31."""
    return _marks(pairs(text), THRESHOLD)


def _marks(found: frozenset[str], threshold: Decimal) -> tuple[int, ...]:
    """Return marks of two pairs of characters each for short texts, of one for long ones.

    Two alike texts have at least ``least`` pairs in common, so the first of these stands among the first
    size - least + 1 pairs of both, and the first two among size - least + 2. Marks of two are far rarer than
    marks of one, but many for a long text; texts of middling size carry both sorts, so that each finds
    the shorter and the longer ones.
    """
    size = len(found)
    if not size:
        return ()
    ordered, least = _ordered(found), math.ceil(threshold * size)
    result: list[int] = []
    if 1 < size <= _SHORT / threshold:
        first = ordered[: size - least + 2]
        result += [_mark(one + other) for one, other in combinations(first, 2)]
    if size == 1 or size > _SHORT:
        result += [_mark(pair) for pair in ordered[: size - least + 1]]
    return tuple(dict.fromkeys(result))


def as_alike(first: frozenset[str], second: frozenset[str], threshold: Decimal = THRESHOLD) -> bool:
    """Tell whether two sets of pairs reach the threshold, without dividing."""
    top, bottom = _ratio(threshold)
    both = len(first & second)
    return both > 0 and both * bottom >= (len(first) + len(second) - both) * top


@lru_cache(maxsize=16)
def _ratio(threshold: Decimal) -> tuple[int, int]:
    return threshold.as_integer_ratio()


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
        wanted, sets = pairs(text), self._sets
        candidates = {n for mark in _marks(wanted, self.threshold) for n in self._by_mark.get(mark, ())}
        size, (top, bottom) = len(wanted), _ratio(self.threshold)
        alike = []
        for n in candidates:
            found = sets[n]
            both = len(wanted & found)
            if both and both * bottom >= (size + len(found) - both) * top:
                alike.append(n)
        for n in sorted(alike):
            yield self._keys[n], common_share(wanted, sets[n])
