"""What the pages show, as markup: functions of data and a language, which may run in any thread."""
