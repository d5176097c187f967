"""Members by their WeChat: a brand's apps (secrets sealed), and who each WeChat is, by openid and unionid."""
