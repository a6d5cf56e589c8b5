"""What every figure and widget is made of."""
