"""Messages: what promoters and the team are told, in the app and by e-mail; what each wants to hear, and when.

Words: message 消息, kind 消息类别, channel 渠道 (in the app 站内信, e-mail 邮件), digest 汇总, quiet hours 免打扰时段, unsubscribe 退订,
delivery 投递. A *transactional* kind is about the recipient's own money or work; a *marketing* kind waits for consent by e-mail and
for the end of quiet hours.
"""
