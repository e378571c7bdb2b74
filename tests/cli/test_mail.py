"""The command that tries the mail server: one sentence, whatever is wrong."""

from collections.abc import Callable

import pytest

from tests import mail_server

Run = Callable[..., tuple[int, str, str]]


def test_trying_the_mail_server(database: str, run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run("mail-test", "lin@example.cn") == (
        1,
        "",
        "没有设置邮件服务器，请先设置 PERFMGR_SMTP_HOST 和 PERFMGR_MAIL_FROM。\n",
    )
    with mail_server.running() as server:
        for name, value in (
            ("SMTP_HOST", "127.0.0.1"),
            ("SMTP_PORT", str(server.port)),
            ("SMTP_SECURITY", "none"),
            ("MAIL_FROM", "jixiao@example.cn"),
        ):
            monkeypatch.setenv(f"PERFMGR_{name}", value)
        assert run("mail-test", "lin") == (1, "", "“lin”不是可用的邮箱地址。\n")
        said = "邮件服务器 127.0.0.1 已接受发往 lin@example.cn 的测试邮件。\n"
        assert run("mail-test", "lin@example.cn") == (0, said, "")
        assert server.box.to == ["lin@example.cn"]
        code, said, wrong = run("mail-test", "never@example.cn")
        assert (code, said, wrong.count("\n")) == (1, "", 1)
        assert wrong.startswith("邮件服务器不接受收件人：550")
    assert run("mail-test", "lin@example.cn")[2].endswith("拒绝连接，请核对主机和端口，或稍后再试。\n")
