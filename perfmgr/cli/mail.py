"""Commands about e-mail: trying the mail server."""

import argparse
import sys

from perfmgr import times
from perfmgr.app import create_app
from perfmgr.channels import letters
from perfmgr.channels.mail import MailServer
from perfmgr.channels.outcomes import SendingError
from perfmgr.rules.messages import is_email
from perfmgr.rules.refusals import Refused
from perfmgr.rules.texts import N_

SUBJECT = "绩效管理：测试邮件"
TEXT = "收到这封邮件，说明预算绩效目标管理系统的邮件设置可以使用。"


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``mail-test``."""
    test = commands.add_parser("mail-test", help="向一个地址发送测试邮件，并用一句话说明哪里不对")
    test.add_argument("address", help="收件邮箱")
    test.set_defaults(run=_test)


def _test(chosen: argparse.Namespace) -> int:
    """Send one e-mail at once, not through the outbox; 1 when the server did not take it."""
    if not is_email(chosen.address):
        raise Refused(N_("“%(address)s”不是可用的邮箱地址。"), address=chosen.address)
    app = create_app()
    if not app.config["SMTP_HOST"]:
        raise Refused(N_("没有设置邮件服务器，请先设置 PERFMGR_SMTP_HOST 和 PERFMGR_MAIL_FROM。"))
    now = times.now()
    with app.app_context(), MailServer(app.config) as server:
        key = f"mail-test:{now.isoformat()}"
        data = letters.compose(key, chosen.address, SUBJECT, TEXT + "\n", f"<p>{TEXT}</p>\n", now)
        try:
            server.send(chosen.address, data)
        except SendingError as error:
            print(error.reason, file=sys.stderr)
            return 1
    print(f"邮件服务器 {app.config['SMTP_HOST']} 已接受发往 {chosen.address} 的测试邮件。")
    return 0
