"""The image: canvas, panel around it, and the state and arithmetic behind them."""
