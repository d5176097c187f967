"""The console: the operator's, finance's and risk's web pages."""
