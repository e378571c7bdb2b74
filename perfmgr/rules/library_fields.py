"""The fields of work the indicator library knows: how a project of each is recognised."""

from dataclasses import dataclass

from perfmgr.rules.texts import N_

GENERAL = "general"


@dataclass(frozen=True, slots=True)
class Field:
    """One field: its name, words that give it away in a project's name, and its functional codes (beginnings)."""

    name: str
    words: tuple[str, ...] = ()
    functions: tuple[str, ...] = ()


def _field(name: str, words: str, functions: str = "") -> Field:
    return Field(name, tuple(words.split()), tuple(functions.split()))


FIELDS: dict[str, Field] = {
    GENERAL: _field(N_("通用"), ""),
    "party": _field(N_("党建"), "党建 党组织 党员 党群 党务 主题教育 组织生活 阵地", "20131 20132 20136"),
    "talent": _field(N_("人才"), "人才 引才 引进 专家 博士 安家 人才公寓", "20132 2080199"),
    "training": _field(N_("培训"), "培训 研修 轮训 进修 教育培训 技能提升", "20508"),
    "meeting": _field(N_("会议活动"), "会议 论坛 年会 大会 座谈 活动 展会 峰会"),
    "procurement": _field(N_("采购购置"), "采购 购置 购买 设备 车辆 家具 装备 物资"),
    "it": _field(N_("信息化"), "信息化 系统 平台 软件 网络 数字 数据 智慧 网站 安可", "2010350"),
    "construction": _field(N_("基本建设"), "建设 工程 改造 修缮 维修 装修 新建 扩建 基建 道路 管网", "21203 21401"),
    "subsidy": _field(
        N_("惠民补贴"), "补贴 补助 救助 低保 抚恤 优抚 津贴 慰问 发放 残疾", "20808 20811 20819 20820 20821"
    ),
    "publicity": _field(N_("宣传舆情"), "宣传 舆情 媒体 新闻 公益广告 宣讲 融媒体 网信", "20133"),
    "livelihood": _field(
        N_("养老与社区"), "养老 社区 居民 老年 助餐 食堂 便民 网格 志愿 社会工作 儿童", "20802 20810 21201 21299"
    ),
    "employment": _field(N_("就业创业"), "就业 创业 招聘 公益性岗位 劳动 毕业生 失业", "20807"),
    "education": _field(
        N_("教育"), "学校 教育 教师 学生 校园 幼儿园 义务教育 助学 中小学", "20501 20502 20503 20507 20509"
    ),
    "health": _field(N_("卫生健康"), "卫生 健康 医疗 疾控 疫苗 体检 医院 家庭医生 妇幼 计生", "210"),
    "environment": _field(N_("生态环境"), "环境 环保 污染 水质 大气 绿化 生态 节能 垃圾分类 碳 河道", "211"),
    "city": _field(N_("城市管理"), "城管 市容 环卫 清扫 保洁 拆违 路灯 园林 停车 执法 违法建筑", "21201 21205"),
    "safety": _field(N_("应急安全"), "应急 安全 消防 防汛 治安 反诈 信访 维稳 平安 隐患 演练 监控", "204 224"),
    "culture": _field(N_("文化体育"), "文化 体育 图书馆 文艺 演出 场馆 健身 非遗 文物 旅游 赛事", "207"),
    "agriculture": _field(N_("农业农村"), "农业 农村 乡村 农民 水利 农田 林业 渔业 防疫 振兴 村级", "213"),
    "enterprise": _field(N_("企业扶持"), "企业 奖补 扶持 兑现 招商 产业 科技 研发 专利 贴息 外贸 园区", "206 215 216"),
    "research": _field(N_("调研规划"), "调研 课题 规划 编制 评估 咨询 审计 普查 调查 研究 标准 志书"),
    "operation": _field(
        N_("运行维护"), "运行 运维 物业 维护 保障 保安 租赁 办公 后勤 委托 服务外包", "2010103 2010303"
    ),
}


def fields_of(name: str, function: str) -> dict[str, str]:
    """Return the fields a project belongs to, each with the word of its name that says so (empty: its function)."""
    found: dict[str, str] = {}
    for code, field in FIELDS.items():
        word = next((word for word in field.words if word in name), "")
        if word or (function and function.startswith(field.functions)):
            found[code] = word
    return found
