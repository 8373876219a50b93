"""The admins' web console: NiceGUI pages on the web process, one file per page, behind a login."""
