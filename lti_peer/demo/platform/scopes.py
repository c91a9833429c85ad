"""What a tool may be granted: the scopes of the services that this LMS has."""

AGS = "https://purl.imsglobal.org/spec/lti-ags/scope/"
SCOPE_LINE_ITEM = AGS + "lineitem"
SCOPE_LINE_ITEM_READ = AGS + "lineitem.readonly"
SCOPE_RESULT_READ = AGS + "result.readonly"
SCOPE_SCORE = AGS + "score"
AGS_SCOPES = (SCOPE_LINE_ITEM, SCOPE_LINE_ITEM_READ, SCOPE_RESULT_READ, SCOPE_SCORE)
SCOPE_MEMBERSHIPS = "https://purl.imsglobal.org/spec/lti-nrps/scope/contextmembership.readonly"
SCOPES = (*AGS_SCOPES, SCOPE_MEMBERSHIPS)
