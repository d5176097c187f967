"""The console's views: each parses, makes its calls, and fills a page."""
