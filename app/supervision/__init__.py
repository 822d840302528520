"""Flask-Admin for supervisors, auditors and administrators."""
