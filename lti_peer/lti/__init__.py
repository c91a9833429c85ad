"""The LMS side: login, launch, keys, grades, deep linking. The only importer of pylti1p3."""
