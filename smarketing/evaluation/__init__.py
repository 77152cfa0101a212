"""Judging models and data: leaks, maturity, metrics, backtest, comparison, audit."""
