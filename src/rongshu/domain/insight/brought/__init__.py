"""What a promoter's sharing brought: by customer, by link, and for their team. Reads alone, each bounded by what one page shows."""
