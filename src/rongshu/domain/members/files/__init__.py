"""Members as files: brought in from CSV with a mapping, a preview and the wrong rows named; handed out again.

Words: file 文件, mapping 列对应, wrong row 错误行. A file waits sealed between preview and commit, a day at most.
"""
