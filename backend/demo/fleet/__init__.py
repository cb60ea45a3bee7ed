"""The demo fleet: emulated clouds with emulated hosts behind them, and an installation that knows them for 90 days."""
