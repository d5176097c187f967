"""What each member has bought: orders, paid, refunded, first and last; how of late, how often, how much; where in life as a buyer."""
