"""The report window: figures, six charts that each answer a question, their tables, and the tickets behind them."""
