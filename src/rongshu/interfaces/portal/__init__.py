"""The portal: a promoter's pages on a phone."""
