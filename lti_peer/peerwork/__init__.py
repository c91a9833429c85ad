"""The shared nouns: phases, submissions, allocations, feedback, meetings, scores, flags."""
