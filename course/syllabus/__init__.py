"""What the course teaches and in what order: lessons and terms. Standard library only."""
