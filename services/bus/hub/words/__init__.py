"""Every text of the login and the console, Vietnamese and English, one file a page. A test looks that both are
whole."""
