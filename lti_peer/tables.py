"""Every table there is: importing this makes both sets of tables whole, for the migrations."""

from lti_peer.activities import registry
from lti_peer.admin import models as administration
from lti_peer.core import audit, copies, endpoints, grades, groups, models, outbox, rosters, visit
from lti_peer.core.db import Base
from lti_peer.goals import models as goals
from lti_peer.jobs import models as jobs
from lti_peer.lti import checks, deployments, invitations, notices, tokens
from lti_peer.lti import models as launches
from lti_peer.peerwork import (
    allocations,
    feedback,
    flags,
    meetings,
    needs,
    phases,
    scores,
    submissions,
)
from lti_peer.previews import models as previews
from xapi.lrs.models import METADATA as RECORDS

MODULES = (
    *(models, visit, endpoints, outbox, grades, rosters, groups, copies, audit),
    *(jobs, launches, invitations, deployments, tokens, checks, notices),
    *(phases, submissions, needs, allocations, feedback, meetings, scores, flags),
    *(registry, administration, goals, previews),
)
"""The modules that define tables, a kind's by the register; a test finds one that is missing."""

METADATA = (Base.metadata, RECORDS)
"""The tool's tables, and the embedded record store's."""
