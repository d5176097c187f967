"""What a promoter might share next: learned anew every day from who sells what, and used only where it beats the best sellers.

Words: suggestion 推荐, best seller 热销.
"""
