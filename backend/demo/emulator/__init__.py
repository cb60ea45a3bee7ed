"""What emulators of providers share: the HTTP loop, state on disk, faults, the machines behind them."""
