"""Storage: platforms, courses, people, activities, grades, the outbox, errors."""
