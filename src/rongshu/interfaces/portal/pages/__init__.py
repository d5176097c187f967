"""The pages of the portal: what each one shows, as frozen dataclasses that its template renders.

Other people's names and phones are masked by the templates; the reader's own are not.
"""
