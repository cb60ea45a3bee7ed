"""Parts of the window that all pages share: the page's base, status bar, errors above the page, small dialogs."""
