"""Posters: a template, a product and a promoter drawn into one picture with the promoter's QR code and the label 广告.

Words: poster 海报, template 模板, box 框 (a place in a template and what goes into it).
"""
