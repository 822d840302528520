"""The office: a Flask web application over services, desks and Flask-Admin."""
