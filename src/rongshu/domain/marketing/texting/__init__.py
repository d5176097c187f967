"""Texting: short messages to phones (短信), through one provider of the installation. Codes only; nothing is advertised by it.

`RONGSHU_SMS_URL` names the provider; without one, an installation in development writes codes into its own log.
"""
