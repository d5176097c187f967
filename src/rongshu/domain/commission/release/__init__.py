"""Release: when pending commission becomes available, and how it is taken back. Words: due, release, reverse."""
