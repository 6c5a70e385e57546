"""Files both programs ship: words, icons, styles, templates and a sample chain."""
