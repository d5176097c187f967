"""Holidays: a tenant's own calendar of days off and of weekend days worked to make up for them.

Words: holiday 节假日, working day 工作日, made-up day 调休上班.
"""
