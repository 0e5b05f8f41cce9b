"""Menus of the Global Trigger: their documents (XML, HTML report, TOML) and every condition in hardware values."""
