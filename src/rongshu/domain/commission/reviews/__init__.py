"""Reviews: how a draft becomes a version. Somebody asks, a second person decides, and what they knew is kept.

Words: author 作者 (whoever changed the text, or asked), second person 第二人, finding 检查发现, accept 接受 (a warning, with a
reason), alone 单人 (a tenant in which only one person may decide).
"""
