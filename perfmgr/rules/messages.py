"""Messages: the channels they leave by, and what may become of them."""

from perfmgr.rules.texts import N_

ROBOTS = {
    "wecom": N_("企业微信群机器人"),
    "dingtalk": N_("钉钉群机器人"),
    "feishu": N_("飞书群机器人"),
    "webhook": N_("通用 Webhook"),
}
CHANNELS = {"email": N_("电子邮件"), **ROBOTS}
STATES = {
    "waiting": N_("待发送"),
    "claimed": N_("发送中"),
    "sent": N_("已发送"),
    "parked": N_("已搁置"),
    "cancelled": N_("已取消"),
}
