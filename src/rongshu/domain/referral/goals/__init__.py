"""What leaders want to reach with their team by a day: set by themselves, for themselves. Word: goal 目标."""
